"""How long an answer may take in all, however many requests to Elasticsearch it needs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from elastic_transport import ConnectionTimeout, Transport, TransportApiResponse

_ends_at: ContextVar[float | None] = ContextVar("elasticsearch_time_limit", default=None)


@contextmanager
def time_limit(limit: timedelta) -> Iterator[None]:
    """Requests of this thread get no more than what is left of `limit`; then they fail as if not answered in time."""
    token = _ends_at.set(time.monotonic() + limit.total_seconds())
    try:
        yield
    finally:
        _ends_at.reset(token)


class TimeLimitedTransport(Transport):
    """Keeps to `time_limit`; outside of one each request has its own time-out."""

    def perform_request(  # type: ignore[override] # the rest is passed on as it came
        self, method: str, target: str, *, request_timeout: float, **options: Any
    ) -> TransportApiResponse:
        ends_at = _ends_at.get()
        if ends_at is not None:
            request_timeout = min(request_timeout, ends_at - time.monotonic())
            if request_timeout <= 0:
                raise ConnectionTimeout("the time for the answer is used up")
        return super().perform_request(method, target, request_timeout=request_timeout, **options)
