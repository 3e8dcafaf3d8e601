"""The ports of view counting: one for workers, one for readers, one for editors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.journal.model import Entry
from shared.views.model import CountResult, ListKind, MostRead, RecordedView, ViewCounts, Window


class ViewsUnavailableError(Exception):
    """The counters cannot be reached."""


class ViewCounter(Protocol):
    """The workers' side."""

    def count(
        self, partition: int, batches: Sequence[tuple[Entry, Sequence[RecordedView]]], *, now: datetime
    ) -> CountResult:
        """Acknowledge each entry and count its views in one atomic step; an entry settled before is skipped.

        Raises:
            JournalUnavailableError: the step may have been done; the next read hands out what it was not done for.
        """
        ...


class ViewReader(Protocol):
    """The readers' side. Every method raises `ViewsUnavailableError` when the counters cannot be reached.

    Lists hold published articles only: views that come before their article event are counted, and listed from the
    moment it is settled.
    """

    def most_read(
        self,
        *,
        window: Window,
        kind: ListKind,
        category: str | None,
        limit: int,
        now: datetime,
        published_at: Mapping[str, datetime] | None = None,
    ) -> MostRead:
        """The list at `now`, merged over the partitions; hidden and retracted articles are left out.

        `published_at` gives the ages that the rising list corrects for; unknown articles count as old.
        """
        ...

    def counts(self, article_ids: Sequence[str]) -> dict[str, ViewCounts]: ...

    def hottest(self, limit: int) -> dict[str, int]:
        """The articles with the most counted views of all time, by id."""
        ...


class ListEditor(Protocol):
    """The editors' side: keep an article off every list, without unpublishing it.

    Every method raises `ViewsUnavailableError` when the lists cannot be reached.
    """

    def hide(self, article_id: str) -> None: ...

    def unhide(self, article_id: str) -> None: ...

    def hidden(self) -> list[str]: ...
