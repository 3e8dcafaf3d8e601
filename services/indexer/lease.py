"""One drain's turn at a stream: take the lease, hold it, give it back."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from shared.journal.limits import LEASE_TIME
from shared.journal.model import Entry, StreamId
from shared.journal.ports import Doorbell, JournalDrain, JournalUnavailableError

_log = structlog.get_logger(__name__)

# A step that takes longer hangs, although every client has its time-out: then another worker may try.
_LONGEST_STEP: Final = timedelta(minutes=1)
# An outage or a stray fault costs an entry a delivery or two; what was handed out more often may be what kills.
_UNSUSPECTED_DELIVERIES: Final = 2


class Steps:
    """Which steps of a process run at a time: any number together, or one alone.

    An entry that kills its worker also kills what the worker's other threads are at. Were it tried again and again
    beside the same neighbours, they would seem to kill workers as well and end in the dead letters with it.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running = 0
        self._waiting_alone = 0
        self._is_one_alone = False

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._change:
            self._change.wait_for(lambda: not self._is_one_alone and not self._waiting_alone)
            self._running += 1
        try:
            yield
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits for the steps that run; new ones wait for this one."""
        with self._change:
            self._waiting_alone += 1
            self._change.wait_for(lambda: not self._is_one_alone and not self._running)
            self._waiting_alone -= 1
            self._is_one_alone = True
        try:
            yield
        finally:
            with self._change:
                self._is_one_alone = False
                self._change.notify_all()


class LeaseKeeper:
    """Prolongs the leases of steps that are under way, so that a slow index is not taken for a dead worker.

    One daemon thread for all drains of a process, which a killed or frozen process takes with it. `every` well below
    the time of a lease; `monotonic` is a clock in seconds.
    """

    def __init__(
        self, journal: JournalDrain, *, monotonic: Callable[[], float], every: timedelta = LEASE_TIME / 3
    ) -> None:
        self._journal = journal
        self._monotonic = monotonic
        self._every = every.total_seconds()
        self._held: dict[tuple[StreamId, str], float] = {}
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, stream: StreamId, owner: str) -> Iterator[None]:
        """Until the block ends; after that nothing is prolonged any more."""
        with self._lock:
            self._held[stream, owner] = self._monotonic() + _LONGEST_STEP.total_seconds()
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_for_ever, name="lease-keeper", daemon=True)
                self._thread.start()
            self._lock.notify()
        try:
            yield
        finally:
            with self._lock:
                del self._held[stream, owner]

    def _keep_for_ever(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._held)
            # Most steps are over before this is.
            threading.Event().wait(self._every)
            with self._lock:
                self._prolong_all()

    def _prolong_all(self) -> None:
        now = self._monotonic()
        try:
            for (stream, owner), until in self._held.items():
                if now < until:
                    self._journal.renew(stream, owner)
        except JournalUnavailableError as error:
            # The others would wait for the same time-out.
            _log.warning("leases.not_prolonged", reason=str(error))


class Turn:
    """Hands out a stream's entries to one drain while it holds the lease.

    `monotonic` is a clock in seconds. After `budget`, or when the process is told to stop, the turn ends with a fresh
    ticket: a full partition keeps no worker thread from the others, and no worker from its end.
    """

    def __init__(
        self,
        journal: JournalDrain,
        doorbell: Doorbell,
        keeper: LeaseKeeper,
        steps: Steps,
        *,
        budget: timedelta,
        monotonic: Callable[[], float],
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_stopping = is_stopping
        self._journal = journal
        self._doorbell = doorbell
        self._keeper = keeper
        self._steps = steps
        self._budget = budget.total_seconds()
        self._monotonic = monotonic

    def batches(self, stream: StreamId, count: int) -> Generator[list[Entry], None, None]:
        """Yield batches until the stream is empty, the turn is over or the lease is lost.

        The caller settles a batch before it asks for the next one. Closing the iterator early (an outage)
        gives the lease back and leaves what is not settled to a later turn.
        """
        owner = uuid4().hex
        if not self._journal.acquire(stream, owner):
            # Whoever holds the lease looks again before it gives it back, in one step: nothing is left behind.
            return
        deadline = self._monotonic() + self._budget
        finished = False
        try:
            while self._journal.renew(stream, owner):
                with self._keeper.keeping(stream, owner):
                    found = yield from self._step(stream, count)
                if not found and self._journal.release(stream, owner, only_if_empty=True):
                    finished = True
                    return
                if self._monotonic() >= deadline or self._is_stopping():
                    self._journal.release(stream, owner, only_if_empty=False)
                    finished = True
                    self._doorbell.ring(stream)
                    return
            finished = True
        finally:
            if not finished:
                self._journal.release(stream, owner, only_if_empty=False)

    def _step(self, stream: StreamId, count: int) -> Generator[list[Entry], None, bool]:
        """Yield one batch; False when there is none."""
        with self._steps.together():
            entries = self._journal.read(stream, count)
            if entries and not _is_suspect(entries):
                yield entries
        if entries and _is_suspect(entries):
            # Not tried yet, so that a death while it waits for the others does not count.
            self._journal.forgive(stream, entries)
            with self._steps.alone():
                entries = self._journal.read(stream, count)
                if entries:
                    yield entries
        return bool(entries)


def _is_suspect(entries: Sequence[Entry]) -> bool:
    return any(entry.deliveries > _UNSUSPECTED_DELIVERIES for entry in entries)
