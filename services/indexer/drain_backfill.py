"""Use case: bring events that may wait into the search index, in the gaps that live ones leave."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from services.indexer.drain_articles import DrainArticles
from shared.journal.model import StreamId
from shared.journal.ports import JournalDrain
from shared.keys import StreamKind

_LOOK_EVERY: Final = timedelta(milliseconds=20)
# A ticket for live events takes some milliseconds; after this time they wait for a thread.
_TICKET_TIME: Final = timedelta(milliseconds=100)
# Then one more batch, so that backfill never starves.
LONGEST_WAIT: Final = timedelta(seconds=1)


class DrainBackfill:
    """One thread of a process at most, in small batches, and after each of them live events go first.

    Two drains may apply events of the same article at the same time, which is safe: the index goes by version.
    """

    def __init__(
        self,
        *,
        journal: JournalDrain,
        drain_articles: DrainArticles,
        batch: int,
        budget: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal = journal
        self._drain_articles = drain_articles
        self._batch = batch
        self._budget = budget.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._running = threading.Lock()

    def run(self, partition: int) -> None:
        """Drain the partition, then the others that wait: their tickets found this process busy and ended."""
        if not self._running.acquire(blocking=False):
            return
        try:
            deadline = self._monotonic() + self._budget
            stream: StreamId | None = StreamId(StreamKind.BACKFILL, partition)
            while stream is not None and self._gives_way():
                if not self._drain_articles.run(stream, self._batch, may_go_on=self._gives_way):
                    # The index is gone, for the next stream as well.
                    return
                stream = self._next_after(stream) if self._monotonic() < deadline else None
        finally:
            self._running.release()

    def _gives_way(self) -> bool:
        """Wait while live events are being applied; False when they wait for a thread, which may be this one."""
        began = self._monotonic()
        while True:
            live = [one for one in self._journal.backlogs() if one.stream.kind is StreamKind.ARTICLES and one.entries]
            waited = self._monotonic() - began
            if waited >= _TICKET_TIME.total_seconds() and any(not backlog.leased for backlog in live):
                return False
            if not live or waited >= LONGEST_WAIT.total_seconds():
                return True
            self._sleep(_LOOK_EVERY.total_seconds())

    def _next_after(self, stream: StreamId) -> StreamId | None:
        """Another partition with backfill that nobody drains, in turn."""
        waiting = [
            backlog.stream
            for backlog in self._journal.backlogs()
            if backlog.stream.kind is stream.kind and backlog.entries and not backlog.leased
        ]
        later = [other for other in waiting if other.partition > stream.partition]
        return next(iter([*later, *(other for other in waiting if other.partition < stream.partition)]), None)
