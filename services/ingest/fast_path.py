"""Routes for events and views, beside FastAPI rather than behind it.

A waiting request behind FastAPI hangs in some 25 frames of middleware, which the event loop walks again on every
step; a bare ASGI route accepts two to four times as many events. These routes keep to the same manners: request
ids, metrics, problem details, OpenAPI.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ingest.refusals import REFUSALS, Refusals
from shared.http.observe import CLIENT_CLOSED, REQUEST_ID_HEADER, HttpMetrics, request_id_of
from shared.http.problems import Problem, ProblemError, problem_response, unexpected_problem

_log = structlog.get_logger(__name__)

_REQUEST_ID: Final = REQUEST_ID_HEADER.lower().encode()
# Refusals that come in floods; their counters tell enough.
_NOT_LOGGED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class FastRequest:
    """`headers` has names in lower case; of a repeated header the last value counts."""

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes]
    request_id: str

    def header(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


@dataclass(frozen=True, slots=True)
class FastAnswer:
    status: int
    body: bytes
    media_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[FastRequest], Awaitable[FastAnswer]]


class FastRoute:
    """One method at one path. `operation` is its description in OpenAPI."""

    def __init__(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        operation: Mapping[str, Any],
        refusals: Refusals,
        metrics: HttpMetrics,
        on_problem: Callable[[Problem], None],
    ) -> None:
        self.method = method
        self.path = path
        self.operation = operation
        self._handler = handler
        self._refusals = refusals
        self._record = metrics.recorder(method, path)
        self._on_problem = on_problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = FastRequest(scope, receive, dict(scope["headers"]), request_id_of(scope))
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            self._record(CLIENT_CLOSED, time.perf_counter() - started)
            return
        except ProblemError as error:
            await self._refuse(request, error, send)
            status = error.problem.status
        else:
            status = answer.status
            head = [
                (b"content-type", answer.media_type),
                (b"content-length", b"%d" % len(answer.body)),
                (_REQUEST_ID, request.request_id.encode()),
                *answer.headers,
            ]
            await send({"type": "http.response.start", "status": status, "headers": head})
            await send({"type": "http.response.body", "body": answer.body})
        self._record(status, time.perf_counter() - started)

    async def _answer(self, request: FastRequest) -> FastAnswer:
        if request.scope["method"] != self.method:
            raise ProblemError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"{request.scope['method']} is not allowed at {self.path}",
                headers={"Allow": self.method},
            )
        try:
            return await self._handler(request)
        except REFUSALS as error:
            raise self._refusals.problem_of(error) from error
        except (ProblemError, ClientDisconnect):
            raise
        except Exception:  # noqa: BLE001 - the outermost frame of a request
            _log.exception("request.failed", path=self.path, method=self.method, request_id=request.request_id)
            problem = unexpected_problem()
            raise ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", problem.detail) from None

    async def _refuse(self, request: FastRequest, error: ProblemError, send: Send) -> None:
        problem = error.problem
        self._on_problem(problem)
        if problem.status not in _NOT_LOGGED:
            _log.info(
                "request.refused",
                path=self.path,
                status=problem.status,
                reason=problem.type,
                request_id=request.request_id,
            )
        response = problem_response(problem, {**error.headers, REQUEST_ID_HEADER: request.request_id})
        await response(request.scope, request.receive, send)


class FastPathApi(FastAPI):
    """A FastAPI application with fast routes beside it, by their exact paths and in the same OpenAPI document."""

    def __init__(self, *, fast_schemas: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self._fast_routes: dict[str, ASGIApp] = {}
        self._fast_operations: dict[str, dict[str, Any]] = {}
        self._fast_schemas = fast_schemas

    def add_fast_route(self, route: FastRoute, app: ASGIApp | None = None) -> None:
        """Serve `route`, or `app` that wraps it."""
        self._fast_routes[route.path] = app or route
        self._fast_operations[route.path] = {route.method.lower(): route.operation}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._fast_routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await super().__call__(scope, receive, send)
        else:
            await route(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """FastAPI's document with the fast routes and their schemas in it."""
        document = super().openapi()
        document["paths"].update(self._fast_operations)
        document["components"]["schemas"].update(self._fast_schemas)
        return document
