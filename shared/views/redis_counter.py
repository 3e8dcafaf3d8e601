"""Counts views in Redis: one Lua step acknowledges entries, counts their views once and updates the lists."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import redis

from shared.journal.lua_scripts import read_script
from shared.journal.model import Entry
from shared.journal.redis_drain import GROUP
from shared.journal.redis_errors import journal_errors
from shared.keys import PartitionKeys, StreamKind
from shared.views.days import dhaka_day, dhaka_day_of
from shared.views.decay import EPOCH, negligible_score, view_time
from shared.views.list_keys import DAY_LIST_KEPT_FOR, WINDOW_NAMES, days_kept, list_keys
from shared.views.model import WINDOW_SECONDS, CountResult, RecordedView

# A step blocks Redis for as long as it runs: about 10 ms with 500 views.
VIEWS_PER_STEP: Final = 500
# Sets of up to 512 small integers are intsets of 8 bytes a member: 256 buckets hold 131,072 (viewer, article) pairs
# per partition and day that compactly.
VIEWER_BUCKETS: Final = 256
VIEWERS_KEPT_FOR: Final = timedelta(days=2)
# Articles with a published event are bounded by their publishers; these lists only bound what a list may hold.
KEPT_IN_WINDOW: Final = 20_000
KEPT_IN_CATEGORY: Final = 2_000
UNFILED_KEPT: Final = 10_000
_TRIM_EVERY: Final = 16

_Batch = tuple[Entry, Sequence[RecordedView]]


class RedisViewCounter:
    """`ViewCounter` on Redis or Valkey ≥ 7.

    Articles that were viewed and never published are kept to the newest `unfiled_kept` per partition.
    """

    def __init__(self, client: redis.Redis, *, unfiled_kept: int = UNFILED_KEPT) -> None:
        self._unfiled_kept = unfiled_kept
        self._steps: Counter[int] = Counter()
        self._count = client.register_script(
            read_script("log2_counts.lua", "unfiled_counts.lua", "count_views.lua", package="shared.views")
        )

    def count(self, partition: int, batches: Sequence[_Batch], *, now: datetime) -> CountResult:
        """See `ViewCounter.count`. A step takes whole entries, about 500 views of them; O(views)."""
        counted = repeats = raw_only = refused = 0
        for step in _steps(batches):
            result = self._run(partition, step, now)
            counted += result.counted
            repeats += result.repeats
            raw_only += result.raw_only
            refused += result.refused
        return CountResult(counted=counted, repeats=repeats, raw_only=raw_only, refused=refused)

    def _run(self, partition: int, step: Sequence[_Batch], now: datetime) -> CountResult:
        self._steps[partition] += 1
        keys = PartitionKeys(partition)
        days = days_kept(dhaka_day(now))
        all_keys = [
            keys.stream(StreamKind.VIEWS),
            keys.versions,
            keys.categories,
            keys.raw_views,
            keys.counted_views,
            keys.totals,
            keys.unfiled,
            keys.unfiled_views,
            *list_keys(keys, days),
        ]
        views = _ViewArguments(keys, all_keys, now)
        for entry, recorded in step:
            views.add(entry, recorded)
        with journal_errors():
            counted, repeats, raw_only, refused = self._count(
                keys=all_keys,
                args=[
                    GROUP,
                    round(now.timestamp() * 1_000),
                    self._unfiled_kept,
                    round(VIEWERS_KEPT_FOR.total_seconds()),
                    round(DAY_LIST_KEPT_FOR.total_seconds()),
                    int(self._steps[partition] % _TRIM_EVERY == 0),
                    KEPT_IN_WINDOW,
                    KEPT_IN_CATEGORY,
                    len(WINDOW_NAMES),
                    len(days),
                    *WINDOW_NAMES,
                    *WINDOW_SECONDS.values(),
                    *(repr(negligible_score(half_life, now)) for half_life in WINDOW_SECONDS.values()),
                    *days,
                    len(views.articles),
                    *views.articles,
                    len(step),
                    *views.arguments,
                ],
            )
        return CountResult(counted=counted, repeats=repeats, raw_only=raw_only, refused=refused)


class _ViewArguments:
    """The part of the arguments that lists entries, and the keys of the viewers' sets, which it adds to `keys`."""

    def __init__(self, partition: PartitionKeys, keys: list[str], now: datetime) -> None:
        self.articles: dict[str, int] = {}
        self.arguments: list[str | int] = []
        self._partition = partition
        self._keys = keys
        self._now = now
        self._today = dhaka_day(now)
        self._day_index = {day: index for index, day in enumerate(days_kept(self._today), start=1)}
        self._viewers: dict[tuple[int, int], int] = {}

    def add(self, entry: Entry, views: Sequence[RecordedView]) -> None:
        by_article: dict[str, list[RecordedView]] = {}
        for view in views:
            by_article.setdefault(view.article_id, []).append(view)
        self.arguments += [entry.id, len(by_article)]
        for article_id, its_views in by_article.items():
            index = self.articles.setdefault(article_id, len(self.articles) + 1)
            countable = [view for view in its_views if view.countable]
            self.arguments += [index, len(its_views), len(countable)]
            for view in countable:
                seconds, in_windows = view_time(view.at_ms, self._now)
                # Of a view that is too old its clock says nothing sensible, so today's sets remember it.
                day = dhaka_day_of(seconds) if in_windows else self._today
                self.arguments += [
                    self._viewers_index(day, view.viewer_hash % VIEWER_BUCKETS),
                    view.viewer_hash,
                    repr(seconds - EPOCH) if in_windows else "",
                    self._day_index.get(day, 0) if in_windows else 0,
                ]

    def _viewers_index(self, day: int, bucket: int) -> int:
        index = self._viewers.get((day, bucket))
        if index is None:
            self._keys.append(self._partition.viewers(day, bucket))
            index = self._viewers[day, bucket] = len(self._keys)
        return index


def _steps(batches: Sequence[_Batch]) -> Iterator[list[_Batch]]:
    step: list[_Batch] = []
    size = 0
    for batch in batches:
        views = len(batch[1])
        if step and size + views > VIEWS_PER_STEP:
            yield step
            step, size = [], 0
        step.append(batch)
        size += views
    if step:
        yield step
