"""Every broker that `KHOBOR_BROKER_URL` may name carries tickets, and may die: nothing that was accepted is lost.

`make test-brokers` runs these: a RabbitMQ takes long to start.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pytest

from shared.journal.model import AppendItem, StreamId
from shared.keys import PartitionKeys, StreamKind, partition_of
from shared.tickets import CeleryDoorbell, celery_producer
from shared.views.model import RecordedView, encode_view
from tests.support.journals import PARTITIONS, Journal, redis_appender, redis_journal
from tests.support.local_stack import ROOT, eventually
from tests.support.lost_reply_proxy import LostReplyProxy
from tests.support.rabbitmq import CannotRunRabbitmqError, RabbitmqServer
from tests.support.valkey import ValkeyServer
from tests.support.valkey_sentinel import SentinelGroup

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(400)]

# Processes start slowly on a busy machine.
_PATIENCE: Final = 120.0
ARTICLE: Final = "ঢাকা-মেট্রো"
STREAM: Final = StreamId(StreamKind.VIEWS, partition_of(ARTICLE, PARTITIONS))


class Broker(Protocol):
    """`kill` takes it away as a broken machine does; after `start` it is there again, or its replica is."""

    @property
    def url(self) -> str: ...

    def kill(self) -> None: ...

    def start(self) -> None: ...


def _rabbitmq() -> RabbitmqServer:
    try:
        return RabbitmqServer()
    except CannotRunRabbitmqError as error:
        pytest.skip(str(error))


BROKERS: Final[dict[str, Callable[[], ValkeyServer | SentinelGroup | RabbitmqServer]]] = {
    "another-redis": ValkeyServer,
    "sentinel": SentinelGroup,
    "rabbitmq": _rabbitmq,
}


@pytest.fixture(params=list(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    with BROKERS[request.param]() as broker:
        yield broker


@dataclass
class Indexer:
    """The worker, and beat when it is wanted, as processes."""

    environment: dict[str, str]
    folder: Path
    stack: ExitStack

    def start(self, process: str) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.folder / f"{process}.log").open("wb"))
        started = subprocess.Popen(
            [sys.executable, "-m", "services.indexer", process], cwd=ROOT, env=self.environment, stdout=log, stderr=log
        )
        self.stack.callback(_end, started)
        return started

    def log(self, process: str) -> str:
        return (self.folder / f"{process}.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def indexer(journal_url: str, broker_url: str, folder: Path, **settings: str) -> Iterator[Indexer]:
    environment = {
        **os.environ,
        "KHOBOR_REDIS_URL": journal_url,
        "KHOBOR_BROKER_URL": broker_url,
        "KHOBOR_PARTITIONS": str(PARTITIONS),
        "KHOBOR_INDEX_PATH": str(folder / "index"),
        "KHOBOR_WORKER_METRICS_PORT": "0",
        "KHOBOR_WORKER_HEARTBEAT_FILE": str(folder / "worker.heartbeat"),
        "KHOBOR_BEAT_HEARTBEAT_FILE": str(folder / "beat.heartbeat"),
        "KHOBOR_BEAT_SCHEDULE_FILE": str(folder / "beat-schedule"),
        "KHOBOR_LOG_LEVEL": "INFO",
        **{f"KHOBOR_{name.upper()}": value for name, value in settings.items()},
    }
    with ExitStack() as stack:
        yield Indexer(environment, folder, stack)


def counted(journal: Journal) -> int:
    return journal.reader.counts([ARTICLE])[ARTICLE].counted


def accept(journal: Journal, doorbell: CeleryDoorbell, url: str, viewer: int) -> float:
    """Append a view with the doorbell of the doors; answers how long the publisher waited."""
    with redis_appender(journal.run, url, doorbell=doorbell) as appender:
        started = time.monotonic()
        view = RecordedView(ARTICLE, viewer, journal.clock.milliseconds, True)
        journal.run.run(appender.append(STREAM, f"view-{viewer}", [AppendItem(ARTICLE, encode_view(view), viewer)]))
        return time.monotonic() - started


def check_tickets(journal_server: ValkeyServer, broker: Broker, folder: Path) -> None:
    """A ticket arrives; the broker dies, which no publisher notices; beat rings for what lost its ticket."""
    doorbell = CeleryDoorbell(celery_producer(broker.url))
    url = journal_server.url
    try:
        with redis_journal(journal_server) as journal, indexer(url, broker.url, folder) as processes:
            worker = processes.start("worker")
            eventually(lambda: "ready." in processes.log("worker"), bool, seconds=_PATIENCE)
            accept(journal, doorbell, url, viewer=1)
            # No beat runs yet, so it is the door's ticket that came through.
            eventually(lambda: counted(journal), lambda views: views == 1, seconds=10)

            broker.kill()
            waited = accept(journal, doorbell, url, viewer=2)
            assert waited < 1, "the publisher waited for the broker"
            assert counted(journal) == 1
            broker.start()
            processes.start("beat")

            eventually(lambda: counted(journal), lambda views: views == 2, seconds=_PATIENCE)
            assert worker.poll() is None, processes.log("worker")
            accept(journal, doorbell, url, viewer=3)
            eventually(lambda: counted(journal), lambda views: views == 3, seconds=10)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=20) == 0
    finally:
        doorbell.close()


def test_tickets_arrive_and_a_dead_broker_loses_nothing(valkey: ValkeyServer, broker: Broker, tmp_path: Path) -> None:
    check_tickets(valkey, broker, tmp_path)


def test_a_drain_may_outlive_the_connection_that_its_ticket_came_over(
    valkey: ValkeyServer, broker: Broker, tmp_path: Path
) -> None:
    """Celery acknowledges the ticket at the drain's end, when the worker has long been connected anew."""
    is_under_way, may_go_on = threading.Event(), threading.Event()

    def hold(_lease: bytes) -> bool:
        is_under_way.set()
        may_go_on.wait(_PATIENCE)
        return False

    lease = PartitionKeys(STREAM.partition).lease(STREAM.kind).encode()
    doorbell = CeleryDoorbell(celery_producer(broker.url))
    with (
        redis_journal(valkey) as journal,
        LostReplyProxy(valkey.port) as proxy,
        indexer(proxy.url, broker.url, tmp_path, redis_timeout=f"{_PATIENCE}") as processes,
        ExitStack() as stack,
    ):
        stack.callback(doorbell.close)
        stack.callback(may_go_on.set)
        proxy.watch(re.compile(re.escape(lease)), len(lease), hold)
        worker = processes.start("worker")
        _wait_for(processes, "ready.")
        doorbell.ring(STREAM)
        assert is_under_way.wait(_PATIENCE), processes.log("worker")

        broker.kill()
        _wait_for(processes, "Connection to broker lost")
        broker.start()
        _wait_for(processes, "Connected to", times=2)
        may_go_on.set()

        # By the next ticket the end of the first has been told to the broker, or to nobody. The door's own may be lost
        # with its old connection; beat's is not.
        processes.start("beat")
        accept(journal, doorbell, valkey.url, viewer=1)
        eventually(lambda: counted(journal), lambda views: views == 1, seconds=_PATIENCE)
        assert worker.poll() is None, processes.log("worker")


def test_a_redis_broker_without_memory_ends_no_worker(valkey: ValkeyServer, tmp_path: Path) -> None:
    """It refuses what the worker does to connect again."""
    with (
        closing(CeleryDoorbell(celery_producer(valkey.url))) as doorbell,
        ValkeyServer() as broker,
        broker.client() as administrator,
        redis_journal(valkey) as journal,
        indexer(valkey.url, broker.url, tmp_path) as processes,
    ):
        worker = processes.start("worker")
        _wait_for(processes, "ready.")
        administrator.config_set("maxmemory", "1mb")
        administrator.client_kill_filter(_type="normal", skipme=True)
        _wait_for(processes, "Cannot connect to", times=2)
        administrator.config_set("maxmemory", "0")
        processes.start("beat")
        accept(journal, doorbell, valkey.url, viewer=1)
        eventually(lambda: counted(journal), lambda views: views == 1, seconds=_PATIENCE)
        assert worker.poll() is None, processes.log("worker")


def _wait_for(processes: Indexer, text: str, *, times: int = 1) -> None:
    eventually(lambda: processes.log("worker").count(text), lambda found: found >= times, seconds=_PATIENCE)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=10)
