"""Sends entries that can never be applied to the dead letters."""

import structlog

from services.indexer.metrics import IndexerMetrics
from shared.events import ArticlePublished, ArticleRetracted, version_of
from shared.journal.model import Entry, Outcome, StreamId
from shared.journal.ports import JournalDrain

_log = structlog.get_logger(__name__)


class Burial:
    """Moves one entry, counts it and says so in the log; its neighbours are not touched.

    Nothing happens to an entry that another drain has settled meanwhile.
    """

    def __init__(self, journal: JournalDrain, metrics: IndexerMetrics, *, max_deliveries: int) -> None:
        self._journal = journal
        self._metrics = metrics
        self._max_deliveries = max_deliveries

    def takes(self, stream: StreamId, entry: Entry) -> bool:
        """Bury an entry that was handed out too often; False says that it may be tried."""
        if entry.deliveries <= self._max_deliveries:
            return False
        self.bury(stream, entry, f"its worker died or failed on it {entry.deliveries - 1} times")
        return True

    def bury(
        self, stream: StreamId, entry: Entry, reason: str, event: ArticlePublished | ArticleRetracted | None = None
    ) -> None:
        """`event` is what could be read out of the entry, if anything could."""
        buried = self._journal.bury(
            stream,
            entry,
            article_id=event.subject if event else None,
            event_id=event.id if event else "",
            version=version_of(event) if event else 0,
            reason=reason,
        )
        if not buried:
            return
        if stream.kind.holds_articles:
            self._metrics.articles.labels(Outcome.DEAD_LETTERED).inc()
        self._metrics.dead_letters.labels(stream.kind).inc()
        _log.error(
            "event.dead_lettered",
            stream=stream.kind,
            partition=stream.partition,
            entry_id=entry.id,
            article_id=event.subject if event else None,
            reason=reason,
        )
