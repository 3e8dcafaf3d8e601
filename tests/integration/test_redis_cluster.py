"""What a journal on a Redis Cluster keeps and what it can lose when a master is killed and its replica takes over."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from shared.journal.model import AppendItem, StreamId
from shared.journal.ports import JournalUnavailableError
from shared.keys import StreamKind, partition_of
from shared.settings import JournalSettings
from shared.views.model import RecordedView, decode_views, encode_view
from tests.support.journals import PARTITIONS, Journal, redis_journal
from tests.support.local_stack import eventually
from tests.support.valkey_cluster import ValkeyCluster

pytestmark = pytest.mark.integration

ARTICLES = [f"খবর-{number}" for number in range(24)]
# A publisher's patience: a takeover took 1.4 s here.
_LONGEST_OUTAGE = 30.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[ValkeyCluster]:
    with ValkeyCluster(replicas=True) as cluster:
        yield cluster


@pytest.fixture
def journal(cluster: ValkeyCluster) -> Iterator[Journal]:
    with redis_journal(cluster, lease_time=timedelta(seconds=2)) as journal:
        yield journal


class Worker(threading.Thread):
    """Drains the views of some partitions, with a client of its own, whatever happens to the servers."""

    def __init__(self, cluster: ValkeyCluster, partitions: list[int], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._cluster, self._partitions, self._stop_working = cluster, partitions, stop
        self.outages = 0

    def run(self) -> None:
        with redis_journal(self._cluster) as journal:
            while not self._stop_working.is_set():
                for partition in self._partitions:
                    try:
                        self._drain(journal, StreamId(StreamKind.VIEWS, partition))
                    except JournalUnavailableError:
                        self.outages += 1
                time.sleep(0.01)

    def _drain(self, journal: Journal, stream: StreamId) -> None:
        if not journal.drain.acquire(stream, self.name):
            return
        entries = journal.drain.read(stream, 50)
        batches = [(entry, decode_views(entry.body)) for entry in entries]
        journal.counter.count(stream.partition, batches, now=journal.clock())


def view_item(article_id: str, viewer: int, at_ms: int) -> AppendItem:
    return AppendItem(article_id, encode_view(RecordedView(article_id, viewer, at_ms, True)), viewer)


def send(journal: Journal, article_id: str, viewer: int) -> float:
    """As a publisher does: again with the same identity until it is accepted; answers when that was."""
    stream = StreamId(StreamKind.VIEWS, partition_of(article_id, PARTITIONS))
    deadline = time.monotonic() + _LONGEST_OUTAGE
    while True:
        try:
            journal.append(stream, view_item(article_id, viewer, journal.clock.milliseconds))
        except JournalUnavailableError:
            assert time.monotonic() < deadline, "the cluster did not come back"
            time.sleep(0.05)
        else:
            return time.monotonic()


def waiting(journal: Journal) -> int | None:
    """None on the first look after a takeover: the client finds out, and asks who has what now."""
    try:
        return sum(backlog.entries for backlog in journal.drain.backlogs())
    except JournalUnavailableError:
        return None


@pytest.mark.long
def test_each_accepted_view_is_counted_once_while_a_master_is_killed(cluster: ValkeyCluster, journal: Journal) -> None:
    """Replication is asynchronous: only what was accepted in the killed master's last moments may be missing."""
    stop = threading.Event()
    workers = [Worker(cluster, partitions, stop) for partitions in ([0, 1], [1, 2])]
    for worker in workers:
        worker.start()
    victim = cluster.master_of(0)
    accepted: list[tuple[str, float]] = []
    killed_at = None
    for viewer in count(1):
        article_id = ARTICLES[viewer % len(ARTICLES)]
        accepted.append((article_id, send(journal, article_id, viewer)))
        if viewer == 200:
            cluster.masters[victim].kill()
            killed_at = time.monotonic()
        if viewer >= 400 and killed_at is not None:
            break
    cluster.wait_for_takeover(victim)

    def counted() -> int:
        return sum(counts.counted for counts in journal.reader.counts(ARTICLES).values())

    assert killed_at is not None
    in_the_last_moments = sum(killed_at - 0.1 <= at <= killed_at for _, at in accepted)
    eventually(lambda: waiting(journal), lambda entries: entries == 0, seconds=30)
    stop.set()
    for worker in workers:
        worker.join(timeout=10)

    assert len(accepted) - in_the_last_moments <= counted() <= len(accepted)
    assert any(worker.outages for worker in workers), "nobody noticed that a master died"
    cluster.masters[victim].start()


@pytest.mark.long
def test_what_no_replica_has_is_lost_and_a_limit_bounds_how_much_that_can_be(
    cluster: ValkeyCluster, journal: Journal
) -> None:
    """`min-replicas-to-write 1` with `min-replicas-max-lag 1`: a master without a live replica refuses within 3 s."""
    article_id = next(name for name in map(str, count()) if partition_of(name, PARTITIONS) == 1)
    master = cluster.master_of(1)
    assert master != cluster.master_of(0), "its master must not be the one that the other test kills"
    with cluster.masters[master].client() as client, cluster.replicas[master].client() as replica:
        client.config_set("min-replicas-to-write", 1)
        client.config_set("min-replicas-max-lag", 1)
        send(journal, article_id, 1)
        assert client.wait(1, 1_000) == 1

        cluster.replicas[master].freeze()
        frozen_at = time.monotonic()
        # WAIT tells after each write whether a replica has it, for a round trip more and no promise about a takeover.
        client.set("{kh:01}:probe", "")
        assert client.wait(1, 100) == 0
        accepted = refused_at = 0.0
        stream = StreamId(StreamKind.VIEWS, 1)
        for viewer in count(2):
            try:
                journal.append(stream, view_item(article_id, viewer, journal.clock.milliseconds))
                accepted += 1
            except JournalUnavailableError:
                refused_at = time.monotonic()
                break
            time.sleep(0.05)

        cluster.masters[master].kill()
        cluster.replicas[master].thaw()
        cluster.wait_for_takeover(master)
        kept = sum(len(decode_views(entry[b"body"])) for _, entry in replica.xrange("{kh:01}:stream:views"))

    assert accepted >= 1
    assert refused_at - frozen_at < 3
    assert 1 <= kept <= 1 + accepted
    cluster.masters[master].start()


def test_a_cluster_needs_a_broker_beside_it() -> None:
    with pytest.raises(ValueError, match="broker_url"):
        JournalSettings.model_validate({"redis_url": "redis+cluster://one:6379,two:6379"})
    settings = JournalSettings.model_validate(
        {"redis_url": "redis+cluster://one:6379,two:6379", "broker_url": "redis://other:6379/1"}
    )
    assert settings.broker() == "redis://other:6379/1"
