"""What goes into the journal and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shared.events import Priority
from shared.keys import StreamKind


@dataclass(frozen=True, slots=True)
class StreamId:
    """One stream of the journal: a kind of event in one partition."""

    kind: StreamKind
    partition: int


class AppendItem(NamedTuple):
    """One event on its way into the journal.

    `body` is an encoded CloudEvent for articles, an encoded `RecordedView` for views. `event_hash` is the
    64-bit hash of the event's identity (CloudEvents source and id): an event seen within 48 hours is a
    duplicate and is not appended again. None means: append always (a PUT states what is; it has no identity).
    """

    article_id: str
    body: bytes
    event_hash: int | None = None
    event_id: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class AppendBatch:
    """Items for one stream, appended as one step; `batch_id` makes a repetition harmless."""

    stream: StreamId
    batch_id: str
    items: Sequence[AppendItem]


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What one append did.

    `duplicate_indexes` are the positions, from 0 and ascending, of the items that were seen before: several
    requests share an append, and each is told about its own events. A repeated append answers the same.
    """

    accepted: int
    duplicates: int
    duplicate_indexes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry. `deliveries` counts how often it was handed out, this time included."""

    id: str
    body: bytes
    deliveries: int
    appended_at: datetime


class Outcome(StrEnum):
    """What became of an event at the end of its way; exactly one is recorded for each."""

    APPLIED = "applied"
    STALE = "stale"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class SettledArticle:
    """An article event that is done: the index holds it, or holds something newer."""

    entry_id: str
    article_id: str
    event_id: str
    version: int
    outcome: Outcome
    retracted: bool
    category: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class RecordedArticle:
    """The newest version of an article that the index has taken. `category` is written, and not read back."""

    article_id: str
    version: int
    retracted: bool
    category: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that can never be applied as it is, with all that is needed to repair and replay it."""

    id: str
    stream: StreamId
    entry_id: str
    article_id: str | None
    reason: str
    body: bytes
    attempts: int
    dead_at: datetime
    event_id: str = ""
    version: int = 0
    event_hash: int | None = None


class TrailStage(StrEnum):
    RECEIVED = "received"
    APPLIED = "applied"
    STALE = "stale"
    SEARCHABLE = "searchable"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class TrailMark:
    """The newest thing that happened to an article at one stage of its way.

    `priority` tells which of the two streams of articles the event took, where that is known.
    """

    stage: TrailStage
    version: int
    event_id: str
    at: datetime
    attempts: int = 1
    retracted: bool = False
    reason: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of one stream is not applied yet. `oldest_age_seconds` is 0 when it is empty."""

    stream: StreamId
    entries: int
    pending: int
    oldest_age_seconds: float
    leased: bool


@dataclass(frozen=True, slots=True)
class JournalPressure:
    """How full the journal is: entries not applied yet, by kind of stream, and the server's memory in bytes.

    `memory_limit` is the server's `maxmemory`; 0 means that it has none.
    """

    entries: Mapping[StreamKind, int]
    memory_used: int
    memory_limit: int
