"""Use case: bring the accepted article events of a stream into the search index."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import ValidationError

from services.indexer.burial import Burial
from services.indexer.circuit import Circuit
from services.indexer.lease import Turn
from services.indexer.metrics import IndexerMetrics
from shared.events import ArticlePublished, ArticleRetracted, article_event_from_journal, version_of
from shared.journal.model import Entry, Outcome, SettledArticle, StreamId, TrailMark, TrailStage
from shared.journal.ports import JournalDrain, Trail
from shared.search.labels import canonical_label
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.ports import ArticleWriter, IndexUnavailableError

_log = structlog.get_logger(__name__)

_OUTCOMES = {ApplyOutcome.APPLIED: Outcome.APPLIED, ApplyOutcome.STALE: Outcome.STALE}


@dataclass(frozen=True, slots=True)
class _Work:
    entry: Entry
    event: ArticlePublished | ArticleRetracted


class DrainArticles:
    """Permanent failures go to the dead letters one by one, an outage opens the circuit, the rest is settled."""

    def __init__(
        self,
        *,
        journal: JournalDrain,
        turn: Turn,
        writer: ArticleWriter,
        trail: Trail,
        circuit: Circuit,
        burial: Burial,
        metrics: IndexerMetrics,
        now: Callable[[], datetime],
    ) -> None:
        self._journal = journal
        self._turn = turn
        self._writer = writer
        self._trail = trail
        self._circuit = circuit
        self._burial = burial
        self._metrics = metrics
        self._now = now

    def run(self, stream: StreamId, batch: int, *, may_go_on: Callable[[], bool] = lambda: True) -> bool:
        """Drain until the stream is empty, the turn is over, the index is gone, or `may_go_on` says no.

        `may_go_on` is asked after each batch of at most `batch` events. False when it was the index.
        """
        if self._circuit.open_reason() is not None:
            # Not even read: a delivery that cannot succeed must not count against the entry.
            return False
        with closing(self._turn.batches(stream, batch)) as batches:
            for entries in batches:
                try:
                    settled = self._apply(stream, entries)
                except IndexUnavailableError as error:
                    self._journal.forgive(stream, entries)
                    self._stop_trying(error)
                    return False
                try:
                    self._show(stream, settled)
                except IndexUnavailableError as error:
                    # Applied and settled; the schedule shows it later.
                    self._stop_trying(error)
                    return False
                if self._circuit.succeed():
                    _log.info("circuit.closed")
                if not may_go_on():
                    break
        return True

    def make_searchable(self) -> None:
        """The safety net for a worker that died between applying and showing. No probe: drains find out first."""
        if self._circuit.open_reason() is not None:
            return
        try:
            self._note_searchable()
        except IndexUnavailableError as error:
            self._stop_trying(error)

    def _show(self, stream: StreamId, settled: Sequence[Entry]) -> None:
        """Let readers see what was applied."""
        self._note_searchable()
        now = self._now()
        searchable_seconds = self._metrics.searchable_seconds.labels(stream.kind)
        for entry in settled:
            searchable_seconds.observe(max((now - entry.appended_at).total_seconds(), 0))

    def _note_searchable(self) -> None:
        searchable = self._writer.make_searchable()
        now = self._now()
        for article_id, version in searchable:
            self._trail.note(article_id, TrailMark(TrailStage.SEARCHABLE, version, "", now))

    def _stop_trying(self, error: IndexUnavailableError) -> None:
        wait = self._circuit.fail(str(error))
        if wait is not None:
            self._metrics.index_failures.inc()
            _log.warning("circuit.opened", reason=str(error), seconds=round(wait.total_seconds(), 2))

    def _apply(self, stream: StreamId, entries: Sequence[Entry]) -> list[Entry]:
        """Returns those that the index has taken and that no other drain has settled meanwhile."""
        work = [done for entry in entries if (done := self._parse(stream, entry)) is not None]
        if not work:
            return []
        results = self._writer.apply([_change(item.event) for item in work])
        settlements = [
            settlement
            for item, result in zip(work, results, strict=True)
            if (settlement := self._settlement(stream, item, result)) is not None
        ]
        settled = {one.entry_id: one for one in self._journal.settle_articles(stream, settlements)}
        for settlement in settled.values():
            self._metrics.articles.labels(settlement.outcome).inc()
        _log.info(
            "articles.applied",
            stream=stream.kind,
            partition=stream.partition,
            events=len(entries),
            settled=len(settled),
        )
        return [item.entry for item in work if item.entry.id in settled]

    def _parse(self, stream: StreamId, entry: Entry) -> _Work | None:
        if self._burial.takes(stream, entry):
            return None
        try:
            return _Work(entry, article_event_from_journal(entry.body))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
            self._burial.bury(stream, entry, f"not a valid article event: {faults}")
            return None

    def _settlement(self, stream: StreamId, item: _Work, result: ApplyResult) -> SettledArticle | None:
        if result.outcome is ApplyOutcome.REJECTED:
            self._burial.bury(stream, item.entry, f"refused by the index: {result.reason}", item.event)
            return None
        event = item.event
        return SettledArticle(
            entry_id=item.entry.id,
            article_id=event.subject,
            event_id=event.id,
            version=version_of(event),
            outcome=_OUTCOMES[result.outcome],
            retracted=isinstance(event, ArticleRetracted),
            category=_category(event),
            attempts=item.entry.deliveries,
        )


def _change(event: ArticlePublished | ArticleRetracted) -> ArticleChange:
    return ArticleChange(event.subject, version_of(event), event.data if isinstance(event, ArticlePublished) else None)


def _category(event: ArticlePublished | ArticleRetracted) -> str | None:
    """As search filters by it: typed on another keyboard it is still the same category."""
    if isinstance(event, ArticlePublished) and event.data.category is not None:
        return canonical_label(event.data.category)
    return None
