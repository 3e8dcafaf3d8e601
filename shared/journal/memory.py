"""The journal in memory, for tests of what stands on it; it passes the same contract tests as the one on Redis."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, takewhile

from shared.journal.limits import ENOUGH_READ_BYTES, LEASE_TIME, LONGEST_REASON
from shared.journal.model import (
    AppendBatch,
    AppendItem,
    AppendResult,
    Backlog,
    DeadLetter,
    Entry,
    JournalPressure,
    SettledArticle,
    StreamId,
    TrailMark,
    TrailStage,
)
from shared.journal.ports import Doorbell, JournalUnavailableError
from shared.journal.priorities import priority_of
from shared.journal.seen_events import DAYS
from shared.journal.trail_marks import settled_mark
from shared.keys import StreamKind
from shared.views.days import utc_day, utc_now


class SilentDoorbell:
    """Remembers who it was rung for, and wakes nobody."""

    def __init__(self) -> None:
        self.rings: list[StreamId] = []

    def ring(self, stream: StreamId) -> None:
        """Note it."""
        self.rings.append(stream)


@dataclass(frozen=True, slots=True)
class ArticleState:
    """What the journal knows of an article; `retractions` tells views before a retraction from those after it."""

    version: int
    retracted: bool
    category: str | None
    retractions: int


@dataclass(slots=True)
class _Stream:
    """Entries with the item of an article event; `pending` counts deliveries, `lease` is an owner and its end."""

    entries: dict[str, tuple[Entry, AppendItem | None]] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    lease: tuple[str, datetime] | None = None

    def enough(self, entry_ids: Iterable[str], count: int) -> list[str]:
        """The first of these entries, as many as one read hands out."""
        chosen: list[str] = []
        size = 0
        for entry_id in islice(entry_ids, count):
            if size >= ENOUGH_READ_BYTES:
                break
            chosen.append(entry_id)
            size += len(self.entries[entry_id][0].body)
        return chosen


class InMemoryJournal:
    """`JournalAppender`, `JournalGauge` and `JournalDrain`. With `available` False every call fails as in an outage."""

    def __init__(
        self, *, partitions: int = 8, doorbell: Doorbell | None = None, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.available = True
        self.articles: dict[str, ArticleState] = {}
        self.trails: dict[str, dict[TrailStage, TrailMark]] = {}
        self.letters: dict[str, tuple[DeadLetter, AppendItem | None]] = {}
        self._doorbell = doorbell or SilentDoorbell()
        self._now = now
        self._last_id = 0
        self._streams = {StreamId(kind, p): _Stream() for kind in StreamKind for p in range(partitions)}
        self._batches: dict[tuple[StreamId, str], AppendResult] = {}
        self._seen: dict[tuple[int, int], int] = {}  # by partition and hash, the day

    async def append(self, stream: StreamId, batch_id: str, items: Sequence[AppendItem]) -> AppendResult:
        """See `JournalAppender.append`."""
        self._need()
        if (stream, batch_id) in self._batches or not items:
            return self._batches.get((stream, batch_id), AppendResult(accepted=0, duplicates=0))
        duplicates = tuple(i for i, item in enumerate(items) if not self._is_new(stream, item))
        accepted = [item for i, item in enumerate(items) if i not in duplicates]
        if stream.kind is StreamKind.VIEWS and accepted:
            self.put(stream, b"[" + b",".join(item.body for item in accepted) + b"]", None)
        elif stream.kind.holds_articles:
            for item in accepted:
                self.put(stream, item.body, item)
                mark = TrailMark(
                    TrailStage.RECEIVED, item.version, item.event_id, self._now(), priority=priority_of(stream.kind)
                )
                self.leave_mark(item.article_id, mark)
        result = AppendResult(accepted=len(accepted), duplicates=len(duplicates), duplicate_indexes=duplicates)
        self._batches[stream, batch_id] = result
        if accepted and self._streams[stream].lease is None:
            self._doorbell.ring(stream)
        return result

    async def append_many(self, batches: Sequence[AppendBatch]) -> list[AppendResult | JournalUnavailableError]:
        """See `JournalAppender.append_many`."""
        return [await self.append(batch.stream, batch.batch_id, batch.items) for batch in batches]

    async def pressure(self) -> JournalPressure:
        """See `JournalGauge.pressure`; memory has no measure here."""
        self._need()
        entries = dict.fromkeys(StreamKind, 0)
        for stream_id, stream in self._streams.items():
            entries[stream_id.kind] += len(stream.entries)
        return JournalPressure(entries=entries, memory_used=0, memory_limit=0)

    def acquire(self, stream: StreamId, owner: str) -> bool:
        """See `JournalDrain.acquire`."""
        self._need()
        lease = self._streams[stream].lease
        if lease is not None and lease[0] != owner and lease[1] > self._now():
            return False
        self._streams[stream].lease = (owner, self._now() + LEASE_TIME)
        return True

    renew = acquire

    def release(self, stream: StreamId, owner: str, *, only_if_empty: bool) -> bool:
        """See `JournalDrain.release`."""
        self._need()
        state = self._streams[stream]
        if state.lease is None or state.lease[0] != owner:
            return True
        if only_if_empty and state.entries:
            return False
        state.lease = None
        return True

    def read(self, stream: StreamId, count: int) -> list[Entry]:
        """See `JournalDrain.read`."""
        self._need()
        state = self._streams[stream]
        handed_out = [entry_id for entry_id in state.entries if entry_id in state.pending]
        if not handed_out:
            chosen = state.enough(state.entries, count)
        elif state.pending[handed_out[0]] > 0:
            chosen = handed_out[:1]
        else:
            chosen = state.enough(takewhile(lambda entry_id: state.pending[entry_id] == 0, handed_out), count)
        for entry_id in chosen:
            state.pending[entry_id] = state.pending.get(entry_id, 0) + 1
        return [dataclasses.replace(state.entries[i][0], deliveries=state.pending[i]) for i in chosen]

    def settle_articles(self, stream: StreamId, settled: Sequence[SettledArticle]) -> list[SettledArticle]:
        """See `JournalDrain.settle_articles`."""
        self._need()
        done: list[SettledArticle] = []
        for article in settled:
            if not self.acknowledge(stream, article.entry_id):
                continue
            done.append(article)
            mark = settled_mark(article, stream.kind, self._now())
            self.leave_mark(article.article_id, mark)
            if mark.stage is TrailStage.APPLIED:
                self.note_article(
                    article.article_id, article.version, retracted=article.retracted, category=article.category
                )
        return done

    def note_article(self, article_id: str, version: int, *, retracted: bool, category: str | None) -> None:
        """Nothing happens when something newer is known."""
        known = self.articles.get(article_id)
        if known is None or known.version <= version:
            retractions = (known.retractions if known else 0) + retracted
            self.articles[article_id] = ArticleState(version, retracted, None if retracted else category, retractions)

    def waiting_articles(self) -> Iterator[AppendItem]:
        """The article events that are not applied yet."""
        for stream_id, stream in self._streams.items():
            if stream_id.kind.holds_articles:
                yield from (item for _, item in stream.entries.values() if item is not None)

    def bury(
        self, stream: StreamId, entry: Entry, *, article_id: str | None, event_id: str, version: int, reason: str
    ) -> bool:
        """See `JournalDrain.bury`."""
        self._need()
        kept, item = self._streams[stream].entries.get(entry.id, (entry, None))
        if not self.acknowledge(stream, entry.id):
            return False
        letter = DeadLetter(
            id=f"{stream.partition}-{self._new_id()}-0",
            stream=stream,
            entry_id=entry.id,
            article_id=article_id or (item.article_id if item else None),
            reason=reason[:LONGEST_REASON],
            body=kept.body,
            attempts=entry.deliveries,
            dead_at=self._now(),
            event_id=event_id or (item.event_id if item else ""),
            version=version or (item.version if item else 0),
            event_hash=item.event_hash if item else None,
        )
        self.letters[letter.id] = (letter, item)
        if letter.article_id is not None:
            mark = TrailMark(
                TrailStage.DEAD_LETTERED,
                letter.version,
                letter.event_id,
                self._now(),
                entry.deliveries,
                reason=letter.reason,
                priority=priority_of(stream.kind),
            )
            self.leave_mark(letter.article_id, mark)
        return True

    def forgive(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        """See `JournalDrain.forgive`."""
        self._need()
        for entry in entries:
            if entry.id in self._streams[stream].pending:
                self._streams[stream].pending[entry.id] = entry.deliveries - 1

    def backlogs(self) -> list[Backlog]:
        """See `JournalDrain.backlogs`."""
        self._need()
        now = self._now()
        return [
            Backlog(
                stream_id,
                len(stream.entries),
                len(stream.pending),
                max((_age(entry, now) for entry, _ in stream.entries.values()), default=0.0),
                stream.lease is not None and stream.lease[1] > now,
            )
            for stream_id, stream in self._streams.items()
        ]

    def acknowledge(self, stream: StreamId, entry_id: str) -> bool:
        """Settle an entry; False when it was settled before or never handed out. The fake counter calls it too."""
        state = self._streams[stream]
        if state.pending.pop(entry_id, None) is None:
            return False
        del state.entries[entry_id]
        return True

    def put(self, stream: StreamId, body: bytes, item: AppendItem | None) -> None:
        """Append one entry as it is, however wrong."""
        entry = Entry(f"{self._new_id()}-0", body, 0, self._now())
        self._streams[stream].entries[entry.id] = (entry, item)

    def replay(self, letter_id: str) -> bool:
        """Put a dead letter back; False when it is gone."""
        letter, item = self.letters.pop(letter_id, (None, None))
        if letter is None:
            return False
        self.put(letter.stream, letter.body, item)
        self._doorbell.ring(letter.stream)
        return True

    def drop(self, letter_id: str) -> bool:
        """Forget a dead letter and its event; False when it is gone."""
        letter, _ = self.letters.pop(letter_id, (None, None))
        if letter is None:
            return False
        if letter.event_hash is not None:
            self._seen.pop((letter.stream.partition, letter.event_hash), None)
        return True

    def leave_mark(self, article_id: str, mark: TrailMark) -> None:
        """Replace the mark of the same stage."""
        self.trails.setdefault(article_id, {})[mark.stage] = mark

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _is_new(self, stream: StreamId, item: AppendItem) -> bool:
        if item.event_hash is None:
            return True
        today = utc_day(self._now())
        seen = self._seen.get((stream.partition, item.event_hash))
        if seen is not None and today - seen < DAYS:
            return False
        self._seen[stream.partition, item.event_hash] = today
        return True

    def _need(self) -> None:
        if not self.available:
            raise JournalUnavailableError("the journal is away")


def _age(entry: Entry, now: datetime) -> float:
    return max((now - entry.appended_at).total_seconds(), 0.0)
