"""What every request leaves behind: a request id, one log line, two metrics. A plain ASGI middleware."""

import re
import time
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from random import getrandbits
from typing import Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
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

# Upper bounds of the buckets of durations, in seconds.
_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_log = structlog.get_logger("khobor.http")


class HttpMetrics(Collector):
    """Request counters and durations by route template, so that ids in paths make no new series.

    The library's own counters take a lock for each of two updates, 4 µs a request; these belong to one event loop
    and are put into the library's form when they are scraped.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests: dict[tuple[str, str, int], int] = {}
        self._durations: dict[str, _Durations] = {}
        registry.register(self)

    def record(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; only from the event loop."""
        series = (method, route, status)
        self._requests[series] = self._requests.get(series, 0) + 1
        durations = self._durations.get(route)
        if durations is None:
            durations = self._durations[route] = _Durations()
        durations.observe(seconds)

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        requests = CounterMetricFamily(
            "khobor_http_requests", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, route, status), count in self._requests.items():
            requests.add_metric([method, route, str(status)], count)
        seconds = HistogramMetricFamily(
            "khobor_http_request_seconds", "Time from the request's head to the end of the answer.", labels=["route"]
        )
        for route, durations in self._durations.items():
            seconds.add_metric([route], durations.buckets(), durations.total)
        return (requests, seconds)


class _Durations:
    """A histogram of seconds."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        bounds = [*map(str, _BOUNDS), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))


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
                status = int(message["status"])
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
