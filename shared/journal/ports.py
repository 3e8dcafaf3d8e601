"""The journal's ports: how doors append, how workers drain, how operators look after dead letters."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.journal.model import (
    AppendBatch,
    AppendItem,
    AppendResult,
    Backlog,
    DeadLetter,
    Entry,
    JournalPressure,
    RecordedArticle,
    SettledArticle,
    StreamId,
    TrailMark,
)


class JournalUnavailableError(Exception):
    """The journal cannot be reached, or refuses writes (disk full, out of memory). Nothing may be assumed."""


class JournalFullError(Exception):
    """The journal is over its high-water mark: refuse now rather than lose later."""


class Doorbell(Protocol):
    """How the worker of a stream is told that something came in."""

    def ring(self, stream: StreamId) -> None:
        """Ask for a drain of `stream`. Blocks for a second at most and never raises.

        A ring that is lost costs latency, not data: the schedule rings for every stream that is not empty.
        """
        ...


class JournalGauge(Protocol):
    """How full the journal is, for high-water marks."""

    async def pressure(self) -> JournalPressure:
        """One round trip, cheap enough to be polled every second.

        Raises:
            JournalUnavailableError: when the journal cannot be asked.
        """
        ...


class JournalAppender(Protocol):
    """The doors' side."""

    async def append(self, stream: StreamId, batch_id: str, items: Sequence[AppendItem]) -> AppendResult:
        """Put `items` on disk as one step and ring the doorbell. The same `batch_id` again changes nothing.

        Raises:
            JournalUnavailableError: the caller may repeat with the same `batch_id`.
        """
        ...

    async def append_many(self, batches: Sequence[AppendBatch]) -> list[AppendResult | JournalUnavailableError]:
        """Several appends in one round trip; each succeeds or fails by itself, in the order of `batches`.

        Raises:
            JournalUnavailableError: the fate of all is uncertain.
        """
        ...


class JournalDrain(Protocol):
    """The workers' side. One worker at a time holds the lease of a stream, so there is no double work."""

    def acquire(self, stream: StreamId, owner: str) -> bool:
        """Take the lease; True when `owner` holds it now."""
        ...

    def renew(self, stream: StreamId, owner: str) -> bool:
        """Prolong the lease; False when another worker took it over: stop at once."""
        ...

    def release(self, stream: StreamId, owner: str, *, only_if_empty: bool) -> bool:
        """Give the lease back. With `only_if_empty`, False says that new entries came in: go on draining.

        Checking and releasing are one step, so no entry waits for the next beat.
        """
        ...

    def read(self, stream: StreamId, count: int) -> list[Entry]:
        """Entries handed out before and not settled come first, one alone; then up to `count` new ones.

        Fewer when their bodies have ENOUGH_READ_BYTES together.
        """
        ...

    def settle_articles(self, stream: StreamId, settled: Sequence[SettledArticle]) -> list[SettledArticle]:
        """Acknowledge and delete entries, note versions and categories, leave trails.

        Returns those that this call settled: a drain that lost its lease in the middle comes second for some.
        """
        ...

    def bury(
        self, stream: StreamId, entry: Entry, *, article_id: str | None, event_id: str, version: int, reason: str
    ) -> bool:
        """Move an entry to the dead letters; False when it was settled already."""
        ...

    def forgive(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        """Take back the delivery count of entries that failed through no fault of their own (an outage)."""
        ...

    def backlogs(self) -> list[Backlog]: ...


class DeadLetterOffice(Protocol):
    """The operators' side."""

    def list(self, *, limit: int, reason_contains: str | None = None) -> list[DeadLetter]:
        """Newest first."""
        ...

    def count(self) -> int: ...

    def replay(self, letters: Sequence[DeadLetter]) -> int:
        """Put the events back into their streams and ring; returns how many were still there."""
        ...

    def drop(self, letters: Sequence[DeadLetter]) -> int:
        """Delete them for good; returns how many were still there."""
        ...


class ArticleRecord(Protocol):
    """The journal's record of the newest version of each article that the index has taken; kept for good.

    An article is recorded after it was applied, so an index that lacks what is recorded has lost it.
    """

    def count(self) -> int:
        """Articles, retracted ones included."""
        ...

    def pages(self) -> Iterator[list[RecordedArticle]]:
        """Each article at least once, in no order, some hundred at a time; one that is new meanwhile may be missing."""
        ...

    def look_up(self, article_ids: Sequence[str]) -> dict[str, RecordedArticle]:
        """Unknown ones are left out."""
        ...

    def note(self, articles: Sequence[RecordedArticle]) -> int:
        """Note what the record lacks, or has older, and file the views that were counted for it.

        Returns how many were noted; what is there already, or newer, stays as it is.
        """
        ...

    def waiting(self) -> dict[str, int]:
        """Articles with events that are not applied yet, each with the newest version that waits."""
        ...


class Trail(Protocol):
    """Where is my article? Bounded and expiring: one small hash per article."""

    def marks(self, article_id: str) -> list[TrailMark]:
        """Oldest first; empty when the article is unknown or its trail has expired."""
        ...

    def note(self, article_id: str, mark: TrailMark) -> None: ...
