"""One drain's turn at a stream: take the lease, hold it, give it back."""

from collections.abc import Callable, Generator
from datetime import timedelta
from uuid import uuid4

from shared.journal.model import Entry, StreamId
from shared.journal.ports import Doorbell, JournalDrain


class Turn:
    """Hands out a stream's entries to one drain while it holds the lease.

    `monotonic` is a clock in seconds. After `budget` the turn ends with a fresh ticket, so that a full partition
    does not keep a worker thread from the others.
    """

    def __init__(
        self, journal: JournalDrain, doorbell: Doorbell, *, budget: timedelta, monotonic: Callable[[], float]
    ) -> None:
        self._journal = journal
        self._doorbell = doorbell
        self._budget = budget.total_seconds()
        self._monotonic = monotonic

    def batches(self, stream: StreamId, count: int) -> Generator[list[Entry], None, None]:
        """Yield batches until the stream is empty, the budget is spent or the lease is lost.

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
                entries = self._journal.read(stream, count)
                if entries:
                    yield entries
                elif self._journal.release(stream, owner, only_if_empty=True):
                    finished = True
                    return
                if self._monotonic() >= deadline:
                    self._journal.release(stream, owner, only_if_empty=False)
                    finished = True
                    self._doorbell.ring(stream)
                    return
            finished = True
        finally:
            if not finished:
                self._journal.release(stream, owner, only_if_empty=False)
