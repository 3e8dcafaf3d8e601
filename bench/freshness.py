"""How soon a published article is found: at a steady rate, through the door, the journal and a worker.

Every process may use every core, as on a machine that serves readers: an engine that works in the worker would have one
core where a server of its own gives two.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bench.article_backlog import ArticleBacklog
from bench.engines import PARTITIONS, Engine
from bench.figures import Goal, goals_table, number, percentile, table
from bench.processes import EVERY_CORE, PythonProcess, cpu_seconds, pin
from bench.publisher import publish
from shared.events import Article
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.model import SearchRequest, Sort
from shared.search.opening import open_reader
from shared.search.ports import ArticleReader
from shared.search.query_language import parse_query
from shared.views.days import utc_now
from tests.support.ingest_process import IngestProcess, publisher_headers

# A reader asks so often how many articles there are, and lists them when there are more: a look that lists a hundred
# whole articles every time takes as much of the machine as the indexing does.
_LOOK_SECONDS: Final = 0.02
_PAGE: Final = 100
_PUBLISHERS: Final = 4
# Long after the last publication, what has not been found never will be.
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """Seconds from the publisher's request to the first search that found the article, ascending; and what it cost.

    `processor` is milliseconds an article by the worker and by the engine's server; `segments` how many the index has.
    """

    latencies: list[float]
    processor: tuple[float, float]
    segments: tuple[int, int]


def measure(engine: Engine, articles: Sequence[Article], *, per_second: float) -> Freshness:
    """Publish these articles, and look for them until all are found."""
    start = utc_now() - timedelta(hours=1)
    dated = [
        article.model_copy(update={"id": f"fresh-{number_}", "published_at": start + timedelta(seconds=number_)})
        for number_, article in enumerate(articles)
    ]
    reader = open_reader(engine.settings)
    with _services(engine) as (door, worker):
        headers = publisher_headers(engine.journal)
        # The worker has started when it has done something.
        publish(door.port, headers, dated[0].model_copy(update={"id": "first"}))
        with ArticleBacklog(engine.journal, PARTITIONS) as backlog:
            backlog.wait_until_empty()
        watch = _Watch(reader, dated)
        segments, before = _segments(engine), _processor(engine, worker)
        watch.start()
        _publish_steadily(door.port, headers, dated, watch, per_second)
        watch.join()
        after = _processor(engine, worker)
        spent = ((after[0] - before[0]) / len(dated) * 1e3, (after[1] - before[1]) / len(dated) * 1e3)
        return Freshness(sorted(watch.latencies), spent, (segments, _segments(engine)))


def report(measured: dict[str, Freshness], *, per_second: float) -> str:
    goals = [
        Goal(
            f"{name}: p99 from publication to being found",
            percentile(its.latencies, 0.99),
            0.5,
            "s",
            at_least=False,
        )
        for name, its in measured.items()
    ]
    rows = [
        (
            name,
            *(number(percentile(its.latencies, share) * 1e3) for share in (0.5, 0.95, 0.99)),
            number(its.latencies[-1] * 1e3),
            number(its.processor[0]),
            number(its.processor[1]) if its.processor[1] else "in the worker",
            f"{its.segments[0]} → {its.segments[1]}",
        )
        for name, its in measured.items()
    ]
    head = ("engine", "p50 ms", "p95 ms", "p99 ms", "longest ms", "worker ms/article", "server ms/article", "segments")
    return f"{per_second:g} articles a second.\n\n{goals_table(goals)}\n\n{table(head, rows)}"


class _Watch(threading.Thread):
    """Asks the engine for the articles that it has not seen yet, oldest of them first."""

    def __init__(self, reader: ArticleReader, articles: Sequence[Article]) -> None:
        super().__init__(daemon=True)
        self._reader = reader
        self._waiting = {article.id: article.published_at for article in articles}
        self._sent: dict[str, float] = {}
        self._last_sent = time.perf_counter()
        self._last_look: tuple[datetime, int] | None = None
        self.latencies: list[float] = []

    def sent(self, article_id: str) -> None:
        """Say it before the request goes out."""
        self._sent[article_id] = self._last_sent = time.perf_counter()

    def run(self) -> None:
        while self._waiting and time.perf_counter() - self._last_sent < _PATIENCE:
            for article_id in self._look(min(self._waiting.values())):
                if self._waiting.pop(article_id, None) is not None:
                    self.latencies.append(time.perf_counter() - self._sent[article_id])
            time.sleep(_LOOK_SECONDS)

    def join(self, timeout: float | None = None) -> None:
        """Raises RuntimeError when articles were never found."""
        super().join(timeout)
        if self._waiting:
            raise RuntimeError(f"{len(self._waiting)} articles were never found, such as {next(iter(self._waiting))}")

    def _look(self, first: datetime) -> list[str]:
        """Ids of the articles from `first` on that can be found; none when they are those of the last look."""
        now = utc_now()
        request = SearchRequest(
            query=parse_query("", now=now),
            now=now,
            published_from=first,
            published_to=first + timedelta(seconds=_PAGE - 1),
            sort=Sort.NEWEST,
            limit=1,
        )
        total = self._reader.search(request).total
        if (first, total) == self._last_look:
            return []
        self._last_look = (first, total)
        return [hit.stored.article.id for hit in self._reader.search(replace(request, limit=_PAGE)).hits]


def _publish_steadily(
    port: int, headers: dict[str, str], articles: Sequence[Article], watch: _Watch, per_second: float
) -> None:
    started = time.perf_counter()

    def send(position: int) -> None:
        article = articles[position]
        time.sleep(max(started + position / per_second - time.perf_counter(), 0))
        watch.sent(article.id)
        publish(port, headers, article)

    with ThreadPoolExecutor(_PUBLISHERS) as publishers:
        list(publishers.map(send, range(len(articles))))


@contextmanager
def _services(engine: Engine) -> Iterator[tuple[IngestProcess, PythonProcess]]:
    with ExitStack() as stack:
        door = stack.enter_context(IngestProcess(engine.journal.url, partitions=str(PARTITIONS), log_level="WARNING"))
        worker = stack.enter_context(engine.worker())
        # It rings for what tickets were lost of, as on a machine too busy to keep up.
        stack.enter_context(engine.beat())
        worker.wait_until_ready()
        for pid in filter(None, (door.pid, worker.pid, engine.journal.pid, engine.server_pid)):
            pin(pid, *EVERY_CORE)
        yield door, worker


def _processor(engine: Engine, worker: PythonProcess) -> tuple[float, float]:
    return cpu_seconds(worker.pid), cpu_seconds(engine.server_pid) if engine.server_pid else 0.0


def _segments(engine: Engine) -> int:
    if engine.settings.elasticsearch_url is None:
        return len(list(engine.settings.index_path.glob("words-*/*.store")))
    with open_client(engine.settings) as client:
        shards = client.indices.segments(index=IndexNames(engine.settings.index_prefix).read)["indices"]
        return sum(
            len(copy["segments"]) for index in shards.values() for shard in index["shards"].values() for copy in shard
        )
