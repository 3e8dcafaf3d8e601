"""Use case: count the accepted views of one partition."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

import structlog

from services.indexer.burial import Burial
from services.indexer.lease import Turn
from services.indexer.metrics import IndexerMetrics
from shared.journal.model import Entry, StreamId
from shared.keys import StreamKind
from shared.views.model import RecordedView, decode_views
from shared.views.ports import ViewCounter

_log = structlog.get_logger(__name__)


class DrainViews:
    """An entry that is no list of views goes to the dead letters; the others are counted in one atomic step."""

    def __init__(
        self,
        *,
        turn: Turn,
        counter: ViewCounter,
        burial: Burial,
        metrics: IndexerMetrics,
        now: Callable[[], datetime],
        batch: int,
    ) -> None:
        self._turn = turn
        self._counter = counter
        self._burial = burial
        self._metrics = metrics
        self._now = now
        self._batch = batch

    def run(self, partition: int) -> None:
        """Drain until the partition is empty or the turn is over."""
        stream = StreamId(StreamKind.VIEWS, partition)
        with closing(self._turn.batches(stream, self._batch)) as batches:
            for entries in batches:
                self._count(stream, entries)

    def _count(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        readable = [(entry, views) for entry in entries if (views := self._parse(stream, entry)) is not None]
        if not readable:
            return
        now = self._now()
        result = self._counter.count(stream.partition, readable, now=now)
        self._metrics.views.labels("counted").inc(result.counted)
        self._metrics.views.labels("repeat").inc(result.repeats)
        self._metrics.views.labels("raw_only").inc(result.raw_only)
        self._metrics.views.labels("refused").inc(result.refused)
        for entry, _views in readable:
            self._metrics.counted_seconds.observe(max((now - entry.appended_at).total_seconds(), 0))
        _log.debug("views.counted", partition=stream.partition, entries=len(readable), counted=result.counted)

    def _parse(self, stream: StreamId, entry: Entry) -> list[RecordedView] | None:
        if self._burial.takes(stream, entry):
            return None
        try:
            return decode_views(entry.body)
        except ValueError as error:
            self._burial.bury(stream, entry, f"not a valid list of views: {error}")
            return None
