"""How long a stream that is not empty stood still: the time that the worst of the faults cost."""

import time
from collections.abc import Callable
from typing import Final

import redis

from shared.keys import PartitionKeys, StreamKind
from tests.chaos.stack import PARTITIONS
from tests.support.valkey import ValkeyServer

_EVERY: Final = 0.2
# Longer ones are written into the log of faults.
_WORTH_NOTING: Final = 8.0

# Backfill is left out: it stands still while live news comes in.
_STREAMS: Final = tuple(
    PartitionKeys(partition).stream(kind)
    for partition in range(PARTITIONS)
    for kind in (StreamKind.ARTICLES, StreamKind.VIEWS)
)


class StandstillWatch:
    """Looks at the first entry of each stream; `longest` is how long the same one was first, in seconds."""

    def __init__(self, server: ValkeyServer, note: Callable[[str], object]) -> None:
        self._server = server
        self._note = note
        self._first: dict[str, tuple[bytes, float]] = {}
        self._next_look = 0.0
        self.longest = 0.0

    def look(self, *, is_expected: bool) -> None:
        """`is_expected`: the server is broken on purpose, so it is not asked, and time goes on."""
        now = time.monotonic()
        if is_expected or now < self._next_look:
            return
        self._next_look = now + _EVERY
        with self._server.client() as client:
            pipeline = client.pipeline(transaction=False)
            for stream in _STREAMS:
                pipeline.xrange(stream, count=1)
            try:
                answers = pipeline.execute()
            except redis.RedisError:
                return
        for stream, entries in zip(_STREAMS, answers, strict=True):
            self._see(stream, entries[0][0] if entries else None, now)

    def _see(self, stream: str, first: bytes | None, now: float) -> None:
        known = self._first.get(stream)
        if known is not None and first != known[0]:
            stood = now - known[1]
            self.longest = max(self.longest, stood)
            if stood > _WORTH_NOTING:
                self._note(f"{stream} stood still for {stood:.1f} s")
            del self._first[stream]
        if first is not None:
            self._first.setdefault(stream, (first, now))
