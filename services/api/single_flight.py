"""A cache for answers that many readers want at once: bounded, expiring, and made by one of them for all."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from datetime import timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Entry(Generic[Value]):
    __slots__ = ("expires_at", "future")

    def __init__(self) -> None:
        self.future: Future[Value] = Future()
        self.expires_at = float("inf")


class SingleFlightCache(Generic[Key, Value]):
    """Keeps up to `max_entries` values for `keep_for`; the least recently asked for goes first.

    Whoever asks while a value is being made waits for it. A failure reaches everybody who waited for it and is
    not kept, so that an outage costs its time-out once and not once per reader. Safe for threads.
    """

    def __init__(self, keep_for: timedelta, *, max_entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = keep_for.total_seconds()
        self._max_entries = max_entries
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of `key`, made by `make` when there is none that is fresh; raises what `make` raises."""
        with self._lock:
            entry = self._entries.get(key)
            make_it = entry is None or self._clock() >= entry.expires_at
            if entry is None or make_it:
                entry = self._entries[key] = _Entry()
            self._entries.move_to_end(key)
            if len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
        if not make_it:
            return entry.future.result()
        return self._make(key, entry, make)

    def _make(self, key: Key, entry: _Entry[Value], make: Callable[[], Value]) -> Value:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                if self._entries.get(key) is entry:
                    del self._entries[key]
            entry.future.set_exception(error)
            raise
        entry.expires_at = self._clock() + self._seconds
        entry.future.set_result(value)
        return value
