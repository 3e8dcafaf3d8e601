"""The circuit breaker in front of the search index, shared by all workers."""

import random
from datetime import timedelta
from typing import Final, Protocol

import redis

from shared.journal.redis_errors import journal_errors
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
    """Open: leave the index alone, the journal keeps everything. Closed: work.

    Every method raises JournalUnavailableError.
    """

    def open_reason(self) -> str | None:
        """Why the circuit is open; None when it is closed."""
        ...

    def fail(self, reason: str) -> timedelta | None:
        """Open it; returns for how long, and None when it is open already."""
        ...

    def succeed(self) -> bool:
        """Close it; returns whether there was a failure since it was last closed."""
        ...


class RedisCircuit:
    """A key that expires by itself: the first drain after that is the probe."""

    def __init__(self, client: redis.Redis, *, random_source: random.Random) -> None:
        self._client = client
        self._random = random_source

    def open_reason(self) -> str | None:
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            pipeline.get(CIRCUIT)
            pipeline.pttl(CIRCUIT)
            reason, milliseconds = pipeline.execute()
        # What would stay open longer than ever dates from before the server's clock was put back.
        if not isinstance(reason, bytes) or milliseconds > LONGEST_WAIT.total_seconds() * 1_000 * (1 + MOST_JITTER):
            return None
        return reason.decode(errors="replace")

    def fail(self, reason: str) -> timedelta | None:
        """Of the drains that fail at the same moment one opens it: they have seen one outage, not eight in a row."""
        with journal_errors():
            is_first = self._client.set(CIRCUIT, reason[:500], px=FIRST_WAIT, nx=True)
            if not is_first and self.open_reason() is not None:
                return None
            pipeline = self._client.pipeline(transaction=True)
            pipeline.incr(CIRCUIT_FAILURES)
            pipeline.expire(CIRCUIT_FAILURES, _FAILURES_TTL)
            wait = waiting_time(int(pipeline.execute()[0]), jitter=self._random.uniform(0, MOST_JITTER))
            self._client.set(CIRCUIT, reason[:500], px=wait)
        return wait

    def succeed(self) -> bool:
        with journal_errors():
            return bool(self._client.delete(CIRCUIT, CIRCUIT_FAILURES))
