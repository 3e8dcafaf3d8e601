"""Searches that somebody may want the next page of: bounded, and forgotten after some minutes."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final, NamedTuple

from shared.search.embedded.ranked import RankedHits
from shared.search.ports import CursorError

SNAPSHOT_SECONDS: Final = 300.0
# Each holds some hundred hits, about 50 kB, and keeps files alive that merges have replaced.
MOST_SNAPSHOTS: Final = 256


class Snapshot(NamedTuple):
    """`step` is the step of the query's plan that found the hits."""

    ranked: RankedHits
    step: int


class Snapshots:
    """`clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Snapshot]] = OrderedDict()
        self._lock = Lock()

    def keep(self, snapshot: Snapshot) -> str:
        """A name to get it back by."""
        name = secrets.token_urlsafe(9)
        now = self._clock()
        with self._lock:
            self._kept[name] = (now + SNAPSHOT_SECONDS, snapshot)
            while self._kept and (len(self._kept) > MOST_SNAPSHOTS or next(iter(self._kept.values()))[0] < now):
                self._kept.popitem(last=False)
        return name

    def get(self, name: str) -> Snapshot:
        """Raises CursorError when it is not kept any more. Whoever goes on reading gets more time."""
        now = self._clock()
        with self._lock:
            until, snapshot = self._kept.get(name, (0.0, None))
            if snapshot is None or until < now:
                self._kept.pop(name, None)
                raise CursorError("this cursor has expired; start the search again")
            self._kept[name] = (now + SNAPSHOT_SECONDS, snapshot)
            self._kept.move_to_end(name)
        return snapshot
