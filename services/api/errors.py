"""What each named failure of a use case is answered with: one place, problem details, never a 500."""

from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.api.live_lists import TooManyListenersError
from services.api.metrics import ApiMetrics
from services.api.use_cases.read_article import ArticleRetractedError, ArticleUnknownError
from shared.api_keys.authenticate import AuthenticationError, MissingKeyError, MissingScopeError
from shared.api_keys.ports import ApiKeyStoreError
from shared.http.problems import Fault, ProblemError, problem_response
from shared.journal.ports import JournalUnavailableError
from shared.search.ports import CursorError, IndexUnavailableError
from shared.search.query_language import QuerySyntaxError
from shared.views.ports import ViewsUnavailableError

# Long enough for a restart to get on, short enough that a reader is still there.
RETRY_AFTER_HEADERS: Final = {"Retry-After": "5"}

_ANSWERED: Final[tuple[type[Exception], ...]] = (
    QuerySyntaxError,
    CursorError,
    ArticleUnknownError,
    ArticleRetractedError,
    AuthenticationError,
    MissingScopeError,
    TooManyListenersError,
)
# Exception -> (name in metrics and problem types, what the reader is told).
_UNAVAILABLE: Final[dict[type[Exception], tuple[str, str]]] = {
    IndexUnavailableError: ("index", "the search index cannot answer now"),
    ViewsUnavailableError: ("views", "the view counters cannot answer now"),
    JournalUnavailableError: ("journal", "the journal cannot answer now"),
    ApiKeyStoreError: ("keys", "API keys cannot be checked now"),
}

_log = structlog.get_logger(__name__)


def install_error_answers(app: FastAPI, metrics: ApiMetrics) -> None:
    """Answer the use cases' exceptions with problem details."""

    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return _no_store(_problem_of(error))

    async def unavailable(request: Request, error: Exception) -> JSONResponse:
        name, detail = next(told for kind, told in _UNAVAILABLE.items() if isinstance(error, kind))
        _log.warning("dependency.unavailable", dependency=name, path=request.url.path, error=str(error))
        metrics.unavailable.labels(name).inc()
        return _no_store(
            ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, f"{name}-unavailable", detail, headers=RETRY_AFTER_HEADERS)
        )

    for kind in _ANSWERED:
        app.add_exception_handler(kind, answer)
    for kind in _UNAVAILABLE:
        app.add_exception_handler(kind, unavailable)


def _problem_of(error: Exception) -> ProblemError:
    match error:
        case QuerySyntaxError():
            fault = Fault(loc=["query", "q", error.position], msg=str(error), type="query_syntax")
            detail = f"q, character {error.position}: {error}"
            return ProblemError(HTTPStatus.BAD_REQUEST, "query-syntax", detail, errors=[fault])
        case CursorError():
            fault = Fault(loc=["query", "cursor"], msg=str(error), type="cursor")
            return ProblemError(HTTPStatus.BAD_REQUEST, "cursor", f"cursor: {error}", errors=[fault])
        case ArticleUnknownError():
            return ProblemError(HTTPStatus.NOT_FOUND, "article-unknown", str(error))
        case ArticleRetractedError():
            return ProblemError(HTTPStatus.GONE, "article-retracted", str(error))
        case AuthenticationError():
            slug = "key-missing" if isinstance(error, MissingKeyError) else "key-invalid"
            challenge = {"WWW-Authenticate": 'Bearer realm="khobor"'}
            return ProblemError(HTTPStatus.UNAUTHORIZED, slug, str(error), headers=challenge)
        case MissingScopeError():
            return ProblemError(HTTPStatus.FORBIDDEN, "scope-missing", str(error))
        case TooManyListenersError():
            return ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too-many-listeners", str(error), headers=RETRY_AFTER_HEADERS
            )
        case _:
            raise error


def _no_store(error: ProblemError) -> JSONResponse:
    return problem_response(error.problem, {"Cache-Control": "no-store", **error.headers})
