"""Cutting the journal anew changes nothing that anybody can see, wherever it is interrupted."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, Self

import orjson
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli.stack.local_stack import LocalStack
from services.cli.stack.supervisor_config import render_valkey_config
from shared.journal.layout import JournalLayoutError, agree_on_layout
from shared.journal.memory import SilentDoorbell
from shared.journal.model import AppendItem, AppendResult, Entry, Outcome, SettledArticle, StreamId
from shared.journal.redis_appender import RedisJournalAppender
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_drain import RedisJournalDrain
from shared.journal.redis_trail import RedisTrail
from shared.keys import LAYOUT, PartitionKeys, StreamKind, partition_of
from shared.redis_clients import connect, connect_async
from shared.resharding.copying import ReshardError
from shared.resharding.reshard import Resharding
from shared.views.model import ListKind, RecordedView, Window, decode_views, encode_view
from shared.views.redis_counter import RedisViewCounter
from shared.views.redis_list_editor import RedisListEditor
from shared.views.redis_reader import RedisViewReader
from tests.support.clock import Clock
from tests.support.command_line import CommandLine
from tests.support.valkey import ValkeyServer, free_port, running_server

pytestmark = pytest.mark.integration

ARTICLES = [f"সংবাদ-{number}".encode().hex() for number in range(12)]
CATEGORIES = (None, "কৃষি", "খেলা", "a:b")
ROOT = Path(__file__).parents[2]
TIMEOUT = timedelta(seconds=5)
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """One event, the same in every run: an article's, or a view."""

    article_id: str
    number: int
    version: int = 0
    retracted: bool = False
    category: str | None = None
    backfill: bool = False
    viewer: int | None = None

    @property
    def kind(self) -> StreamKind:
        if self.viewer is not None:
            return StreamKind.VIEWS
        return StreamKind.BACKFILL if self.backfill else StreamKind.ARTICLES


class World:
    """A journal and its counters in a database of their own, with as many partitions as the test says."""

    def __init__(self, server: ValkeyServer, database: int, partitions: int) -> None:
        self.clock = Clock(NOW)
        self.url = server.url.removesuffix("/0") + f"/{database}"
        self.client = connect(self.url, timeout=TIMEOUT, client_name="tests")
        self.client.flushdb()
        self._batches = count()
        self._run = asyncio.Runner()
        self._async_client = connect_async(self.url, timeout=TIMEOUT, client_name="tests")
        self.cut(partitions)
        agree_on_layout(self.client, partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._run.run(self._async_client.aclose())
        self._run.close()
        self.client.close()

    def cut(self, partitions: int) -> None:
        """Believe in this number from now on."""
        self.partitions = partitions
        self._appender = RedisJournalAppender(
            self._async_client, SilentDoorbell(), partitions=partitions, now=self.clock
        )
        self.drain = RedisJournalDrain(self.client, partitions=partitions, now=self.clock)
        self.office = RedisDeadLetterOffice(self.client, SilentDoorbell(), partitions=partitions)
        self.reader = RedisViewReader(self.client, partitions=partitions)
        self.counter = RedisViewCounter(self.client)

    def accept(self, event: Event) -> AppendResult:
        items = [self._item(event)]
        return self._run.run(self._appender.append(self.stream(event), f"batch-{next(self._batches)}", items))

    def stream(self, event: Event) -> StreamId:
        return StreamId(event.kind, partition_of(event.article_id, self.partitions))

    def hide(self, article_id: str) -> None:
        RedisListEditor(self.client, partitions=self.partitions).hide(article_id)

    def work(self, kinds: Collection[StreamKind] = tuple(StreamKind)) -> None:
        """Drain all streams of these kinds, as a worker does."""
        for kind in kinds:
            for partition in range(self.partitions):
                self._drain(StreamId(kind, partition))

    def hand_out(self) -> None:
        """A worker reads one entry of each stream and dies."""
        for kind in StreamKind:
            for partition in range(self.partitions):
                self.drain.read(StreamId(kind, partition), 1)

    def seen_by_all(self) -> dict[str, Any]:
        """Everything that readers, publishers and operators can ask for, in numbers that can be compared."""
        lists = {
            (window, category): [
                (one.article_id, one.window_views, one.counts)
                for one in sorted(self._most_read(window, category), key=lambda one: one.article_id)
            ]
            for window in Window
            for category in CATEGORIES
        }
        trail = RedisTrail(self.client, partitions=self.partitions)
        trails = {
            article_id: [(mark.stage, mark.version, mark.event_id, mark.priority) for mark in trail.marks(article_id)]
            for article_id in ARTICLES
        }
        return {
            "lists": lists,
            "trails": {article_id: sorted(marks) for article_id, marks in trails.items()},
            "counts": self.reader.counts(ARTICLES),
            "hottest": self.reader.hottest(50),
            "hidden": RedisListEditor(self.client, partitions=self.partitions).hidden(),
            "letters": sorted((one.article_id, one.stream.kind, one.body) for one in self.office.list(limit=1_000)),
            "waiting": sum(backlog.entries for backlog in self.drain.backlogs()),
        }

    def totals(self) -> list[float]:
        return [
            self.reader.most_read(
                window=window, kind=ListKind.TOP, category=category, limit=50, now=self.clock()
            ).counted_views
            for window in Window
            for category in CATEGORIES
        ]

    def _most_read(self, window: Window, category: str | None) -> Any:
        found = self.reader.most_read(window=window, kind=ListKind.TOP, category=category, limit=50, now=self.clock())
        return found.articles

    def _drain(self, stream: StreamId) -> None:
        while entries := self.drain.read(stream, 3):
            if stream.kind is StreamKind.VIEWS:
                views = [(entry, decode_views(entry.body)) for entry in entries]
                self.counter.count(stream.partition, views, now=self.clock())
                continue
            for entry in entries:
                self._settle(stream, entry)

    def _settle(self, stream: StreamId, entry: Entry) -> None:
        event = Event(**orjson.loads(entry.body))
        if event.number % 7 == 3:
            self.drain.bury(
                stream, entry, article_id=event.article_id, event_id=_id(event), version=event.version, reason="mapping"
            )
            return
        settled = SettledArticle(
            entry.id,
            event.article_id,
            _id(event),
            event.version,
            Outcome.APPLIED,
            event.retracted,
            event.category,
            attempts=1,
        )
        assert self.drain.settle_articles(stream, [settled]) == [settled]

    def _item(self, event: Event) -> AppendItem:
        if event.viewer is not None:
            at_ms = round(self.clock().timestamp() * 1_000)
            viewer_hash = event.viewer * 1_000 + ARTICLES.index(event.article_id)
            body = encode_view(RecordedView(event.article_id, viewer_hash, at_ms, countable=event.number % 5 > 0))
            return AppendItem(event.article_id, body, event.number)
        return AppendItem(event.article_id, orjson.dumps(event), event.number, _id(event), event.version)


def _id(event: Event) -> str:
    return f"event-{event.number}"


def random_events(source: random.Random, number: int) -> Iterator[Event]:
    for sequence in range(number):
        article_id = source.choice(ARTICLES)
        if source.random() < 0.6:
            yield Event(article_id, sequence, viewer=source.randrange(6))
        else:
            yield Event(
                article_id,
                sequence,
                # No two of an article alike, so that the order of streams does not matter.
                version=1 + source.randrange(3) * 1_000 + sequence,
                retracted=source.random() < 0.2,
                category=source.choice(CATEGORIES),
                backfill=source.random() < 0.3,
            )


def reshard(world: World, target: int, *, interrupted_after: int | None = None) -> bool:
    """Whether it was done to the end."""
    steps = Resharding(world.client, partitions=world.partitions, target=target).run()
    if interrupted_after is None:
        for _ in steps:
            pass
        world.cut(target)
        return True
    taken = list(islice(steps, interrupted_after))
    if len(taken) < interrupted_after:
        world.cut(target)
        return True
    steps.close()  # type: ignore[attr-defined]
    return False


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """Where no other test has left a connection: one that looks like a worker's stops the command."""
    with running_server() as server:
        yield server


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30), interruptions=st.lists(st.integers(1, 60), min_size=2, max_size=2))
def test_the_end_is_that_of_a_journal_that_was_never_cut_anew(
    server: ValkeyServer, seed: int, interruptions: list[int]
) -> None:
    with World(server, 1, 8) as cut, World(server, 2, 8) as whole:
        check_the_end(cut, whole, seed, interruptions)


def check_the_end(cut: World, whole: World, seed: int, interruptions: list[int]) -> None:
    source = random.Random(seed)
    events = list(random_events(source, 40))
    thirds = [events[:14], events[14:28], events[28:]]
    hidden = source.choice(ARTICLES)
    for part, target, interruption in zip(thirds, (12, 5, None), (*interruptions, None), strict=True):
        drained = [kind for kind in StreamKind if source.random() < 0.4]
        for event in part:
            assert cut.accept(event) == whole.accept(event)
        for world in (cut, whole):
            world.hide(hidden)
            world.clock.advance(timedelta(minutes=40))
            # Whether a view counts follows from whether its article is retracted by then, so both drain the same.
            world.work(drained)
        cut.hand_out()
        if target is not None and not reshard(cut, target, interrupted_after=interruption):
            reshard(cut, target)
        # What was accepted before counts as seen, wherever its article lies now.
        again = source.choice(part)
        assert cut.accept(again).duplicates == whole.accept(again).duplicates == 1
    for world in (cut, whole):
        world.work()
    assert cut.partitions == 5
    seen, expected = cut.seen_by_all(), whole.seen_by_all()
    lists, expected_lists = seen.pop("lists"), expected.pop("lists")
    assert seen == expected
    assert seen["waiting"] == 0
    assert lists.keys() == expected_lists.keys()
    for name, articles in lists.items():
        assert [(one[0], one[2]) for one in articles] == [(one[0], one[2]) for one in expected_lists[name]]
        assert [one[1] for one in articles] == pytest.approx([one[1] for one in expected_lists[name]], rel=1e-9)
    assert cut.totals() == pytest.approx(whole.totals(), rel=1e-6, abs=1e-6)
    tags = {key.decode().partition("}")[0] for key in cut.client.scan_iter(match="*{kh:*")}
    assert tags <= {PartitionKeys(partition).tag.rstrip("}") for partition in range(5)}


@pytest.fixture
def world(server: ValkeyServer) -> Iterator[World]:
    with World(server, 1, 3) as world:
        yield world


def article(number: int, article_id: str = ARTICLES[0]) -> Event:
    return Event(article_id, number, version=number)


def test_what_was_handed_out_keeps_its_count_and_its_age_and_goes_first(world: World) -> None:
    for number in range(1, 4):
        world.accept(article(number))
    stream = world.stream(article(1))
    for _ in range(2):
        [entry, *_] = world.drain.read(stream, 2)
    assert entry.deliveries == 2
    reshard(world, 7)
    [moved] = world.drain.read(world.stream(article(1)), 10)
    assert (moved.deliveries, moved.body) == (3, entry.body)
    assert moved.appended_at == entry.appended_at
    assert moved.id != entry.id, "a worker that slept through it must settle nothing by the old id"


def test_the_views_of_one_entry_part_ways(world: World) -> None:
    views = [RecordedView(article_id, number, 0, countable=True) for number, article_id in enumerate(ARTICLES)]
    key = PartitionKeys(1).stream(StreamKind.VIEWS)
    world.client.xadd(key, {"body": b"[" + b",".join(map(encode_view, views)) + b"]"})
    reshard(world, 8)
    world.work()
    assert all(counts.raw == 1 for counts in world.reader.counts(ARTICLES).values())


def test_dead_letters_are_replayed_where_their_articles_are_now(world: World) -> None:
    for number in (3, 10):
        world.accept(article(number, ARTICLES[number % 5]))
    world.work()
    assert world.office.count() == 2
    reshard(world, 8)
    letters = world.office.list(limit=10)
    assert {letter.stream.partition for letter in letters} == {
        partition_of(letter.article_id or "", 8) for letter in letters
    }
    assert world.office.replay(letters) == 2
    waiting = {backlog.stream for backlog in world.drain.backlogs() if backlog.entries}
    assert waiting == {letter.stream for letter in letters}


def test_it_refuses_while_a_service_is_connected_or_a_stream_is_held(world: World) -> None:
    world.accept(article(1))
    with connect(world.url, timeout=TIMEOUT, client_name="khobor-worker@tests") as worker:
        worker.ping()
        with pytest.raises(ReshardError, match="khobor-worker@tests"):
            reshard(world, 4)
    stream = world.stream(article(1))
    assert world.drain.acquire(stream, "a worker")
    with pytest.raises(ReshardError, match="lease:articles"):
        reshard(world, 4)
    assert world.drain.renew(stream, "a worker"), "the refusal left everything as it was"
    world.drain.release(stream, "a worker", only_if_empty=False)
    assert reshard(world, 4)


def test_nobody_works_on_a_journal_that_is_being_cut_or_was_cut_otherwise(world: World) -> None:
    world.accept(article(1))
    stream = world.stream(article(1))
    assert not reshard(world, 4, interrupted_after=1)
    with pytest.raises(JournalLayoutError, match="reshard --partitions 4"):
        world.drain.acquire(stream, "a worker")
    with pytest.raises(JournalLayoutError):
        agree_on_layout(world.client, 3)
    assert reshard(world, 4)
    agree_on_layout(world.client, 4)
    stale = RedisJournalDrain(world.client, partitions=3)
    with pytest.raises(JournalLayoutError, match="has 4 partitions and KHOBOR_PARTITIONS says 3"):
        stale.acquire(stream, "a worker with old settings")
    assert not any(backlog.leased for backlog in world.drain.backlogs())


def test_before_the_copy_is_whole_one_can_think_better_of_it(world: World) -> None:
    world.accept(article(1))
    before = world.client.dbsize()
    assert not reshard(world, 4, interrupted_after=1)
    reshard(world, 3)
    agree_on_layout(world.client, 3)
    assert world.client.dbsize() == before
    world.work()
    assert world.seen_by_all()["waiting"] == 0


def test_a_half_done_change_wants_to_be_finished_first(world: World) -> None:
    world.accept(article(1))
    world.client.hset(LAYOUT, mapping={"target": 4, "phase": "renaming"})
    with pytest.raises(ReshardError, match="--partitions 4"):
        reshard(world, 5)


@pytest.mark.parametrize(
    ("key", "says"),
    [("{kh:01}:from-the-future", "does not know the key"), ("{kh:01}:stream:views", "cannot be read")],
)
def test_what_it_does_not_understand_stops_it_and_leaves_everything_as_it_was(
    world: World, key: str, says: str
) -> None:
    world.accept(article(1))
    world.client.xadd(key, {"body": b"no views"})
    before = world.client.dbsize()
    with pytest.raises(ReshardError, match=says):
        reshard(world, 4)
    agree_on_layout(world.client, 3)
    assert world.client.dbsize() == before


def test_every_name_that_partitions_have_is_known(world: World) -> None:
    """A key that is added to `PartitionKeys` must be moved as well."""
    keys = PartitionKeys(1)
    names = [name for name in dir(PartitionKeys) if not name.startswith("_") and name not in {"partition", "tag"}]
    arguments: dict[str, tuple[Any, ...]] = {
        "stream": (StreamKind.ARTICLES,),
        "doorbell": (StreamKind.VIEWS,),
        "lease": (StreamKind.VIEWS,),
        "batch": ("b",),
        "seen_events": (20_000, 7),
        "viewers": (20_000, 7),
        "trail": (ARTICLES[0],),
        "window": ("24h", "কৃষি"),
        "day": (20_000, "কৃষি"),
        "day_totals": (20_000,),
    }
    made = {name: getattr(keys, name)(*arguments[name]) if name in arguments else getattr(keys, name) for name in names}
    moved = {name for name in names if name not in {"doorbell", "lease", "batch"}}
    fill(world.client, made)
    world.client.delete(made["lease"])
    reshard(world, 2)
    found = {key.decode().partition("}:")[2] for key in world.client.scan_iter(match="{kh:*")}
    assert found == {made[name].partition("}:")[2] for name in moved}


def fill(client: redis.Redis, keys: dict[str, str]) -> None:
    """Put something of the right type under each."""
    member = ARTICLES[0]
    for name, key in keys.items():
        match name:
            case "stream":
                client.xadd(key, {"body": b"{}", "article": member})
            case "dead_letters":
                client.xadd(key, {"stream": "articles", "article": member, "body": b"{}"})
            case "doorbell" | "lease" | "batch":
                client.set(key, "1")
            case "seen_events" | "viewers":
                client.sadd(key, 12_345)
            case "hidden":
                client.sadd(key, member)
            case "counted_views" | "unfiled" | "window" | "day":
                client.zadd(key, {member: 1.5})
            case "day_totals":
                client.hset(key, ":কৃষি", 3)
            case "totals":
                client.hset(key, "24h:কৃষি", "7.5")
            case _:
                client.hset(key, member, "1")


def test_the_command_does_it_and_processes_with_other_settings_do_not_start(server: ValkeyServer) -> None:
    command_line = CommandLine({"redis_url": server.url, "partitions": "3"})
    with server.client() as client:
        client.flushall()
        agree_on_layout(client, 3)
    answer = command_line.run("journal", "reshard", "--partitions", "5")
    assert (answer.exit_code, answer.error) == (0, "")
    assert "KHOBOR_PARTITIONS=5" in answer.stdout

    environment = {
        **os.environ,
        "KHOBOR_REDIS_URL": server.url,
        "KHOBOR_PARTITIONS": "3",
        "KHOBOR_VIEWER_SECRET": "a secret for tests, as long as one must be",
    }
    started = [
        subprocess.Popen([sys.executable, "-m", *process], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for process in (["services.ingest"], ["services.indexer", "worker"], ["services.api"])
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 2, errors
        assert "the journal has 5 partitions and KHOBOR_PARTITIONS says 3" in errors
    refused = command_line.run("trace", ARTICLES[0])
    assert refused.exit_code == 2
    assert "the journal has 5 partitions" in refused.error


def test_the_valkey_of_a_local_stack_that_is_down_runs_for_the_command(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "run").mkdir()
    (tmp_path / "valkey").mkdir()
    url = f"redis://:secret@127.0.0.1:{port}/0"
    config = render_valkey_config(port=port, password="secret", directory=tmp_path / "valkey")
    (tmp_path / "run" / "valkey.conf").write_text(config)
    (tmp_path / "stack.env").write_text(f"KHOBOR_REDIS_URL={url}\n")
    for partitions in ("5", "6"):
        answer = CommandLine({}).run("--home", str(tmp_path), "journal", "reshard", "--partitions", partitions)
        assert (answer.exit_code, answer.error) == (0, "")
    assert CommandLine({}).run("--home", str(tmp_path), "hidden").exit_code == 1, "it is stopped again"
    with LocalStack(tmp_path).valkey_alone(), redis.Redis.from_url(url) as client:
        assert client.hgetall(LAYOUT) == {b"partitions": b"6", b"generation": b"2"}
