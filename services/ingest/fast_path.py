"""Routes for events and views, beside FastAPI rather than behind it.

A waiting request behind FastAPI hangs in some 25 frames of middleware, which the event loop walks again on every
step; a bare ASGI route accepts two to four times as many events. These routes keep to the same manners: request
ids, metrics, problem details, OpenAPI.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import structlog
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from services.ingest.cross_origin import CrossOrigin
from services.ingest.refusals import REFUSALS, Refusals
from shared.http.observe import CLIENT_CLOSED, REQUEST_ID_HEADER, HttpMetrics, sane_request_id
from shared.http.problems import Problem, ProblemError, problem_response, unexpected_problem

_log = structlog.get_logger(__name__)

_REQUEST_ID: Final = REQUEST_ID_HEADER.lower().encode()
# Refusals that come in floods; their counters tell enough.
_NOT_LOGGED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class FastRequest(NamedTuple):
    """`headers` has names in lower case; of a repeated header the last value counts."""

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes]
    request_id: str

    def header(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


class FastAnswer:
    """An answer whose head is made once, so that a constant one costs nothing."""

    __slots__ = ("body", "head", "status")

    def __init__(
        self,
        status: int,
        body: bytes,
        media_type: bytes = b"application/json",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self.status = status
        self.body = body
        self.head = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers]


Handler = Callable[[FastRequest], Awaitable[FastAnswer]]


@dataclass(frozen=True, slots=True)
class FastRouteContext:
    """What all fast routes of a door share."""

    refusals: Refusals
    metrics: HttpMetrics
    on_problem: Callable[[Problem], None]


class FastRoute:
    """One method at one path. `operation` is its description in OpenAPI; `cors` says which pages may call it."""

    def __init__(
        self,
        method: str,
        path: str,
        handler: Handler,
        context: FastRouteContext,
        *,
        operation: Mapping[str, Any],
        cors: CrossOrigin | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.operation = operation
        self._handler = handler
        self._context = context
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request = FastRequest(scope, receive, headers, sane_request_id(headers.get(b"x-request-id")))
        origin = headers.get(b"origin") if self._cors is not None else None
        if origin is not None and self._cors is not None:
            if self._cors.is_preflight(scope, headers):
                await self._cors.preflight(scope, receive, send)
                return
            send = self._cors.allowing(origin, send)
        handler = self._handler if scope["method"] == self.method else self._refuse_method
        try:
            answer = await handler(request)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception as error:  # noqa: BLE001 - the outermost frame of a request
            status = await self._refuse(request, error, send)
        else:
            status = answer.status
            head = [*answer.head, (_REQUEST_ID, request.request_id.encode())]
            await send({"type": "http.response.start", "status": status, "headers": head})
            await send({"type": "http.response.body", "body": answer.body})
        self._context.metrics.record(
            method=self.method, route=self.path, status=status, seconds=time.perf_counter() - started
        )

    async def _refuse_method(self, request: FastRequest) -> FastAnswer:
        raise ProblemError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method-not-allowed",
            f"{request.scope['method']} is not allowed at {self.path}",
            headers={"Allow": self.method},
        )

    async def _refuse(self, request: FastRequest, error: Exception, send: Send) -> int:
        refusal = self._refusal_of(request, error)
        problem = refusal.problem
        self._context.on_problem(problem)
        if problem.status not in _NOT_LOGGED:
            _log.info(
                "request.refused",
                path=self.path,
                status=problem.status,
                reason=problem.type,
                request_id=request.request_id,
            )
        response = problem_response(problem, {**refusal.headers, REQUEST_ID_HEADER: request.request_id})
        await response(request.scope, request.receive, send)
        return problem.status

    def _refusal_of(self, request: FastRequest, error: Exception) -> ProblemError:
        if isinstance(error, ProblemError):
            return error
        if isinstance(error, REFUSALS):
            return self._context.refusals.problem_of(error)
        _log.error("request.failed", path=self.path, method=self.method, request_id=request.request_id, exc_info=error)
        return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", unexpected_problem().detail)


class FastPathApi(FastAPI):
    """A FastAPI application with fast routes beside it, by their exact paths and in the same OpenAPI document."""

    def __init__(self, *, fast_schemas: Callable[[], Mapping[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        self._fast_routes: dict[str, FastRoute] = {}
        self._fast_operations: dict[str, dict[str, Any]] = {}
        self._fast_schemas = fast_schemas

    def add_fast_route(self, route: FastRoute) -> None:
        self._fast_routes[route.path] = route
        self._fast_operations[route.path] = {route.method.lower(): route.operation}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._fast_routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await super().__call__(scope, receive, send)
        else:
            await route(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """FastAPI's document with the fast routes and their schemas in it."""
        known = self.openapi_schema
        document = super().openapi()
        if document is known:
            return document
        document["paths"].update(self._fast_operations)
        document["components"]["schemas"].update(self._fast_schemas())
        return document
