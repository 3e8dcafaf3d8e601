"""The circuit breaker in front of the search index, shared by all workers."""

import random
from datetime import timedelta
from typing import Final, Protocol

import redis

from shared.keys import CIRCUIT, CIRCUIT_FAILURES

FIRST_WAIT: Final = timedelta(seconds=0.5)
LONGEST_WAIT: Final = timedelta(seconds=30)
MOST_JITTER: Final = 0.25
# After the longest wait a probe must still be able to find the failures counted so far.
_FAILURES_TTL: Final = timedelta(minutes=10)


def waiting_time(failures: int, *, jitter: float) -> timedelta:
    """0.5 s · 2^(failures - 1), at most 30 s, times 1 + `jitter`.

    `jitter` in [0, 0.25) spreads the probes of several workers.
    """
    doubled = FIRST_WAIT * int(2 ** min(failures - 1, 10))
    return min(doubled, LONGEST_WAIT) * (1 + jitter)


class Circuit(Protocol):
    """Open: leave the index alone, the journal keeps everything. Closed: work."""

    def open_reason(self) -> str | None:
        """Why the circuit is open; None when it is closed."""
        ...

    def fail(self, reason: str) -> timedelta:
        """Open it; returns for how long."""
        ...

    def succeed(self) -> None: ...


class RedisCircuit:
    """A key that expires by itself: the first drain after that is the probe."""

    def __init__(self, client: redis.Redis, *, random_source: random.Random) -> None:
        self._client = client
        self._random = random_source

    def open_reason(self) -> str | None:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.get(CIRCUIT)
        pipeline.pttl(CIRCUIT)
        reason, milliseconds = pipeline.execute()
        # What would stay open longer than ever dates from before the server's clock was put back.
        if not isinstance(reason, bytes) or milliseconds > LONGEST_WAIT.total_seconds() * 1_000 * (1 + MOST_JITTER):
            return None
        return reason.decode(errors="replace")

    def fail(self, reason: str) -> timedelta:
        failures = int(self._client.incr(CIRCUIT_FAILURES))
        wait = waiting_time(failures, jitter=self._random.uniform(0, MOST_JITTER))
        pipeline = self._client.pipeline(transaction=True)
        pipeline.expire(CIRCUIT_FAILURES, _FAILURES_TTL)
        pipeline.set(CIRCUIT, reason[:500], px=wait)
        pipeline.execute()
        return wait

    def succeed(self) -> None:
        self._client.delete(CIRCUIT, CIRCUIT_FAILURES)
