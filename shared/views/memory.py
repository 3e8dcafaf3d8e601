"""View counting in memory, for tests of what stands on it; it passes the same contract tests as the one on Redis.

It keeps every view and adds up on each read, so it also serves as the plain statement of what Redis must answer.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.journal.memory import ArticleState, InMemoryJournal
from shared.journal.model import Entry, StreamId
from shared.keys import StreamKind
from shared.views.days import dhaka_day, dhaka_day_of
from shared.views.decay import view_time
from shared.views.model import (
    WINDOW_SECONDS,
    CountResult,
    ListKind,
    MostRead,
    RankedArticle,
    RecordedView,
    ViewCounts,
    Window,
)
from shared.views.rising import FAST, LEAST_FAST_COUNT, SLOW, rising_score


class _CountedView(NamedTuple):
    """`seconds` is None when the view was too old for the windows."""

    seconds: float | None
    retractions: int


class InMemoryViews:
    """`ViewCounter`, `ViewReader` and `ListEditor` over a `InMemoryJournal`."""

    def __init__(self, journal: InMemoryJournal) -> None:
        self._journal = journal
        self._raw: Counter[str] = Counter()
        self._counted: defaultdict[str, list[_CountedView]] = defaultdict(list)
        self._viewers: set[tuple[int, int, int]] = set()
        self._hidden: set[str] = set()

    def count(
        self, partition: int, batches: Sequence[tuple[Entry, Sequence[RecordedView]]], *, now: datetime
    ) -> CountResult:
        """See `ViewCounter.count`."""
        done: Counter[str] = Counter()
        for entry, views in batches:
            settled = self._journal.acknowledge(StreamId(StreamKind.VIEWS, partition), entry.id)
            for view in views:
                done[self._count(partition, view, now) if settled else "refused"] += 1
        return CountResult(
            counted=done["counted"], repeats=done["repeats"], raw_only=done["raw_only"], refused=done["refused"]
        )

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
        """See `ViewReader.most_read`."""
        in_scope = [
            article_id
            for article_id, state in self._journal.articles.items()
            if not state.retracted and category in {None, state.category}
        ]
        views = {article_id: self._views(article_id, window, now) for article_id in in_scope}
        scores = views if kind is ListKind.TOP else self._rising_scores(in_scope, now, published_at or {})
        ranked = [
            RankedArticle(article_id, views[article_id], score, self._count_of(article_id))
            for article_id, score in scores.items()
            if views[article_id] > 0 and article_id not in self._hidden
        ]
        ranked.sort(key=lambda article: (-article.score, article.article_id))
        return MostRead(window, kind, category, now, math.fsum(views.values()), tuple(ranked[:limit]))

    def counts(self, article_ids: Sequence[str]) -> dict[str, ViewCounts]:
        """See `ViewReader.counts`."""
        return {article_id: self._count_of(article_id) for article_id in article_ids}

    def hottest(self, limit: int) -> dict[str, int]:
        """See `ViewReader.hottest`."""
        published = [
            (article_id, len(self._counted[article_id]))
            for article_id, state in self._journal.articles.items()
            if not state.retracted and self._counted[article_id]
        ]
        return dict(sorted(published, key=lambda item: (-item[1], item[0]))[:limit])

    def hide(self, article_id: str) -> None:
        """See `ListEditor.hide`."""
        self._hidden.add(article_id)

    def unhide(self, article_id: str) -> None:
        """See `ListEditor.unhide`."""
        self._hidden.discard(article_id)

    def hidden(self) -> list[str]:
        """See `ListEditor.hidden`."""
        return sorted(self._hidden)

    def _count(self, partition: int, view: RecordedView, now: datetime) -> str:
        self._raw[view.article_id] += 1
        state = self._journal.articles.get(view.article_id)
        if not view.countable or (state is not None and state.retracted):
            return "raw_only"
        seconds, in_windows = view_time(view.at_ms, now)
        viewer = (partition, dhaka_day_of(seconds) if in_windows else dhaka_day(now), view.viewer_hash)
        if viewer in self._viewers:
            return "repeats"
        self._viewers.add(viewer)
        self._counted[view.article_id].append(_CountedView(seconds if in_windows else None, _retractions(state)))
        return "counted"

    def _views(self, article_id: str, window: Window, now: datetime) -> float:
        current = _retractions(self._journal.articles.get(article_id))
        times = [
            view.seconds
            for view in self._counted[article_id]
            if view.seconds is not None and view.retractions == current
        ]
        if window is Window.TODAY:
            return float(sum(dhaka_day_of(seconds) == dhaka_day(now) for seconds in times))
        return math.fsum(math.exp2((seconds - now.timestamp()) / WINDOW_SECONDS[window]) for seconds in times)

    def _rising_scores(
        self, in_scope: Sequence[str], now: datetime, published_at: Mapping[str, datetime]
    ) -> dict[str, float]:
        def total(window: Window) -> float:
            articles = self._journal.articles.items()
            return math.fsum(
                self._views(article_id, window, now) for article_id, state in articles if not state.retracted
            )

        share = total(FAST) / (total(SLOW) or 1.0)
        scores = {}
        for article_id in in_scope:
            fast = self._views(article_id, FAST, now)
            if fast >= LEAST_FAST_COUNT:
                published = published_at.get(article_id)
                age = None if published is None else (now - published).total_seconds()
                scores[article_id] = rising_score(fast, self._views(article_id, SLOW, now), age, share)
        return scores

    def _count_of(self, article_id: str) -> ViewCounts:
        return ViewCounts(counted=len(self._counted[article_id]), raw=self._raw[article_id])


def _retractions(state: ArticleState | None) -> int:
    return 0 if state is None else state.retractions
