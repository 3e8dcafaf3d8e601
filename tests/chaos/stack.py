"""The product's processes on loopback, with a proxy in front of each that loses replies on demand."""

import contextlib
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic import AnyUrl

from shared.search.opening import open_reader
from shared.search.ports import ArticleReader
from shared.settings import IndexSettings
from tests.chaos.brokers import Broker
from tests.chaos.fake_elasticsearch import FakeElasticsearch
from tests.chaos.processes import ProductProcess
from tests.chaos.shifted_clock import ShiftedClock, build_library
from tests.chaos.truth import KILLER, KILLER_LENGTH
from tests.support.ingest_process import publisher_headers
from tests.support.lost_reply_proxy import LostReplyProxy
from tests.support.valkey import ValkeyServer, free_port

PARTITIONS: Final = 4
# So often an entry costs a worker its life; the next delivery takes it to the dead letters.
MAX_DELIVERIES: Final = 4
_UP: Final = {"ingest": "Uvicorn running", "worker": "ready.", "beat": "is starting."}
# The one door has these marks, so that it is full soon when workers stand still.
_LOW_MARKS: Final = {
    "KHOBOR_HIGH_WATER_ARTICLES": "150",
    "KHOBOR_LOW_WATER_ARTICLES": "50",
    "KHOBOR_HIGH_WATER_VIEWS": "120",
    "KHOBOR_LOW_WATER_VIEWS": "40",
    "KHOBOR_HIGH_WATER_INTERVAL": "0.25",
}


class ChaosStack:
    """Two doors, two workers, one beat, one Valkey with an append-only file that is written before each answer.

    `engine` is `embedded` or `elasticsearch` (its stand-in). Without `broker` the tickets are in database 1 of the
    Valkey, as they are by default. Use it as a context manager; `start` it, and everything is ready some seconds later.
    """

    def __init__(self, *, engine: str, broker: Broker | None = None, low_marks: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="khobor-chaos-"))
        self._clock_library = build_library(self.folder)
        self.valkey_clock = self._clock("valkey")
        self.valkey = ValkeyServer(environment=self.valkey_clock.environment if self.valkey_clock else None)
        self.broker = broker or Broker(f"{self.valkey.url[:-1]}1")
        self.elasticsearch = FakeElasticsearch() if engine == "elasticsearch" else None
        self.index = IndexSettings(
            elasticsearch_url=AnyUrl(self.elasticsearch.url) if self.elasticsearch else None,
            index_path=self.folder / "index",
        )
        self.deaths: Counter[bytes] = Counter()
        self._deaths_lock = threading.Lock()
        self._proxies: dict[str, LostReplyProxy] = {}
        self.door_ports = (free_port(), free_port())
        self.doors = [
            self._process(
                f"ingest-{number}",
                ("services.ingest",),
                {"KHOBOR_INGEST_PORT": str(port), **(_LOW_MARKS if low_marks and number == 2 else {})},
            )
            for number, port in enumerate(self.door_ports, start=1)
        ]
        self.workers = [self._process(f"worker-{number}", ("services.indexer", "worker"), {}) for number in (1, 2)]
        self.beat = self._process("beat", ("services.indexer", "beat"), {})
        for worker in self.workers:
            self.proxy_of(worker).watch(KILLER, KILLER_LENGTH, self._die_of(worker))
        self.headers: dict[str, str] = {}
        # Logs and data, for whoever looks for the cause of what an audit found.
        self.keep_files = False

    @property
    def processes(self) -> list[ProductProcess]:
        return [*self.doors, *self.workers, self.beat]

    @property
    def door_urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.door_ports]

    def proxy_of(self, process: ProductProcess) -> LostReplyProxy:
        return self._proxies[process.name]

    def __enter__(self) -> Self:
        self._open = contextlib.ExitStack()
        self._open.enter_context(self.valkey)
        for proxy in self._proxies.values():
            self._open.enter_context(proxy)
        if self.elasticsearch is not None:
            self._open.enter_context(self.elasticsearch)
        self.headers = publisher_headers(self.valkey)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.thaw()
            process.kill()
        self._open.close()
        if error is None and not self.keep_files:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        for process in self.processes:
            process.start()

    @contextlib.contextmanager
    def reader(self) -> Iterator[ArticleReader]:
        reader: Any = open_reader(self.index)
        with contextlib.closing(reader):
            yield reader

    def _process(self, name: str, command: tuple[str, ...], settings: dict[str, str]) -> ProductProcess:
        proxy = self._proxies[name] = LostReplyProxy(self.valkey.port)
        environment = {
            "KHOBOR_ENVIRONMENT": "production",
            "KHOBOR_REDIS_URL": proxy.url,
            "KHOBOR_BROKER_URL": self.broker.url,
            "KHOBOR_PARTITIONS": str(PARTITIONS),
            "KHOBOR_MAX_DELIVERIES": str(MAX_DELIVERIES),
            "KHOBOR_REDIS_TIMEOUT": "2",
            "KHOBOR_ELASTICSEARCH_TIMEOUT": "2",
            "KHOBOR_VIEWER_SECRET": "a secret for the chaos suite, as long as one must be",
            "KHOBOR_INDEX_PATH": str(self.index.index_path),
            "KHOBOR_WORKER_METRICS_PORT": "0",
            "KHOBOR_WORKER_HEARTBEAT_FILE": str(self.folder / f"{name}.heartbeat"),
            "KHOBOR_BEAT_HEARTBEAT_FILE": str(self.folder / "beat.heartbeat"),
            "KHOBOR_BEAT_SCHEDULE_FILE": str(self.folder / "beat-schedule"),
            **({"KHOBOR_ELASTICSEARCH_URL": self.elasticsearch.url} if self.elasticsearch else {}),
            **settings,
        }
        return ProductProcess(
            name,
            command,
            environment,
            up_when_it_says=_UP[name.partition("-")[0]],
            log=self.folder / f"{name}.log",
            clock=self._clock(name),
        )

    def _clock(self, name: str) -> ShiftedClock | None:
        return ShiftedClock(self._clock_library, self.folder / f"{name}.clock") if self._clock_library else None

    def _die_of(self, worker: ProductProcess) -> Callable[[bytes], bool]:
        """Kills the worker that is about to count an entry of that kind, with all that it holds."""

        def die(name: bytes) -> bool:
            with self._deaths_lock:
                self.deaths[name] += 1
                is_deadly = self.deaths[name] <= MAX_DELIVERIES
            if is_deadly:
                worker.kill()
            return is_deadly

        return die
