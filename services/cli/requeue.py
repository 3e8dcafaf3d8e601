"""Puts articles that an index has lost into the journal again, no faster than workers take them out."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final
from uuid import uuid4

from services.cli.errors import CommandError
from shared.events import ArticlePublished, ArticleRetracted, Priority, Retraction, encode_event
from shared.journal.model import AppendBatch, AppendItem, StreamId
from shared.journal.ports import JournalAppender, JournalGauge, JournalUnavailableError
from shared.keys import StreamKind, partition_of
from shared.search.model import ArticleChange

_SOURCE: Final = "urn:khobor:reconcile"
# Far below any high-water mark, and some seconds' work of one worker.
_MOST_WAITING: Final = 2_000
# Until then an index may be down and come back.
_PATIENCE_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.2


class Requeue:
    """`runner` is the event loop of the appender's client."""

    def __init__(
        self,
        runner: asyncio.Runner,
        appender: JournalAppender,
        gauge: JournalGauge,
        *,
        partitions: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._runner = runner
        self._appender = appender
        self._gauge = gauge
        self._partitions = partitions
        self._monotonic = monotonic
        self._sleep = sleep

    def __call__(self, changes: Sequence[ArticleChange]) -> None:
        """Append an event for each change.

        Raises:
            JournalUnavailableError: some may be in the journal; doing it again is harmless.
            CommandError: nobody takes anything out of the journal.
        """
        self._wait_for_workers()
        by_stream: dict[StreamId, list[AppendItem]] = defaultdict(list)
        for change in changes:
            # Live news goes before old articles, and not before retractions.
            kind = StreamKind.ARTICLES if change.article is None else StreamKind.BACKFILL
            by_stream[StreamId(kind, partition_of(change.article_id, self._partitions))].append(_item(change))
        batches = [AppendBatch(stream, uuid4().hex, items) for stream, items in by_stream.items()]
        for result in self._runner.run(self._appender.append_many(batches)):
            if isinstance(result, JournalUnavailableError):
                raise result

    def _wait_for_workers(self) -> None:
        fewest = waiting = self._waiting()
        given_up_at = self._monotonic() + _PATIENCE_SECONDS
        while waiting > _MOST_WAITING:
            if waiting < fewest:
                fewest, given_up_at = waiting, self._monotonic() + _PATIENCE_SECONDS
            elif self._monotonic() > given_up_at:
                raise CommandError(
                    f"{waiting:,} articles wait in the journal and nobody applies them: see `khobor status` and "
                    "`/v1/stats`. Run this again when they do; what was re-queued stays",
                    exit_code=1,
                )
            self._sleep(_LOOK_SECONDS)
            waiting = self._waiting()

    def _waiting(self) -> int:
        entries = self._runner.run(self._gauge.pressure()).entries
        return sum(number for kind, number in entries.items() if kind.holds_articles)


def _item(change: ArticleChange) -> AppendItem:
    event: ArticlePublished | ArticleRetracted
    event_id = uuid4().hex
    if change.article is None:
        retraction = Retraction(version=change.version)
        event = ArticleRetracted(id=event_id, source=_SOURCE, subject=change.article_id, data=retraction)
    else:
        event = ArticlePublished(
            id=event_id, source=_SOURCE, subject=change.article_id, data=change.article, priority=Priority.BACKFILL
        )
    # Without a hash: the article was seen before, and is to be applied all the same.
    return AppendItem(change.article_id, encode_event(event), event_id=event_id, version=change.version)
