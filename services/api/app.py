"""The readers' door as one ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from services.api.application import Application, build_application
from services.api.errors import install_error_answers
from services.api.middleware import AddHeaders, AnswerHead, CompressPages, security_headers
from services.api.ports import ApiPorts
from services.api.routes.analyze import analyze_routes
from services.api.routes.articles import article_routes
from services.api.routes.feeds import feed_routes
from services.api.routes.pages import page_routes
from services.api.routes.reference import reference_routes
from services.api.routes.search import search_routes
from services.api.routes.stats import stats_routes
from services.api.routes.trending import trending_routes
from services.api.settings import ApiSettings
from services.api.web.assets import Assets
from services.api.web.render import Pages
from shared.http.health import health_router
from shared.http.observe import HttpMetrics, ObserveMiddleware
from shared.http.problems import install_problem_handlers
from shared.metrics import process_registry

_DESCRIPTION = """Search in Bengali news, and what readers read most.

Times are RFC 3339 with an offset. Errors are `application/problem+json` (RFC 9457). Lists carry an `ETag`; pages of
results follow each other by `next`, or by `Link: rel="next"`, and never skip or repeat an article while the index
changes.
"""


def create_app(settings: ApiSettings, ports: ApiPorts) -> FastAPI:
    """Put the application together. Connects to nothing by itself; `ports.close` is called when it ends."""
    registry = process_registry()
    application = build_application(settings, ports, registry)
    app = FastAPI(
        title="Khobor: readers' door",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan_of(application),
    )
    install_problem_handlers(app)
    install_error_answers(app, application.metrics)
    _add_routes(app, application)
    app.include_router(health_router(ports.required_checks, registry, optional=ports.optional_checks))
    # The last one added sees a request first.
    app.add_middleware(CompressPages)
    app.add_middleware(AnswerHead)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.api_cors_origins,
        allow_methods=["GET", "HEAD"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Retry-After", "X-Request-ID"],
        max_age=86_400,
    )
    app.add_middleware(AddHeaders, headers=security_headers(application.beacon_url))
    app.add_middleware(ObserveMiddleware, metrics=HttpMetrics(registry))
    return app


def _add_routes(app: FastAPI, application: Application) -> None:
    assets = Assets()
    pages = Pages(assets, application.ports.clock)
    app.include_router(search_routes(application))
    app.include_router(article_routes(application))
    app.include_router(trending_routes(application))
    app.include_router(feed_routes(application))
    app.include_router(stats_routes(application))
    app.include_router(analyze_routes(application))
    app.include_router(page_routes(application, pages))
    app.include_router(reference_routes(app, application, pages))
    app.include_router(assets.routes())


def _lifespan_of(application: Application) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = application.settings.api_threads
        yield
        await application.live_lists.close()
        await application.ports.close()

    return lifespan
