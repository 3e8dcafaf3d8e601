"""Use case: take events to the journal, or say why not. Nothing is accepted before all of it is on disk."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.ingest.group_commit import GroupCommit, StreamItem
from services.ingest.high_water import HighWater
from services.ingest.view_records import ReportedView, ViewRecorder, Visitor
from shared.events import (
    ArticlePublished,
    ArticleRetracted,
    ArticleViewed,
    encode_event,
    in_utc_milliseconds,
    version_of,
)
from shared.journal.model import AppendItem, AppendResult
from shared.journal.priorities import stream_kind_of
from shared.keys import StreamKind, partition_of
from shared.views.viewer_hash import event_hash


class Acceptor:
    """Every method raises JournalFullError or CommitError when nothing, or not certainly everything, was accepted."""

    def __init__(
        self,
        *,
        commit: GroupCommit,
        high_water: HighWater,
        recorder: ViewRecorder,
        partitions: int,
        now: Callable[[], datetime],
    ) -> None:
        self._commit = commit
        self._high_water = high_water
        self._recorder = recorder
        self._partitions = partitions
        self._now = now

    def check_room(self, kind: StreamKind) -> None:
        """Raises JournalFullError: ask before a large body is read for nothing."""
        self._high_water.check(kind)

    def partition_of(self, article_id: str) -> int:
        return partition_of(article_id, self._partitions)

    def item_of_event(self, event: ArticlePublished | ArticleRetracted | ArticleViewed, visitor: Visitor) -> StreamItem:
        """An event that its producer numbered: unique by source and id."""
        if isinstance(event, ArticleViewed):
            return StreamKind.VIEWS, self._recorder.event(event, visitor, in_utc_milliseconds(self._now()))
        return stream_kind_of(event.priority), _article_item(event, event_hash(event.source, event.id))

    async def accept_views(self, views: Sequence[ReportedView], visitor: Visitor) -> AppendResult:
        """Views as the beacon reports them."""
        self._high_water.check(StreamKind.VIEWS)
        now_ms = in_utc_milliseconds(self._now())
        return await self._commit.submit(
            [(StreamKind.VIEWS, self._recorder.reported(view, visitor, now_ms)) for view in views]
        )

    async def accept_statement(self, event: ArticlePublished | ArticleRetracted) -> None:
        """What an article is from now on. It is idempotent by version, so it is always appended."""
        await self.accept([(stream_kind_of(event.priority), _article_item(event, None))])

    async def accept(self, items: Sequence[StreamItem]) -> AppendResult:
        """Return when all items are on disk; duplicates are told apart from what is new."""
        for kind in {kind for kind, _ in items}:
            self._high_water.check(kind)
        return await self._commit.submit(items)


def _article_item(event: ArticlePublished | ArticleRetracted, identity: int | None) -> AppendItem:
    return AppendItem(event.subject, encode_event(event), identity, event.id, version_of(event))
