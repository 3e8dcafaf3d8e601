"""The record of the newest version of each article in Redis: two hashes per partition, written as events are settled.

What it costs: a field in `versions`, and one in `categories`, for each article that was ever published, for good.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar, cast

import redis

from shared.journal.lua_scripts import read_script
from shared.journal.model import RecordedArticle
from shared.journal.redis_errors import journal_errors
from shared.keys import PartitionKeys, StreamKind, partition_of
from shared.views.days import dhaka_day, utc_now
from shared.views.list_keys import DAY_LIST_KEPT_FOR, WINDOW_NAMES, days_kept, list_keys

RECORD_SCRIPTS: Final = (
    "shared.views/log2_counts.lua",
    "shared.views/unfiled_counts.lua",
    "shared.views/filing.lua",
    "article_record.lua",
)
"""What every script that changes the record begins with."""

_PAGE: Final = 500

Item = TypeVar("Item")


def record_step(keys: PartitionKeys, now: datetime) -> tuple[list[str], list[str | int | bytes]]:
    """The keys and the arguments that article_record.lua reads."""
    days = days_kept(dhaka_day(now))
    return [
        keys.versions,
        keys.categories,
        keys.totals,
        keys.counted_views,
        keys.unfiled,
        keys.unfiled_views,
        *list_keys(keys, days),
    ], [round(DAY_LIST_KEPT_FOR.total_seconds()), len(WINDOW_NAMES), len(days), *WINDOW_NAMES, *days]


class RedisArticleRecord:
    """`ArticleRecord` on Redis or Valkey ≥ 7. Every method raises `JournalUnavailableError`.

    `now` chooses the days whose lists an article is filed in.
    """

    def __init__(self, client: redis.Redis, *, partitions: int, now: Callable[[], datetime] = utc_now) -> None:
        self._client = client
        self._partitions = [PartitionKeys(partition) for partition in range(partitions)]
        self._now = now
        self._note = client.register_script(read_script(*RECORD_SCRIPTS, "note_articles.lua"))
        self._waiting = client.register_script(read_script("waiting.lua"))

    def count(self) -> int:
        """One round trip."""
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            for keys in self._partitions:
                pipeline.hlen(keys.versions)
            return sum(pipeline.execute())

    def pages(self) -> Iterator[list[RecordedArticle]]:
        """See `ArticleRecord.pages`; some 500 articles each, one HSCAN for each page."""
        for keys in self._partitions:
            cursor = 0
            while True:
                with journal_errors():
                    cursor, found = cast(
                        "tuple[int, dict[bytes, bytes]]", self._client.hscan(keys.versions, cursor, count=_PAGE)
                    )
                if found:
                    yield [_recorded(article_id, version) for article_id, version in found.items()]
                if cursor == 0:
                    break

    def look_up(self, article_ids: Sequence[str]) -> dict[str, RecordedArticle]:
        """See `ArticleRecord.look_up`; one round trip."""
        by_partition = list(self._by_partition(article_ids, key=lambda article_id: article_id))
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            for keys, ids in by_partition:
                pipeline.hmget(keys.versions, ids)
            answers = pipeline.execute()
        return {
            article_id: _recorded(article_id.encode(), version)
            for (_, ids), versions in zip(by_partition, answers, strict=True)
            for article_id, version in zip(ids, versions, strict=True)
            if version is not None
        }

    def note(self, articles: Sequence[RecordedArticle]) -> int:
        """See `ArticleRecord.note`; one atomic step for each partition."""
        now = self._now()
        noted = 0
        for partition, group in self._by_partition(articles, key=lambda article: article.article_id):
            keys, arguments = record_step(partition, now)
            items: list[str | int] = []
            for article in group:
                items += [article.article_id, article.version, int(article.retracted), article.category or ""]
            with journal_errors():
                noted += int(self._note(keys=keys, args=[*arguments, len(group), *items]))
        return noted

    def waiting(self) -> dict[str, int]:
        """See `ArticleRecord.waiting`; reads every article stream in pages, without the articles themselves."""
        newest: dict[str, int] = {}
        for keys in self._partitions:
            for kind in StreamKind:
                if kind.holds_articles:
                    self._add_waiting(keys.stream(kind), newest)
        return newest

    def _add_waiting(self, stream: str, newest: dict[str, int]) -> None:
        begin = "-"
        while True:
            with journal_errors():
                found = self._waiting(keys=[stream], args=[begin, _PAGE])
            for article_id, version in zip(found[1::3], found[2::3], strict=True):
                newest[article_id.decode()] = max(newest.get(article_id.decode(), 0), int(version))
            if len(found) < 3 * _PAGE:
                return
            begin = f"({found[-3].decode()}"

    def _by_partition(
        self, items: Iterable[Item], *, key: Callable[[Item], str]
    ) -> Iterable[tuple[PartitionKeys, list[Item]]]:
        grouped: dict[PartitionKeys, list[Item]] = defaultdict(list)
        for item in items:
            grouped[self._partitions[partition_of(key(item), len(self._partitions))]].append(item)
        return grouped.items()


def _recorded(article_id: bytes, version: bytes) -> RecordedArticle:
    number = int(version)
    return RecordedArticle(article_id.decode(), abs(number), retracted=number < 0)
