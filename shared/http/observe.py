"""What every request leaves behind: a request id, one log line, two metrics. A plain ASGI middleware."""

import re
import time
from collections.abc import Callable
from random import getrandbits
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_response, unexpected_problem

REQUEST_ID_HEADER: Final = "X-Request-ID"
_SANE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# Probes and scrapes every few seconds would drown the lines that matter.
_QUIET_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})

# nginx's code for a client that left before its answer; it is only ever seen in logs and metrics.
CLIENT_CLOSED: Final = 499

_log = structlog.get_logger("khobor.http")


class HttpMetrics:
    """Request counters and durations by route template, so that ids in paths make no new series."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "khobor_http_requests_total", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "khobor_http_request_seconds",
            "Time from the request's head to the end of the answer.",
            ["route"],
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )

    def record(self, *, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def recorder(self, method: str, route: str) -> Callable[[int, float], None]:
        """`record` for one route, with the series looked up once: for routes that answer thousands a second."""
        requests: dict[int, Counter] = {}
        durations = self._seconds.labels(route)

        def record(status: int, seconds: float) -> None:
            series = requests.get(status)
            if series is None:
                series = requests[status] = self._requests.labels(method, route, str(status))
            series.inc()
            durations.observe(seconds)

        return record


class ObserveMiddleware:
    """Give each request its id, bind it to the logs, answer it in `X-Request-ID`, log and measure the request."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except ClientDisconnect:
                status = CLIENT_CLOSED
            except Exception:
                # Outside of this middleware the answer would lack its request id.
                _log.exception("request.failed", path=scope["path"], method=scope["method"])
                if status:
                    raise
                await problem_response(unexpected_problem())(scope, receive, send_with_id)
            finally:
                self._finish(scope, status or 500, time.perf_counter() - started)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.record(method=method, route=route, status=status, seconds=seconds)
        if scope["path"] not in _QUIET_PATHS:
            _log.info(
                "request.done", method=method, path=scope["path"], status=status, milliseconds=round(seconds * 1000, 1)
            )


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


def request_id_of(scope: Scope) -> str:
    """The request id that the client gave, if it is sane; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return sane_request_id(value)
    return sane_request_id(None)


def sane_request_id(given: bytes | None) -> str:
    """`given`, if it can go into headers and logs; else a new id."""
    if given is not None:
        request_id = given.decode("latin-1")
        if _SANE_REQUEST_ID.fullmatch(request_id):
            return str(request_id)
    # It has to be unique, not secret: no system call for each request.
    return f"{getrandbits(128):032x}"
