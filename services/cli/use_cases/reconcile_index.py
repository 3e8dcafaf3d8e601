"""Use case: bring the index and the journal's record of the newest versions to the same state.

What the record knows was applied once, so an index that lacks it, or has it older, has lost it: that article goes into
the journal again, from whatever still has it. What the index has newer, or alone, is noted in the record, which also
files the article in the most-read lists. Nothing is ever made older, and nothing is deleted; so it may run at any time,
beside workers, and again.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.journal.model import RecordedArticle
from shared.journal.ports import ArticleRecord
from shared.search.model import ArticleChange, HeldArticle
from shared.search.ports import ArticleInventory, IndexUnavailableError, Progress
from shared.search.versions import rank_of, rank_of_change

# A worker settles a moment after it has applied: only what the record still lacks then is worth telling.
_SETTLED_WITHIN: Final = 2.0


class Finding(StrEnum):
    MISSING = "missing"
    STALE = "stale"
    ORPHANED = "orphaned"
    AHEAD = "ahead"


class Remedy(StrEnum):
    REQUEUED = "re-queued"
    NOTED = "noted in the record"
    UNDER_WAY = "under way: its event waits in the journal"
    ONLY_OLDER = "none: only an older version was found"
    NOWHERE = "none: nothing else has it"


HOPELESS: Final = frozenset({Remedy.ONLY_OLDER, Remedy.NOWHERE})
"""The publisher has to send these again."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`recorded` and `indexed` are versions. `source` tells what a re-queued article was taken from."""

    article_id: str
    finding: Finding
    recorded: int | None
    indexed: int | None
    retracted: bool
    remedy: Remedy
    source: str | None = None


class ReconcileIndex:
    """`sources` are asked in their order. `requeue` puts changes into the journal; with None nothing is changed."""

    def __init__(
        self,
        *,
        record: ArticleRecord,
        index: ArticleInventory,
        sources: Mapping[str, ArticleInventory],
        requeue: Callable[[Sequence[ArticleChange]], None] | None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._record = record
        self._index = index
        self._sources = sources
        self._requeue = requeue
        self._monotonic = monotonic
        self._sleep = sleep

    def run(self, progress: Progress) -> Iterator[Difference]:
        """Yields each difference when it has been mended; memory for a page of articles and for what waits.

        Raises:
            IndexUnavailableError, JournalUnavailableError: run it again.
        """
        total = self._record.count() + self._index.count()
        done = 0
        # Before all else: what is settled from now on is in the index by then.
        waiting = self._record.waiting()
        for page in self._record.pages():
            yield from self._lost(page, waiting)
            done += len(page)
            progress(done, max(total, done))
        for held in self._a_moment_later(self._index.pages()):
            yield from self._unknown(held)
            done += len(held)
            progress(done, max(total, done))

    def _lost(self, page: Sequence[RecordedArticle], waiting: Mapping[str, int]) -> Iterator[Difference]:
        # After the record: an article is applied before it is recorded.
        held = self._index.held([recorded.article_id for recorded in page])
        lost = [recorded for recorded in page if _rank(held.get(recorded.article_id)) < _rank(recorded)]
        under_way = {each.article_id for each in lost if waiting.get(each.article_id, 0) >= each.version}
        wanted = [recorded for recorded in lost if recorded.article_id not in under_way]
        found, sources, older = self._look_for(wanted)
        if self._requeue is not None and found:
            self._requeue(list(found.values()))
        for recorded in lost:
            article_id = recorded.article_id
            if article_id in under_way:
                remedy = Remedy.UNDER_WAY
            elif article_id in found:
                remedy = Remedy.REQUEUED
            else:
                remedy = Remedy.ONLY_OLDER if article_id in older else Remedy.NOWHERE
            known = held.get(article_id)
            yield Difference(
                article_id,
                Finding.MISSING if known is None else Finding.STALE,
                recorded.version,
                known.version if known else None,
                recorded.retracted,
                remedy,
                sources.get(article_id),
            )

    def _look_for(self, wanted: Sequence[RecordedArticle]) -> tuple[dict[str, ArticleChange], dict[str, str], set[str]]:
        """The changes that bring articles to what is recorded, what had them, and who was found too old only."""
        # The record is all that a retraction says.
        found = {
            each.article_id: ArticleChange(each.article_id, each.version, None) for each in wanted if each.retracted
        }
        sources = dict.fromkeys(found, "the record")
        older: set[str] = set()
        missing = {each.article_id: each for each in wanted if not each.retracted}
        for name, source in self._sources.items():
            for change in _changes(name, source, list(missing)):
                if rank_of_change(change) < _rank(missing[change.article_id]):
                    older.add(change.article_id)
                    continue
                found[change.article_id] = change
                sources[change.article_id] = name
                del missing[change.article_id]
        return found, sources, older

    def _unknown(self, page: Sequence[HeldArticle]) -> Iterator[Difference]:
        recorded = self._record.look_up([held.article_id for held in page])
        unknown = [held for held in page if _rank(recorded.get(held.article_id)) < _rank(held)]
        if self._requeue is not None and unknown:
            self._record.note(
                [RecordedArticle(each.article_id, each.version, each.retracted, each.category) for each in unknown]
            )
        for held in unknown:
            known = recorded.get(held.article_id)
            yield Difference(
                held.article_id,
                Finding.ORPHANED if known is None else Finding.AHEAD,
                known.version if known else None,
                held.version,
                held.retracted,
                Remedy.NOTED,
            )

    def _a_moment_later(self, pages: Iterator[list[HeldArticle]]) -> Iterator[list[HeldArticle]]:
        """The pages, each some seconds after it was read."""
        kept: deque[tuple[float, list[HeldArticle]]] = deque()
        for page in pages:
            kept.append((self._monotonic() + _SETTLED_WITHIN, page))
            while kept and kept[0][0] <= self._monotonic():
                yield kept.popleft()[1]
        for due, page in kept:
            self._sleep(max(due - self._monotonic(), 0.0))
            yield page


def _changes(name: str, source: ArticleInventory, article_ids: Sequence[str]) -> list[ArticleChange]:
    try:
        return source.changes(article_ids)
    except IndexUnavailableError as error:
        raise IndexUnavailableError(f"{name}: {error}") from error


def _rank(known: RecordedArticle | HeldArticle | None) -> int:
    return -1 if known is None else rank_of(known.version, retracted=known.retracted)
