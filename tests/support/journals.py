"""A journal with all its parts, in memory or on a real server, for tests that hold for both."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from shared.journal.limits import LEASE_TIME
from shared.journal.memory import InMemoryJournal, SilentDoorbell
from shared.journal.memory_article_record import InMemoryArticleRecord
from shared.journal.memory_dead_letters import InMemoryDeadLetterOffice
from shared.journal.memory_trail import InMemoryTrail
from shared.journal.model import AppendItem, AppendResult, Entry, Outcome, SettledArticle, StreamId
from shared.journal.ports import (
    ArticleRecord,
    DeadLetterOffice,
    Doorbell,
    JournalAppender,
    JournalDrain,
    JournalGauge,
    Trail,
)
from shared.journal.redis_appender import RedisJournalAppender
from shared.journal.redis_article_record import RedisArticleRecord
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_drain import RedisJournalDrain
from shared.journal.redis_trail import RedisTrail
from shared.keys import StreamKind, partition_of
from shared.redis_clients import connect_async
from shared.views.days import utc_now
from shared.views.memory import InMemoryViews
from shared.views.model import CountResult, RecordedView, decode_views, encode_view
from shared.views.ports import ListEditor, ViewCounter, ViewReader
from shared.views.redis_counter import UNFILED_KEPT, RedisViewCounter
from shared.views.redis_list_editor import RedisListEditor
from shared.views.redis_reader import RedisViewReader
from tests.support.clock import Clock
from tests.support.valkey import ValkeyServer
from tests.support.valkey_cluster import ValkeyCluster

PARTITIONS = 3


@dataclass
class Journal:
    """The ports of one journal, and short ways to say what tests often do."""

    clock: Clock
    doorbell: SilentDoorbell
    appender: JournalAppender
    gauge: JournalGauge
    drain: JournalDrain
    dead_letters: DeadLetterOffice
    trail: Trail
    record: ArticleRecord
    counter: ViewCounter
    reader: ViewReader
    editor: ListEditor
    run: asyncio.Runner
    empty: Callable[[], object]
    wait_for_rings: Callable[[], object]

    def __post_init__(self) -> None:
        self._batches = count(1)

    def append(self, stream: StreamId, *items: AppendItem, batch: str | None = None) -> AppendResult:
        return self.run.run(self.appender.append(stream, batch or f"batch-{next(self._batches)}", items))

    def rings(self) -> list[StreamId]:
        """Who was rung for, when every ring that is under way is over."""
        self.wait_for_rings()
        return self.doorbell.rings

    def append_views(self, *views: RecordedView) -> None:
        """Each with an identity of its own, to the partitions of their articles, one entry per partition."""
        by_stream: dict[StreamId, list[AppendItem]] = {}
        for view in views:
            stream = views_stream(view.article_id)
            by_stream.setdefault(stream, []).append(AppendItem(view.article_id, encode_view(view)))
        for stream, items in by_stream.items():
            self.append(stream, *items)

    def count_all(self, *, entries_at_a_time: int = 100) -> list[CountResult]:
        """Drain every view stream."""
        results = []
        for partition in range(PARTITIONS):
            stream = StreamId(StreamKind.VIEWS, partition)
            while entries := self.drain.read(stream, entries_at_a_time):
                batches = [(entry, decode_views(entry.body)) for entry in entries]
                results.append(self.counter.count(partition, batches, now=self.clock()))
        return results

    def view(self, *views: RecordedView) -> None:
        """Accept and count."""
        self.append_views(*views)
        self.count_all()

    def publish(self, article_id: str, version: int = 1, *, category: str | None = None) -> None:
        """Accept an article event and settle it as applied."""
        self._settle(article_id, version, retracted=False, category=category)

    def retract(self, article_id: str, version: int) -> None:
        self._settle(article_id, version, retracted=True, category=None)

    def _settle(self, article_id: str, version: int, *, retracted: bool, category: str | None) -> None:
        stream = articles_stream(article_id)
        self.append(stream, article_item(article_id, version))
        [entry] = self.drain.read(stream, 1)
        work = [settled(entry, article_id, version, retracted=retracted, category=category)]
        assert self.drain.settle_articles(stream, work) == work


def views_stream(article_id: str) -> StreamId:
    return StreamId(StreamKind.VIEWS, partition_of(article_id, PARTITIONS))


def articles_stream(article_id: str) -> StreamId:
    return StreamId(StreamKind.ARTICLES, partition_of(article_id, PARTITIONS))


def article_item(article_id: str, version: int = 1, *, event_hash: int | None = None) -> AppendItem:
    body = f'{{"id": "{article_id}", "version": {version}}}'.encode()
    return AppendItem(article_id, body, event_hash, f"event-{article_id}-{version}", version)


def settled(
    entry: Entry,
    article_id: str,
    version: int = 1,
    *,
    outcome: Outcome = Outcome.APPLIED,
    retracted: bool = False,
    category: str | None = None,
) -> SettledArticle:
    return SettledArticle(
        entry_id=entry.id,
        article_id=article_id,
        event_id=f"event-{article_id}-{version}",
        version=version,
        outcome=outcome,
        retracted=retracted,
        category=category,
        attempts=entry.deliveries,
    )


@contextmanager
def memory_journal(at: datetime | None = None) -> Iterator[Journal]:
    clock, doorbell = Clock(at), SilentDoorbell()
    journal = InMemoryJournal(partitions=PARTITIONS, doorbell=doorbell, now=clock)
    views = InMemoryViews(journal)
    with asyncio.Runner() as runner:
        yield Journal(
            clock=clock,
            doorbell=doorbell,
            appender=journal,
            gauge=journal,
            drain=journal,
            dead_letters=InMemoryDeadLetterOffice(journal),
            trail=InMemoryTrail(journal),
            record=InMemoryArticleRecord(journal),
            counter=views,
            reader=views,
            editor=views,
            run=runner,
            empty=lambda: None,
            wait_for_rings=lambda: None,
        )


@contextmanager
def redis_journal(
    server: ValkeyServer | ValkeyCluster,
    at: datetime | None = None,
    *,
    lease_time: timedelta = LEASE_TIME,
    unfiled_kept: int = UNFILED_KEPT,
) -> Iterator[Journal]:
    clock, doorbell = Clock(at), SilentDoorbell()
    with (
        server.client() as client,
        asyncio.Runner() as runner,
        redis_appender(runner, server.url, doorbell=doorbell, now=clock) as appender,
    ):
        yield Journal(
            clock=clock,
            doorbell=doorbell,
            appender=appender,
            gauge=appender,
            drain=RedisJournalDrain(client, partitions=PARTITIONS, now=clock, lease_time=lease_time),
            dead_letters=RedisDeadLetterOffice(client, doorbell, partitions=PARTITIONS),
            trail=RedisTrail(client, partitions=PARTITIONS),
            record=RedisArticleRecord(client, partitions=PARTITIONS, now=clock),
            counter=RedisViewCounter(client, unfiled_kept=unfiled_kept),
            reader=RedisViewReader(client, partitions=PARTITIONS),
            editor=RedisListEditor(client, partitions=PARTITIONS),
            run=runner,
            empty=client.flushdb,
            # The rings' thread takes them in turn, so this one is over after them.
            wait_for_rings=lambda: appender._ringer.submit(int).result(),
        )


@contextmanager
def redis_appender(
    runner: asyncio.Runner,
    url: str,
    *,
    doorbell: Doorbell | None = None,
    now: Callable[[], datetime] = utc_now,
    timeout: timedelta = timedelta(seconds=5),
) -> Iterator[RedisJournalAppender]:
    """An appender with a client of its own, for the loop of `runner`."""
    client = connect_async(url, timeout=timeout, client_name="tests")
    appender = RedisJournalAppender(client, doorbell or SilentDoorbell(), partitions=PARTITIONS, now=now)
    try:
        yield appender
    finally:
        runner.run(appender.close())
        runner.run(client.aclose())
