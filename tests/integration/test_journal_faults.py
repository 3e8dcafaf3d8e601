"""What must not be lost, and not be done twice, when something breaks at the worst moment."""

import asyncio
import dataclasses
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from services.indexer.circuit import RedisCircuit
from services.indexer.lease import LeaseKeeper, Steps, Turn
from shared.journal.memory import SilentDoorbell
from shared.journal.model import AppendItem, StreamId, TrailStage
from shared.journal.ports import JournalUnavailableError
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_drain import RedisJournalDrain
from shared.keys import CIRCUIT, PartitionKeys, StreamKind
from shared.redis_clients import connect
from shared.views.model import RecordedView, ViewCounts, decode_views, encode_view
from shared.views.redis_counter import RedisViewCounter
from tests.support.journals import (
    PARTITIONS,
    Journal,
    article_item,
    articles_stream,
    redis_appender,
    redis_journal,
    settled,
    views_stream,
)
from tests.support.lost_reply_proxy import LostReplyProxy
from tests.support.valkey import ValkeyServer, free_port

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SOON = timedelta(milliseconds=300)
VIEWS = views_stream("a")
ARTICLES = articles_stream("a")


@pytest.fixture
def journal(valkey: ValkeyServer) -> Iterator[Journal]:
    with redis_journal(valkey, lease_time=SOON) as journal:
        yield journal


@pytest.fixture
def proxy(valkey: ValkeyServer) -> Iterator[LostReplyProxy]:
    with LostReplyProxy(valkey.port) as proxy:
        yield proxy


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that the test may kill or fill."""
    with ValkeyServer() as server:
        yield server


def view_item(viewer: int) -> AppendItem:
    return AppendItem("a", encode_view(RecordedView("a", viewer, 0, True)), viewer)


def count_views(journal: Journal) -> int:
    journal.count_all()
    return journal.reader.counts(["a"])["a"].counted


class TestLostReplies:
    def test_an_append_whose_reply_was_lost_is_absorbed_when_it_is_repeated(
        self, journal: Journal, proxy: LostReplyProxy
    ) -> None:
        items = [view_item(viewer) for viewer in range(5)]
        with redis_appender(journal.run, proxy.url) as appender:
            journal.run.run(appender.append(VIEWS, "warm-up", [view_item(99)]))

            proxy.lose_reply_to(b"batch:uncertain")
            with pytest.raises(JournalUnavailableError):
                journal.run.run(appender.append(VIEWS, "uncertain", items))
            again = journal.run.run(appender.append(VIEWS, "uncertain", items))

        assert proxy.lost == 1
        assert (again.accepted, again.duplicates) == (5, 0), "it is told what was done the first time"
        assert count_views(journal) == 6

    def test_views_whose_counting_was_not_confirmed_are_counted_once(
        self, journal: Journal, proxy: LostReplyProxy
    ) -> None:
        journal.publish("a")
        journal.append(VIEWS, *(view_item(viewer) for viewer in range(5)))
        journal.append(VIEWS, *(view_item(viewer) for viewer in range(5, 8)))
        entries = journal.drain.read(VIEWS, 10)
        batches = [(entry, decode_views(entry.body)) for entry in entries]
        with connect(proxy.url, timeout=timedelta(seconds=5), client_name="tests") as client:
            counter = RedisViewCounter(client)
            counter.count(VIEWS.partition, batches[:1], now=journal.clock())

            proxy.lose_reply_to(entries[1].id.encode())
            with pytest.raises(JournalUnavailableError):
                counter.count(VIEWS.partition, batches[1:], now=journal.clock())
            assert proxy.lost == 1
            counter.count(VIEWS.partition, batches, now=journal.clock())

        assert journal.drain.read(VIEWS, 10) == []
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(8, 8)}

    def test_an_article_whose_settling_was_not_confirmed_is_settled_once(
        self, journal: Journal, proxy: LostReplyProxy
    ) -> None:
        journal.publish("b")  # the server knows the script from here on
        journal.append(ARTICLES, article_item("a"))
        [entry] = journal.drain.read(ARTICLES, 1)
        with connect(proxy.url, timeout=timedelta(seconds=5), client_name="tests") as client:
            drain = RedisJournalDrain(client, partitions=PARTITIONS)
            proxy.lose_reply_to(entry.id.encode())
            with pytest.raises(JournalUnavailableError):
                drain.settle_articles(ARTICLES, [settled(entry, "a")])
            assert drain.settle_articles(ARTICLES, [settled(entry, "a")]) == [], "done the first time"

        assert journal.drain.read(ARTICLES, 1) == []
        assert [mark.stage for mark in journal.trail.marks("a")] == [TrailStage.RECEIVED, TrailStage.APPLIED]

    def test_entries_whose_handing_out_was_not_confirmed_are_handed_out_again(
        self, journal: Journal, proxy: LostReplyProxy
    ) -> None:
        journal.append(VIEWS, view_item(1))
        journal.append(VIEWS, view_item(2))
        with connect(proxy.url, timeout=timedelta(seconds=5), client_name="tests") as client:
            drain = RedisJournalDrain(client, partitions=PARTITIONS)
            other = StreamId(StreamKind.VIEWS, (VIEWS.partition + 1) % PARTITIONS)
            drain.read(other, 1)

            proxy.lose_reply_to(PartitionKeys(VIEWS.partition).stream(VIEWS.kind).encode())
            with pytest.raises(JournalUnavailableError):
                drain.read(VIEWS, 10)

        assert count_views(journal) == 2

    def test_a_replay_that_was_not_confirmed_replays_once(self, journal: Journal, proxy: LostReplyProxy) -> None:
        journal.append(ARTICLES, article_item("a"))
        [entry] = journal.drain.read(ARTICLES, 1)
        journal.drain.bury(ARTICLES, entry, article_id="a", event_id="e", version=1, reason="broken")
        letters = journal.dead_letters.list(limit=1)
        with connect(proxy.url, timeout=timedelta(seconds=5), client_name="tests") as client:
            office = RedisDeadLetterOffice(client, SilentDoorbell(), partitions=PARTITIONS)
            stranger = dataclasses.replace(letters[0], id=f"{ARTICLES.partition}-1-1")
            assert office.replay([stranger]) == 0

            proxy.lose_reply_to(letters[0].id.partition("-")[2].encode())
            with pytest.raises(JournalUnavailableError):
                office.replay(letters)
            assert office.replay(letters) == 0

        assert len(journal.drain.read(ARTICLES, 10)) == 1


class TestDeadWorkers:
    def test_what_a_killed_worker_held_goes_to_the_next_one_when_its_lease_ends(
        self, journal: Journal, valkey: ValkeyServer
    ) -> None:
        journal.publish("a")
        for viewer in range(3):
            journal.append(VIEWS, view_item(viewer))
        _start_and_kill_worker(valkey, reads=2)

        assert not journal.drain.acquire(VIEWS, "heir"), "its lease is still running"
        _until(lambda: journal.drain.acquire(VIEWS, "heir"))

        deliveries = []
        while entries := journal.drain.read(VIEWS, 10):
            deliveries.append([entry.deliveries for entry in entries])
            batches = [(entry, decode_views(entry.body)) for entry in entries]
            journal.counter.count(VIEWS.partition, batches, now=journal.clock())
        assert deliveries == [[2], [2], [1]], "what may have killed it goes alone"
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(3, 3)}
        assert journal.drain.release(VIEWS, "heir", only_if_empty=True)

    def test_a_slow_worker_and_its_heir_count_once(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))
        journal.drain.acquire(VIEWS, "slow")
        held = [(entry, decode_views(entry.body)) for entry in journal.drain.read(VIEWS, 10)]
        _until(lambda: journal.drain.acquire(VIEWS, "heir"))

        assert count_views(journal) == 1
        result = journal.counter.count(VIEWS.partition, held, now=journal.clock())

        assert (result.counted, result.refused) == (0, 1)
        assert not journal.drain.renew(VIEWS, "slow")
        assert journal.drain.release(VIEWS, "slow", only_if_empty=False)
        assert journal.drain.renew(VIEWS, "heir"), "the slow one did not give away what was not its own"

    def test_a_slow_worker_that_nobody_replaced_goes_on(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "slow")
        time.sleep(SOON.total_seconds() * 1.2)

        assert journal.drain.renew(VIEWS, "slow")

    def test_a_slow_step_is_not_taken_for_a_dead_worker(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))
        turn = Turn(
            journal.drain,
            journal.doorbell,
            LeaseKeeper(journal.drain, monotonic=time.monotonic, every=SOON / 3),
            Steps(),
            budget=timedelta(seconds=5),
            monotonic=time.monotonic,
        )
        with closing(turn.batches(VIEWS, 10)) as batches:
            next(batches)
            for _ in range(10):
                time.sleep(SOON.total_seconds() / 3)
                assert not journal.drain.acquire(VIEWS, "heir")
        assert journal.drain.acquire(VIEWS, "heir"), "it was given back at once"

    def test_entries_of_another_consumer_and_deleted_ones_hold_nothing_up(
        self, journal: Journal, valkey: ValkeyServer
    ) -> None:
        for viewer in range(3):
            journal.append(VIEWS, view_item(viewer))
        stream = PartitionKeys(VIEWS.partition).stream(VIEWS.kind)
        journal.drain.read(StreamId(VIEWS.kind, VIEWS.partition), 1)
        with valkey.client() as client:
            [[_, [(other, _)]]] = client.xreadgroup("workers", "by-hand", {stream: ">"}, count=1)
            client.xdel(stream, other)
            client.xreadgroup("workers", "by-hand", {stream: ">"}, count=1)

        assert count_views(journal) == 2
        assert journal.drain.backlogs()[3 + VIEWS.partition].pending == 0


class TestClockPutBack:
    """What lives for seconds would live for hours when the server's clock was put back meanwhile."""

    def test_the_lease_of_a_dead_worker_is_free(self, journal: Journal, valkey: ValkeyServer) -> None:
        journal.drain.acquire(VIEWS, "dead")
        journal.append(VIEWS, view_item(1))
        assert journal.rings() == []
        with valkey.client() as client:
            client.pexpire(PartitionKeys(VIEWS.partition).lease(VIEWS.kind), timedelta(hours=2))

        assert not any(backlog.leased for backlog in journal.drain.backlogs())
        journal.append(VIEWS, view_item(2))
        assert journal.rings() == [VIEWS]
        assert journal.drain.acquire(VIEWS, "heir")
        assert not journal.drain.acquire(VIEWS, "another")

    def test_a_doorbell_does_not_keep_others_from_ringing(self, journal: Journal, valkey: ValkeyServer) -> None:
        journal.append(VIEWS, view_item(1))
        journal.append(VIEWS, view_item(2))
        assert journal.rings() == [VIEWS]
        with valkey.client() as client:
            client.pexpire(PartitionKeys(VIEWS.partition).doorbell(VIEWS.kind), timedelta(hours=2))

        journal.append(VIEWS, view_item(3))
        assert journal.rings() == [VIEWS, VIEWS]

    def test_the_circuit_is_closed(self, valkey: ValkeyServer) -> None:
        with valkey.client() as client:
            circuit = RedisCircuit(client, random_source=Random(1))
            circuit.fail("index down")
            assert circuit.open_reason() == "index down"
            client.pexpire(CIRCUIT, timedelta(hours=2))
            assert circuit.open_reason() is None


class TestServerFaults:
    def test_nothing_that_was_accepted_is_missing_after_kills_of_the_server(self, own_valkey: ValkeyServer) -> None:
        accepted = 0
        stop = threading.Event()

        def publisher() -> None:
            nonlocal accepted
            with asyncio.Runner() as runner, redis_appender(runner, own_valkey.url) as appender:
                while not stop.is_set():
                    items = [view_item(accepted * 10 + n) for n in range(10)]
                    try:
                        result = runner.run(appender.append(VIEWS, f"batch-{accepted}", items))
                    except JournalUnavailableError:
                        continue
                    assert result.accepted == 10
                    accepted += 1

        with redis_journal(own_valkey) as journal:
            thread = threading.Thread(target=publisher)
            thread.start()
            for _ in range(3):
                time.sleep(0.3)
                own_valkey.kill()
                own_valkey.start()
            time.sleep(0.2)
            stop.set()
            thread.join()

            assert accepted > 10
            assert count_views(journal) == accepted * 10

    def test_a_server_that_hangs_is_unavailable_and_the_repetition_is_absorbed(self, own_valkey: ValkeyServer) -> None:
        with redis_journal(own_valkey) as journal:
            with redis_appender(journal.run, own_valkey.url, timeout=SOON) as appender:
                journal.run.run(appender.append(VIEWS, "first", [view_item(1)]))
                own_valkey.freeze()
                started = time.monotonic()
                with pytest.raises(JournalUnavailableError):
                    journal.run.run(appender.append(VIEWS, "second", [view_item(2)]))
                assert time.monotonic() - started < 2
                own_valkey.thaw()

                assert journal.run.run(appender.append(VIEWS, "second", [view_item(2)])).accepted == 1
            assert count_views(journal) == 2

    def test_without_memory_the_door_is_shut_and_the_workers_make_room(self, own_valkey: ValkeyServer) -> None:
        with redis_journal(own_valkey) as journal, own_valkey.client() as client:
            journal.publish("a")
            for viewer in range(100):
                journal.append(VIEWS, view_item(viewer))
            journal.append(ARTICLES, article_item("a", 2), article_item("b", 1))
            client.config_set("maxmemory", "1mb")

            with pytest.raises(JournalUnavailableError, match="maxmemory"):
                journal.append(VIEWS, view_item(100), batch="refused")
            pressure = journal.run.run(journal.gauge.pressure())
            assert (pressure.entries[StreamKind.VIEWS], pressure.memory_limit) == (100, 1 << 20)
            assert pressure.memory_used > pressure.memory_limit

            assert journal.drain.acquire(VIEWS, "worker")
            assert count_views(journal) == 100
            assert journal.drain.release(VIEWS, "worker", only_if_empty=True)
            first, second = journal.drain.read(ARTICLES, 10)
            assert journal.drain.settle_articles(ARTICLES, [settled(first, "a", 2)])
            assert journal.drain.bury(ARTICLES, second, article_id="b", event_id="e", version=1, reason="broken")

            client.config_set("maxmemory", "0")
            assert journal.append(VIEWS, view_item(100), batch="refused").accepted == 1, "nothing of it was noted"

    def test_a_full_disk_ends_a_server_that_syncs_always_and_nothing_is_half_there(
        self, own_valkey: ValkeyServer
    ) -> None:
        with redis_journal(own_valkey) as journal:
            journal.append(VIEWS, view_item(1))
            own_valkey.fill_disk()
            with pytest.raises(JournalUnavailableError):
                journal.append(VIEWS, *(view_item(viewer) for viewer in range(2, 50)), batch="too much")
            _until(lambda: not own_valkey.is_running)

            own_valkey.start()

            assert journal.append(VIEWS, *(view_item(n) for n in range(2, 50)), batch="too much").accepted == 48
            assert count_views(journal) == 49

    def test_a_full_disk_shuts_a_server_that_syncs_later(self) -> None:
        """The server notices when it syncs; what came in that second is what `always` is there for."""
        with ValkeyServer("--appendfsync", "everysec") as server, redis_journal(server) as journal:
            journal.append(VIEWS, view_item(1))
            server.fill_disk()
            _until(lambda: not _can_append(journal))
            waiting = journal.run.run(journal.gauge.pressure()).entries[VIEWS.kind]
            with pytest.raises(JournalUnavailableError, match="MISCONF"):
                journal.append(VIEWS, view_item(10_000), batch="refused")
            assert journal.run.run(journal.gauge.pressure()).entries[VIEWS.kind] == waiting

            server.free_disk()
            _until(lambda: _can_append(journal))
            assert journal.append(VIEWS, view_item(10_000), batch="refused").accepted == 1

    def test_a_replica_is_no_journal(self, own_valkey: ValkeyServer) -> None:
        with redis_journal(own_valkey) as journal, own_valkey.client() as client:
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
            with pytest.raises(JournalUnavailableError):
                journal.append(VIEWS, view_item(1))
            with pytest.raises(JournalUnavailableError):
                journal.drain.read(VIEWS, 1)
            client.execute_command("REPLICAOF", "NO", "ONE")

            assert journal.append(VIEWS, view_item(1)).accepted == 1

    def test_nobody_listens(self) -> None:
        with connect("redis://127.0.0.1:1/0", timeout=SOON, client_name="tests") as client:
            drain = RedisJournalDrain(client, partitions=PARTITIONS)
            office = RedisDeadLetterOffice(client, SilentDoorbell(), partitions=PARTITIONS)
            for call in (drain.backlogs, office.count, lambda: office.list(limit=1), lambda: drain.read(VIEWS, 1)):
                with pytest.raises(JournalUnavailableError):
                    call()

    def test_a_server_that_lost_everything_is_used_as_new(self, journal: Journal, valkey: ValkeyServer) -> None:
        journal.append(ARTICLES, article_item("a"))
        [entry] = journal.drain.read(ARTICLES, 1)
        with valkey.client() as client:
            client.flushall()
            client.script_flush()

        assert journal.drain.settle_articles(ARTICLES, [settled(entry, "a")]) == []
        assert not journal.drain.bury(ARTICLES, entry, article_id=None, event_id="", version=0, reason="gone")
        journal.drain.forgive(ARTICLES, [])
        assert journal.drain.read(ARTICLES, 1) == []
        journal.append(ARTICLES, article_item("b"))
        assert len(journal.drain.read(ARTICLES, 1)) == 1


class TestOneHashSlot:
    def test_every_step_works_on_a_cluster_node(self) -> None:
        options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        with ValkeyServer(*options) as server, server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
            _until(lambda: client.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
            with redis_journal(server) as journal:
                journal.append_views(
                    *(RecordedView("a", viewer, journal.clock.milliseconds, True) for viewer in (1, 2))
                )
                journal.count_all()
                journal.publish("a", 1, category="খেলা")
                journal.view(RecordedView("a", 3, journal.clock.milliseconds, True))
                journal.publish("a", 2, category="বিনোদন")
                journal.append(ARTICLES, article_item("a", 3, event_hash=5))
                [entry] = journal.drain.read(ARTICLES, 1)
                journal.drain.bury(ARTICLES, entry, article_id=None, event_id="", version=0, reason="broken")
                journal.dead_letters.replay(journal.dead_letters.list(limit=1))
                [entry] = journal.drain.read(ARTICLES, 1)
                journal.drain.bury(ARTICLES, entry, article_id=None, event_id="", version=0, reason="broken")
                assert journal.dead_letters.drop(journal.dead_letters.list(limit=1)) == 1
                journal.retract("a", 4)
                assert journal.reader.counts(["a"]) == {"a": ViewCounts(3, 3)}
            tags = {key.decode().partition("}")[0] for key in client.scan_iter()}
            assert tags == {PartitionKeys(partition).tag.rstrip("}") for partition in range(PARTITIONS)}


def _can_append(journal: Journal) -> bool:
    try:
        journal.append(VIEWS, view_item(0))
    except JournalUnavailableError:
        return False
    return True


def _until(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def _start_and_kill_worker(valkey: ValkeyServer, *, reads: int) -> None:
    """A process of its own takes the lease, reads, and dies before it settles anything."""
    program = f"""
import sys, time
from datetime import timedelta
from shared.journal.model import StreamId
from shared.journal.redis_drain import RedisJournalDrain
from shared.keys import StreamKind
from shared.redis_clients import connect
client = connect({valkey.url!r}, timeout=timedelta(seconds=5), client_name="victim")
drain = RedisJournalDrain(client, partitions={PARTITIONS}, lease_time=timedelta(seconds=1))
stream = StreamId(StreamKind.VIEWS, {VIEWS.partition})
assert drain.acquire(stream, "victim")
assert len(drain.read(stream, {reads})) == {reads}
print("holding", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "holding\n"
        worker.kill()
