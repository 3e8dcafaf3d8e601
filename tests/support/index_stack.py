"""Both doors, a worker and the schedule as processes of their own, on an Elasticsearch that can be taken away."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import httpx
import orjson
from elasticsearch import Elasticsearch
from prometheus_client.parser import text_string_to_metric_families

from shared.events import Article
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from tests.support.articles import article
from tests.support.elasticsearch_engine import by_way_of, elasticsearch_settings
from tests.support.ingest_process import IngestProcess, publisher_headers
from tests.support.local_stack import eventually
from tests.support.meanwhile import meanwhile
from tests.support.valkey import ValkeyServer, free_port

ROOT: Final = Path(__file__).parents[2]
PARTITIONS: Final = 3
# Of one request to the index, and of one answer to a reader. A crowded machine needs a second for what takes 20 ms.
PATIENCE_SECONDS: Final = 3.0
# What a crowded machine may add to an answer that is given at once.
SLACK_SECONDS: Final = 10.0
# What readers ask for that needs the index.
READ: Final = (
    "/v1/search?q=নদী",
    "/v1/suggest?q=নদী",
    "/v1/articles/n1",
    "/v1/articles/n1/related",
    "/v1/search/feed.rss?q=নদী",
    "/v1/categories",
    "/v1/stats",
)
# Their titles are in the index.
LISTS: Final = ("/v1/trending", "/v1/trending/feed.json")
PAGES: Final = ("/?q=নদী", "/articles/n1")
_START_SECONDS: Final = 100
# An outage of some seconds is followed by a pause of at most as many; the rest is for crowded machines.
_RECOVERY_SECONDS: Final = 60


class Service:
    """`python -m <module>` with a log of JSON lines."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        self._log = folder / f"{name}.log"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log
            )

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of that name so far."""
        lines = (line for line in self._log.read_bytes().splitlines() if line.startswith(b"{") and line.endswith(b"}"))
        return [line for line in map(orjson.loads, lines) if line.get("event") == event]

    @property
    def text(self) -> str:
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Load:
    """What a publisher was told 202 for."""

    accepted: list[str] = field(default_factory=list)


class IndexStack:
    """Use it as a context manager; it waits for its processes, and not for the index.

    `index_urls` is what the processes are told, `server_urls` what the tests ask; `settings` are further ones of the
    processes.
    """

    def __init__(
        self,
        valkey: ValkeyServer,
        folder: Path,
        *,
        index_urls: Sequence[str],
        server_urls: Sequence[str],
        prefix: str,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._valkey = valkey
        self._folder = folder
        self.names = IndexNames(prefix)
        self._server_urls = server_urls
        self._metrics_port = free_port()
        self._api_port = free_port()
        self.settings = {
            "elasticsearch_url": ",".join(index_urls),
            "elasticsearch_timeout": str(PATIENCE_SECONDS),
            "index_prefix": prefix,
            "redis_url": valkey.url,
            "partitions": str(PARTITIONS),
            "api_port": str(self._api_port),
            "worker_metrics_port": str(self._metrics_port),
            "worker_heartbeat_file": str(folder / "worker.heartbeat"),
            "beat_heartbeat_file": str(folder / "beat.heartbeat"),
            "beat_schedule_file": str(folder / "beat-schedule"),
            "most_read_cache": "0",
            "hottest_cache": "0",
            "live_interval": "0.1",
            **(settings or {}),
        }
        self._numbers = iter(range(1, 1_000_000))

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self._start_all(opened)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def publish(self, count: int = 1, *, words: str = "নদীর খবর") -> list[str]:
        """Put new articles; returns their ids, for all of which the door answered 202."""
        return [self._put(article(f"n{number}", f"{words} {number}")) for number in self._next(count)]

    @contextmanager
    def load(self, per_second: float = 25) -> Iterator[Load]:
        """Publish all the time."""
        load = Load()

        def publish() -> None:
            load.accepted += self.publish()

        with meanwhile(publish, every=1 / per_second):
            yield load

    def waiting(self) -> int:
        """Article events in the journal that are not settled."""
        return round(self.metric("khobor_journal_entries", stream="articles"))

    def settled(self) -> int:
        return round(self.metric("khobor_articles_total"))

    def circuit_is_open(self) -> bool:
        return self.metric("khobor_index_circuit_open") == 1

    def metric(self, name: str, **labels: str) -> float:
        """The worker's, summed over what is not told apart."""
        return sum(
            value
            for found, values, value in self.worker_metrics()
            if found == name and labels.items() <= values.items()
        )

    def worker_metrics(self) -> list[tuple[str, dict[str, str], float]]:
        try:
            text = httpx.get(f"http://127.0.0.1:{self._metrics_port}/metrics", timeout=10).text
        except httpx.TransportError:
            assert self.worker.process.poll() is None, self.worker.text
            return []
        families = text_string_to_metric_families(text)
        return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]

    def search(self, text: str = "নদী") -> httpx.Response:
        return self.reader.get("/v1/search", params={"q": text})

    def assert_recovered(self, accepted: list[str], *, settled_before: int) -> None:
        """Everything is in the index, as it was sent and once; the journal is empty and the circuit closed."""
        eventually(
            lambda: (self.waiting(), self.settled() - settled_before),
            lambda seen: seen == (0, len(accepted)),
            seconds=_RECOVERY_SECONDS,
        )
        assert self.metric("khobor_dead_lettered_total") == 0
        assert not self.circuit_is_open()
        found = self.index.mget(index=self.names.read, ids=accepted)["docs"]
        assert [
            (document["_id"], document.get("found"), document.get("_source", {}).get("original", {}).get("id"))
            for document in found
        ] == [(article_id, True, article_id) for article_id in accepted]
        eventually(lambda: self.search().status_code, lambda status: status == 200, seconds=_RECOVERY_SECONDS)
        response = self.reader.get("/v1/search", params={"q": "", "limit": "1"})
        assert response.json()["total"]["value"] == self.index.count(index=self.names.read)["count"]

    def _start_all(self, opened: ExitStack) -> None:
        environment = {f"KHOBOR_{name.upper()}": value for name, value in self.settings.items()}

        def start(name: str, *arguments: str) -> Service:
            service = Service(name, list(arguments), environment, self._folder)
            opened.callback(service.close)
            return service

        ingest = opened.enter_context(IngestProcess(self._valkey.url, partitions=str(PARTITIONS)))
        self.worker = start("worker", "services.indexer", "worker")
        start("beat", "services.indexer", "beat")
        self.api = start("api", "services.api")
        self.publisher = opened.enter_context(
            httpx.Client(base_url=ingest.url, headers=publisher_headers(self._valkey), timeout=20)
        )
        self.reader = opened.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{self._api_port}", timeout=PATIENCE_SECONDS * 10)
        )
        settings = by_way_of(elasticsearch_settings(self._server_urls[0], self.names.prefix), *self._server_urls)
        self.index: Elasticsearch = opened.enter_context(open_client(settings))
        eventually(lambda: self._answers("/livez"), bool, seconds=_START_SECONDS)
        eventually(lambda: bool(self.worker_metrics()), bool, seconds=_START_SECONDS)

    def _next(self, count: int) -> list[int]:
        return [next(self._numbers) for _ in range(count)]

    def _put(self, sent: Article) -> str:
        body = sent.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)
        answer = self.publisher.put(f"/v1/articles/{sent.id}", json=body)
        assert answer.status_code == 202, answer.text
        return sent.id

    def _answers(self, path: str) -> bool:
        assert self.api.process.poll() is None, self.api.text
        try:
            return self.reader.get(path).status_code == 200
        except httpx.TransportError:
            return False


def timed(call: Any) -> tuple[Any, float]:
    """What it returns, and how many seconds that took."""
    began = time.monotonic()
    return call(), time.monotonic() - began
