"""The publishers' door, put together."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from services.ingest import openapi
from services.ingest.accept import Acceptor
from services.ingest.bots import AgentJudge
from services.ingest.cross_origin import CrossOrigin
from services.ingest.fast_path import FastPathApi, FastRoute, FastRouteContext
from services.ingest.group_commit import CommitPolicy, GroupCommit
from services.ingest.high_water import HighWater, Marks
from services.ingest.metrics import IngestMetrics
from services.ingest.ports import IngestPorts, redis_ports
from services.ingest.rate_limits import AddressRate, KeyRate, LocalRateLimiter, RateLimiter, RedisRateLimiter
from services.ingest.refusals import REFUSALS, Refusals
from services.ingest.routes import articles, events, pages, views
from services.ingest.settings import IngestSettings
from services.ingest.state import IngestState
from services.ingest.view_records import ViewRecorder
from services.ingest.visitors import Visitors
from shared.api_keys.authenticate import Authenticator
from shared.http.body import BodyReader
from shared.http.health import health_router
from shared.http.observe import HttpMetrics, ObserveMiddleware
from shared.http.problems import Problem, install_problem_handlers, problem_response
from shared.keys import StreamKind
from shared.metrics import process_registry

_DESCRIPTION: Final = (
    "Publishers send articles and views here. 202 means: on disk. Sending the same event again is safe. "
    "Errors are RFC 9457 problem details."
)


def create_app(settings: IngestSettings, ports: IngestPorts | None = None) -> FastAPI:
    """The whole application; without `ports`, on Redis as the settings say."""
    return _Door(settings, ports or redis_ports(settings)).build()


class _Door:
    """Holds what the parts share while they are put together."""

    def __init__(self, settings: IngestSettings, ports: IngestPorts) -> None:
        self._settings = settings
        self._ports = ports
        self._registry: CollectorRegistry = process_registry()
        self._http_metrics = HttpMetrics(self._registry)
        self._metrics = IngestMetrics(self._registry)
        self._refusals = Refusals(retry_after=settings.retry_after)
        self._authenticator = Authenticator(
            ports.api_keys, now=ports.now, monotonic=time.monotonic, remember=settings.key_cache
        )
        self._visitors = Visitors(AgentJudge(), trusted_proxies=settings.trusted_proxies)
        self._high_water = HighWater(
            ports.gauge,
            entries={
                StreamKind.ARTICLES: Marks(settings.high_water_articles, settings.low_water_articles),
                StreamKind.BACKFILL: Marks(settings.high_water_backfill, settings.low_water_backfill),
                StreamKind.VIEWS: Marks(settings.high_water_views, settings.low_water_views),
            },
            memory=Marks(settings.high_water_memory, settings.low_water_memory),
            interval=settings.high_water_interval,
            metrics=self._metrics,
        )
        self._limiter = self._rate_limiter()
        self._key_rate = KeyRate(self._limiter, settings.key_rate)
        self._commit = GroupCommit(
            ports.appender,
            CommitPolicy(
                wait=settings.commit_wait,
                max_queued_items=settings.commit_queue_items,
                max_queued_bytes=settings.commit_queue_bytes,
                budget=settings.commit_budget,
            ),
            self._metrics,
            partitions=settings.partitions,
        )
        self._acceptor = Acceptor(
            commit=self._commit,
            high_water=self._high_water,
            recorder=ViewRecorder(settings.viewer_secret.get_secret_value().encode()),
            partitions=settings.partitions,
            now=ports.now,
        )

    def build(self) -> FastAPI:
        app = FastPathApi(
            title="Khobor: publishers' door",
            version=version("khobor"),
            description=_DESCRIPTION,
            lifespan=self._lifespan,
            fast_schemas=openapi.schemas,
        )
        app.state.ingest = IngestState(
            acceptor=self._acceptor,
            authenticator=self._authenticator,
            key_rate=self._key_rate,
            trail=self._ports.trail,
            article_reader=self._body_reader(self._settings.article_limit),
            page_reader=self._body_reader(self._settings.body_limit),
            now=self._ports.now,
        )
        app.add_middleware(ObserveMiddleware, metrics=self._http_metrics)
        install_problem_handlers(app, self._count_refusal)
        for refusal in REFUSALS:
            app.add_exception_handler(refusal, self._refuse)
        for route in self._fast_routes():
            app.add_fast_route(route)
        app.include_router(articles.router)
        app.include_router(pages.router)
        app.include_router(health_router(self._ports.checks, self._registry, optional=self._ports.optional_checks))
        return app

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        await self._ports.open()
        await self._high_water.poll()
        polling = asyncio.create_task(self._high_water.poll_forever())
        try:
            yield
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
            # The server has answered its requests by now; what a timed-out one left behind is still committed.
            await self._commit.close()
            await self._limiter.close()
            await self._ports.close()

    def _fast_routes(self) -> Iterator[FastRoute]:
        context = FastRouteContext(self._refusals, self._http_metrics, self._count_refusal)
        body_reader = self._body_reader(self._settings.body_limit)
        post_events = events.PostEvents(
            acceptor=self._acceptor,
            authenticator=self._authenticator,
            visitors=self._visitors,
            body_reader=body_reader,
            max_items=self._settings.batch_limit,
            max_event_bytes=self._settings.article_limit,
            key_rate=self._key_rate,
        )
        yield FastRoute("POST", events.PATH, post_events, context, operation=openapi.post_events())
        # Browsers ask before they send JSON to another site; nothing but views may come from there.
        cors = CrossOrigin(self._settings.cors_origins)
        door = views.ViewsDoor(
            acceptor=self._acceptor,
            authenticator=self._authenticator,
            visitors=self._visitors,
            address_rate=AddressRate(self._limiter, self._settings.views_rate),
            key_rate=self._key_rate,
        )
        post_views = views.PostViews(door, body_reader=body_reader, max_items=self._settings.batch_limit)
        yield FastRoute("POST", views.PATH, post_views, context, operation=openapi.post_views(), cors=cors)
        get_gif = views.GetViewsGif(door)
        yield FastRoute("GET", views.GIF_PATH, get_gif, context, operation=openapi.get_views_gif(), cors=cors)

    def _rate_limiter(self) -> RateLimiter:
        url = self._settings.rate_redis_url
        return LocalRateLimiter() if url is None else RedisRateLimiter(url.get_secret_value(), self._metrics)

    def _body_reader(self, max_bytes: int) -> BodyReader:
        return BodyReader(max_bytes=max_bytes, timeout=self._settings.body_timeout)

    async def _refuse(self, _request: Request, error: Exception) -> Response:
        refusal = self._refusals.problem_of(error)
        self._count_refusal(refusal.problem)
        return problem_response(refusal.problem, refusal.headers)

    def _count_refusal(self, problem: Problem) -> None:
        self._metrics.refused.labels(problem.type.rpartition(":")[2]).inc()
