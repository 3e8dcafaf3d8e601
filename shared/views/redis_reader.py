"""Reads counts and most-read lists from Redis and merges the partitions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import redis

from shared.keys import PartitionKeys, partition_of
from shared.views.days import dhaka_day
from shared.views.decay import decayed_count
from shared.views.model import WINDOW_SECONDS, ListKind, MostRead, RankedArticle, ViewCounts, Window
from shared.views.redis_errors import views_errors
from shared.views.rising import FAST, LEAST_FAST_COUNT, SLOW, rising_score

# Read beyond what is wanted, so that a few hidden articles cost no further round.
_SPARE: Final = 10
# What rises is among the most read of the hour; so many per partition are looked at.
_RISING_POOL: Final = 60


class _Listed(NamedTuple):
    article_id: str
    score: float


@dataclass(frozen=True, slots=True)
class _Lists:
    """The visible part of a list, merged; the scope's total of the window; the site's totals of the rising list."""

    articles: list[_Listed]
    scope_total: float
    fast_total: float
    slow_total: float


@dataclass(frozen=True, slots=True)
class _Details:
    counts: ViewCounts
    window_score: float | None
    slow_score: float | None


class RedisViewReader:
    """`ViewReader` on Redis or Valkey ≥ 7. A list takes two pipelined round trips."""

    def __init__(self, client: redis.Redis, *, partitions: int) -> None:
        self._client = client
        self._partitions = [PartitionKeys(partition) for partition in range(partitions)]

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
        """See `ViewReader.most_read`. A rising list compares the last hour with the last six, whatever `window`."""
        with views_errors():
            if kind is ListKind.RISING:
                lists = self._lists(FAST, window, category, max(limit, _RISING_POOL), now)
                articles = self._rising(lists, window, limit, now, published_at or {})
            else:
                lists = self._lists(window, window, category, limit, now)
                articles = self._top(lists, window, limit, now)
        return MostRead(window, kind, category, now, lists.scope_total, tuple(articles))

    def counts(self, article_ids: Sequence[str]) -> dict[str, ViewCounts]:
        """Of every article asked for; an unknown one has none. Two commands per partition, one round trip."""
        by_partition = self._by_partition(article_ids)
        with views_errors():
            pipeline = self._client.pipeline(transaction=False)
            for keys, ids in by_partition.items():
                pipeline.zmscore(keys.counted_views, ids)
                pipeline.hmget(keys.raw_views, ids)
                pipeline.hmget(keys.unfiled_views, ids)
            answers = iter(pipeline.execute())
        found = {}
        for ids in by_partition.values():
            for article_id, counted, raw, unfiled in zip(ids, next(answers), next(answers), next(answers), strict=True):
                # Views of an article without an event yet: the first word of its record.
                waiting = int(unfiled.split(maxsplit=1)[0]) if unfiled else 0
                found[article_id] = ViewCounts(counted=int(counted or 0) + waiting, raw=int(raw or 0))
        return found

    def hottest(self, limit: int) -> dict[str, int]:
        """See `ViewReader.hottest`; retracted articles are left out."""
        with views_errors():
            pipeline = self._client.pipeline(transaction=False)
            for keys in self._partitions:
                pipeline.zrevrange(keys.counted_views, 0, limit + _SPARE - 1, withscores=True)
            listed = _merged(pipeline.execute(), hidden=frozenset())
            by_partition = self._by_partition([article.article_id for article in listed])
            pipeline = self._client.pipeline(transaction=False)
            for keys, ids in by_partition.items():
                pipeline.hmget(keys.versions, ids)
            published = {
                article_id
                for ids, versions in zip(by_partition.values(), pipeline.execute(), strict=True)
                for article_id, version in zip(ids, versions, strict=True)
                if version is not None and int(version) > 0
            }
        hottest = [article for article in listed if article.article_id in published]
        return {article.article_id: int(article.score) for article in hottest[:limit]}

    def _lists(self, listed: Window, counted: Window, category: str | None, limit: int, now: datetime) -> _Lists:
        """The list of one window, and the total of another; at least `limit` visible articles if there are so many."""
        scope = "" if category is None else f":{category}"
        length = limit + _SPARE
        while True:
            pipeline = self._client.pipeline(transaction=False)
            for keys in self._partitions:
                pipeline.zrevrange(_list_key(keys, listed, now) + scope, 0, length - 1, withscores=True)
                pipeline.smembers(keys.hidden)
                pipeline.hget(*_total_field(keys, counted, now, scope))
                pipeline.hmget(keys.totals, [FAST, SLOW])
            answers = pipeline.execute()
            lists, hidden = answers[0::4], answers[1::4]
            needed = limit + max(len(members) for members in hidden)
            if length >= needed or all(len(members) < length for members in lists):
                break
            # So many are hidden that they could fill what was read.
            length = needed
        all_hidden = frozenset(article_id for members in hidden for article_id in members)
        fast, slow = zip(*answers[3::4], strict=True)
        return _Lists(
            articles=_merged(lists, all_hidden),
            scope_total=_total(answers[2::4], counted, now),
            fast_total=_total(fast, FAST, now),
            slow_total=_total(slow, SLOW, now),
        )

    def _top(self, lists: _Lists, window: Window, limit: int, now: datetime) -> list[RankedArticle]:
        listed = lists.articles[:limit]
        details = self._details([article.article_id for article in listed], window, now)
        ranked = []
        for article_id, score in listed:
            views = _views(score, window, now)
            ranked.append(RankedArticle(article_id, views, views, details[article_id].counts))
        return ranked

    def _rising(
        self, lists: _Lists, window: Window, limit: int, now: datetime, published_at: Mapping[str, datetime]
    ) -> list[RankedArticle]:
        fast_counts = {article.article_id: _views(article.score, FAST, now) for article in lists.articles}
        candidates = [article_id for article_id, count in fast_counts.items() if count >= LEAST_FAST_COUNT]
        if not candidates:
            return []
        fast_share = lists.fast_total / lists.slow_total if lists.slow_total else 1.0
        ranked = []
        for article_id, details in self._details(candidates, window, now).items():
            fast_count = fast_counts[article_id]
            slow_count = fast_count if details.slow_score is None else _views(details.slow_score, SLOW, now)
            published = published_at.get(article_id)
            age = None if published is None else (now - published).total_seconds()
            score = rising_score(fast_count, slow_count, age, fast_share)
            views = 0.0 if details.window_score is None else _views(details.window_score, window, now)
            ranked.append(RankedArticle(article_id, views, score, details.counts))
        ranked.sort(key=lambda article: (-article.score, article.article_id))
        return ranked[:limit]

    def _details(self, article_ids: Sequence[str], window: Window, now: datetime) -> dict[str, _Details]:
        by_partition = self._by_partition(article_ids)
        pipeline = self._client.pipeline(transaction=False)
        for keys, ids in by_partition.items():
            pipeline.zmscore(keys.counted_views, ids)
            pipeline.hmget(keys.raw_views, ids)
            pipeline.zmscore(_list_key(keys, window, now), ids)
            pipeline.zmscore(_list_key(keys, SLOW, now), ids)
        answers = iter(pipeline.execute())
        details = {}
        for ids in by_partition.values():
            columns = (next(answers), next(answers), next(answers), next(answers))
            for article_id, counted, raw, window_score, slow_score in zip(ids, *columns, strict=True):
                counts = ViewCounts(counted=int(counted or 0), raw=int(raw or 0))
                details[article_id] = _Details(counts, window_score, slow_score)
        return details

    def _by_partition(self, article_ids: Iterable[str]) -> dict[PartitionKeys, list[str]]:
        by_partition: dict[PartitionKeys, list[str]] = defaultdict(list)
        for article_id in dict.fromkeys(article_ids):
            by_partition[self._partitions[partition_of(article_id, len(self._partitions))]].append(article_id)
        return by_partition


def _list_key(keys: PartitionKeys, window: Window, now: datetime) -> str:
    return keys.day(dhaka_day(now)) if window is Window.TODAY else keys.window(window)


def _total_field(keys: PartitionKeys, window: Window, now: datetime, scope: str) -> tuple[str, str]:
    if window is Window.TODAY:
        return keys.day_totals(dhaka_day(now)), scope
    return keys.totals, f"{window}{scope}"


def _views(score: float, window: Window, now: datetime) -> float:
    """What a score stands for: a plain count today, else the decayed count."""
    return score if window is Window.TODAY else decayed_count(score, WINDOW_SECONDS[window], now)


def _total(stored: Iterable[bytes | None], window: Window, now: datetime) -> float:
    return sum(_views(float(value), window, now) for value in stored if value is not None)


def _merged(lists: Iterable[Sequence[tuple[bytes, float]]], hidden: frozenset[bytes]) -> list[_Listed]:
    """Highest score first; equal scores by id, so that a list does not flicker."""
    visible = [
        _Listed(article_id.decode(), float(score))
        for members in lists
        for article_id, score in members
        if article_id not in hidden
    ]
    return sorted(visible, key=lambda article: (-article.score, article.article_id))
