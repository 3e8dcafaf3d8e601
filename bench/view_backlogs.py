"""Views that wait to be counted: in the journal as the door leaves them there, and as Celery tasks."""

import asyncio
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import uuid4

import redis

from shared.journal.memory import SilentDoorbell
from shared.journal.model import AppendBatch, AppendItem, StreamId
from shared.journal.redis_appender import RedisJournalAppender
from shared.journal.redis_drain import RedisJournalDrain
from shared.keys import PartitionKeys, StreamKind, partition_of
from shared.tickets import CeleryDoorbell, celery_producer
from shared.views.days import dhaka_day, utc_now
from shared.views.model import RecordedView, encode_view
from shared.views.redis_reader import RedisViewReader
from shared.views.viewer_hash import daily_salt, event_hash, viewer_hash
from tests.support.journals import article_item, settled
from tests.support.valkey import ValkeyServer

PARTITIONS: Final = 8
_ARTICLES: Final = tuple(f"news-{number}" for number in range(2_000))
# Zipf's law: the tenth article is read a tenth as often as the first.
_POPULARITY: Final = tuple(accumulate(1 / rank for rank in range(1, len(_ARTICLES) + 1)))
_CATEGORIES: Final = ("জাতীয়", "রাজনীতি", "খেলা", "বিনোদন", "অর্থনীতি", "বিশ্ব")
_READERS: Final = 50_000
_AGE_MS: Final = 120_000
_ITEMS_PER_ROUND_TRIP: Final = 2_000


class ViewBacklog(Protocol):
    def fill(self, views: int) -> None: ...

    def call_worker(self) -> None:
        """Tell the worker that there is something to do; again and again does no harm."""
        ...

    def is_empty(self) -> bool: ...

    def counted(self) -> int:
        """Views counted since the server was started."""
        ...


class _Server:
    """Holds a connection to the server while the context is open."""

    def __init__(self, server: ValkeyServer) -> None:
        self._server = server
        self._client: redis.Redis = server.client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()


class JournalBacklog(_Server):
    """Entries of `entry_views` views in every partition, of articles that `publish` has made known."""

    def __init__(self, server: ValkeyServer, entry_views: int) -> None:
        super().__init__(server)
        self._entry_views = entry_views
        self._random = Random(entry_views)
        self._drain = RedisJournalDrain(self._client, partitions=PARTITIONS)
        self._doorbell = CeleryDoorbell(celery_producer(f"{server.url.rpartition('/')[0]}/1"))

    def publish(self) -> None:
        """So that views are counted in the lists of categories too; once for each server."""
        asyncio.run(self._publish())

    def fill(self, views: int) -> None:
        asyncio.run(self._append(views))

    def call_worker(self) -> None:
        for partition in range(PARTITIONS):
            self._doorbell.ring(StreamId(StreamKind.VIEWS, partition))

    def is_empty(self) -> bool:
        pipeline = self._client.pipeline(transaction=False)
        for partition in range(PARTITIONS):
            pipeline.xlen(PartitionKeys(partition).stream(StreamKind.VIEWS))
        return not any(pipeline.execute())

    def counted(self) -> int:
        reader = RedisViewReader(self._client, partitions=PARTITIONS)
        return sum(counts.raw for counts in reader.counts(_ARTICLES).values())

    async def _append(self, views: int) -> None:
        by_partition: list[list[AppendItem]] = [[] for _ in range(PARTITIONS)]
        for item in self._views(views):
            by_partition[partition_of(item.article_id, PARTITIONS)].append(item)
        batches = [
            AppendBatch(StreamId(StreamKind.VIEWS, partition), uuid4().hex, items[start : start + self._entry_views])
            for partition, items in enumerate(by_partition)
            for start in range(0, len(items), self._entry_views)
        ]
        await self._append_many(batches)

    async def _publish(self) -> None:
        batches = []
        for partition in range(PARTITIONS):
            articles = [name for name in _ARTICLES if partition_of(name, PARTITIONS) == partition]
            items = [article_item(name) for name in articles]
            batches.append(AppendBatch(StreamId(StreamKind.ARTICLES, partition), uuid4().hex, items))
        await self._append_many(batches)
        for batch in batches:
            entries = self._drain.read(batch.stream, len(batch.items))
            self._drain.settle_articles(
                batch.stream,
                [
                    settled(entry, item.article_id, category=_CATEGORIES[position % len(_CATEGORIES)])
                    for position, (entry, item) in enumerate(zip(entries, batch.items, strict=True))
                ],
            )

    async def _append_many(self, batches: list[AppendBatch]) -> None:
        client = self._server.async_client()
        appender = RedisJournalAppender(client, SilentDoorbell(), partitions=PARTITIONS)
        waiting: list[AppendBatch] = []
        for batch in batches:
            waiting.append(batch)
            if sum(len(each.items) for each in waiting) >= _ITEMS_PER_ROUND_TRIP or batch is batches[-1]:
                for result in await appender.append_many(waiting):
                    if isinstance(result, Exception):
                        raise result
                waiting = []
        await appender.close()
        await client.aclose()

    def _views(self, count: int) -> Iterator[AppendItem]:
        now = utc_now()
        salt, now_ms = daily_salt(b"bench", dhaka_day(now)), round(now.timestamp() * 1_000)
        for article_id in self._random.choices(_ARTICLES, cum_weights=_POPULARITY, k=count):
            reader = viewer_hash(salt, str(self._random.randrange(_READERS)), article_id)
            view = RecordedView(article_id, reader, now_ms - self._random.randrange(_AGE_MS), countable=True)
            yield AppendItem(article_id, encode_view(view), event_hash("bench", str(self._random.getrandbits(64))))


class TaskBacklog(_Server):
    """A task for each view, in Celery's queue."""

    def __init__(self, server: ValkeyServer) -> None:
        super().__init__(server)
        self._random = Random(0)
        self._producer = celery_producer(server.url, name="naive")
        self._producer.conf.task_create_missing_queues = True

    def fill(self, views: int) -> None:
        for article_id in self._random.choices(_ARTICLES, cum_weights=_POPULARITY, k=views):
            view = {"article_id": article_id, "viewer": str(self._random.randrange(_READERS))}
            self._producer.send_task("naive.count_view", args=(view,), queue="celery")

    def call_worker(self) -> None:
        """Each task calls it."""

    def is_empty(self) -> bool:
        return not self._client.llen("celery") and not self._client.hlen("unacked")

    def counted(self) -> int:
        keys = list(self._client.scan_iter("views:*", count=1_000))
        return sum(int(count) for count in self._client.mget(keys) if count is not None) if keys else 0
