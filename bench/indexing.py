"""`python -m bench.indexing`: articles on their whole way into Elasticsearch, beside a client that only does `_bulk`.

Elasticsearch has one core; the door, the journal and the worker share the other. The plain client sends documents that
were analysed beforehand, 500 at a time, each batch as soon as the last is answered. The whole way begins with the
publisher's first request (a hundred events in each) and ends when the last article can be found.
"""

import argparse
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
import structlog
from elasticsearch import Elasticsearch

from bench.article_backlog import ArticleBacklog
from bench.articles import LoadData
from bench.figures import Goal, goals_table, load_of_the_machine, median, median_ratio, number, table, write_section
from bench.prepared import write_documents_file
from bench.processes import MEASURED_CORE, OTHER_CORE, PythonProcess, cpu_seconds, pin
from bench.publisher import publish_all
from shared.events import Article
from shared.search.document import IndexDocument, build_document
from shared.search.elasticsearch.bulk import MOST_DOCUMENTS
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.documents import article_source, key_of
from shared.search.elasticsearch.index_setup import IndexNames, ensure_index
from shared.settings import IndexSettings
from shared.views.days import utc_now
from tests.support.elasticsearch_engine import delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.ingest_process import IngestProcess, publisher_headers
from tests.support.valkey import ValkeyServer

_PARTITIONS: Final = 8
# Some for each partition.
_FIRST: Final = 4 * _PARTITIONS

BULK: Final = "one client, `_bulk` of documents analysed beforehand"
WITHOUT: Final = "whole way, one worker, analysed beforehand"
WITH: Final = "whole way, one worker"
TWO: Final = "whole way, two workers"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all sides use; every round of each has an index of its own."""

    server_url: str
    server_pid: int | None
    articles: list[Article]
    documents: list[IndexDocument]
    folder: Path


@dataclass(slots=True)
class Spent:
    """Of each round: seconds on the clock for all articles, and what share of its core each part was busy."""

    clock: list[float] = field(default_factory=list)
    elasticsearch: list[float] = field(default_factory=list)
    workers: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.indexing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    load = load_of_the_machine()
    # The engines say what they do; here the table is what is wanted.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    data = LoadData()
    articles = data.articles(options.articles)
    with ExitStack() as stack:
        server = stack.enter_context(ElasticsearchServer(heap_mb=1024, quick_boot=False))
        pin(server.pid, OTHER_CORE)
        spent = measure(server.url, server.pid, articles, options.rounds)
    text = f"{load} {data.describe(options.articles)}.\n\n{report(spent, len(articles))}"
    print(text)
    if options.write:
        write_section("indexing", text)
    return 0


def measure(
    url: str,
    pid: int | None,
    articles: Sequence[Article],
    rounds: int,
    *,
    sides: Sequence[str] = (BULK, WITHOUT, WITH, TWO),
) -> dict[str, Spent]:
    """`pid` is Elasticsearch's, None when it is not ours to look at."""
    spent: dict[str, Spent] = defaultdict(Spent)
    with tempfile.TemporaryDirectory(prefix="khobor-indexing-") as folder:
        bench = Bench(url, pid, list(articles), list(map(build_document, articles)), Path(folder))
        write_documents_file(bench.folder / "documents", bench.documents)
        # Elasticsearch compiles itself while it works; its first batches take several times as long.
        _bulk(bench, Spent())
        for _ in range(rounds):
            for name in sides:
                _SIDES[name](bench, spent[name])
                print(f"{name}: {len(articles) / spent[name].clock[-1]:,.0f} articles/s", file=sys.stderr)
    return spent


def _bulk(bench: Bench, spent: Spent) -> None:
    bodies = list(_bodies(bench))
    with _index(bench) as (settings, client):
        with _timed(bench, spent, []):
            for operations in bodies:
                client.bulk(
                    operations=operations,  # type: ignore[arg-type] # lines of JSON are taken as they are
                    index=IndexNames(settings.index_prefix).write,
                    require_alias=True,
                    filter_path=["items.*.status", "items.*.error"],
                )
            _refresh(client, settings)
        _check(client, settings, len(bench.articles))


def _bodies(bench: Bench) -> Iterator[list[bytes]]:
    """As the product's writer makes them."""
    lines: list[bytes] = []
    for article, document in zip(bench.articles, bench.documents, strict=True):
        action = {"_id": article.id, "version": 2 * article.version, "version_type": "external_gte"}
        lines += (orjson.dumps({"index": action}), article_source(document, article, key_of(article.id), ()))
        if len(lines) == 2 * MOST_DOCUMENTS:
            yield lines
            lines = []
    if lines:
        yield lines


def _whole_way(*worker: str, workers: int = 1) -> Callable[[Bench, Spent], None]:
    def run(bench: Bench, spent: Spent) -> None:
        with ExitStack() as stack:
            settings, client = stack.enter_context(_index(bench))
            journal = stack.enter_context(ValkeyServer())
            door = stack.enter_context(IngestProcess(journal.url, partitions=str(_PARTITIONS)))
            pin(journal.pid, MEASURED_CORE)
            pin(door.pid, MEASURED_CORE)
            started = [
                stack.enter_context(
                    PythonProcess(
                        [each.replace("{documents}", str(bench.folder / "documents")) for each in worker],
                        core=MEASURED_CORE,
                        environment={
                            "KHOBOR_REDIS_URL": journal.url,
                            "KHOBOR_ELASTICSEARCH_URL": bench.server_url,
                            "KHOBOR_ELASTICSEARCH_TIMEOUT": "60",
                            "KHOBOR_INDEX_PREFIX": settings.index_prefix,
                            "KHOBOR_WORKER_METRICS_PORT": "0",
                            "KHOBOR_WORKER_HEARTBEAT_FILE": str(bench.folder / f"{uuid.uuid4().hex}.heartbeat"),
                        },
                    )
                )
                for _ in range(workers)
            ]
            for process in started:
                process.wait_until_ready()
            headers = publisher_headers(journal)
            backlog = stack.enter_context(ArticleBacklog(journal, _PARTITIONS))
            # The workers have started when one of them has done something in each partition.
            first = [_short_article(f"first-{position}") for position in range(_FIRST)]
            publish_all(door.port, headers, first)
            backlog.wait_until_empty()
            with _timed(bench, spent, started):
                publish_all(door.port, headers, bench.articles)
                backlog.wait_until_empty()
            _check(client, settings, len(bench.articles) + len(first))

    return run


_SIDES: Final[dict[str, Callable[[Bench, Spent], None]]] = {
    BULK: _bulk,
    WITHOUT: _whole_way("bench.prepared", "{documents}"),
    WITH: _whole_way("services.indexer", "worker"),
    TWO: _whole_way("services.indexer", "worker", workers=2),
}


@contextmanager
def _index(bench: Bench) -> Iterator[tuple[IndexSettings, Elasticsearch]]:
    """An empty index with the product's mapping and settings."""
    settings = elasticsearch_settings(bench.server_url, f"b{uuid.uuid4().hex[:12]}")
    with open_client(settings) as client:
        ensure_index(client, settings)
        yield settings, client
        delete_indices(bench.server_url, settings.index_prefix)


@contextmanager
def _timed(bench: Bench, spent: Spent, workers: Sequence[PythonProcess]) -> Iterator[None]:
    def cpu() -> tuple[float, float]:
        return (
            cpu_seconds(bench.server_pid) if bench.server_pid else 0.0,
            sum(cpu_seconds(worker.pid) for worker in workers),
        )

    started, before = time.perf_counter(), cpu()
    yield
    elapsed, after = time.perf_counter() - started, cpu()
    spent.clock.append(elapsed)
    spent.elasticsearch.append((after[0] - before[0]) / elapsed)
    spent.workers.append((after[1] - before[1]) / elapsed)


def _short_article(article_id: str) -> Article:
    """Too short to be taken for a copy of others."""
    return Article(id=article_id, version=1, title="প্রথম খবর", body="বিস্তারিত আসছে।", published_at=utc_now())


def _refresh(client: Elasticsearch, settings: IndexSettings) -> None:
    client.indices.refresh(index=IndexNames(settings.index_prefix).write)


def _check(client: Elasticsearch, settings: IndexSettings, expected: int) -> None:
    """Without a refresh of its own: whatever was timed must have made them searchable."""
    found = client.count(index=IndexNames(settings.index_prefix).read)["count"]
    if found != expected:
        raise RuntimeError(f"{found} of {expected} articles are in the index")


def report(spent: dict[str, Spent], articles: int) -> str:
    bulk = spent[BULK].clock
    goals = [
        Goal("whole way, analysed beforehand, times plain `_bulk`", median_ratio(bulk, spent[WITHOUT].clock), 0.9),
        Goal("whole way, one worker, times plain `_bulk`", median_ratio(bulk, spent[WITH].clock), 0.55),
    ]
    rows = [
        (
            name,
            number(median_ratio(bulk, its.clock)),
            number(articles / median(its.clock)),
            f"{median(its.elasticsearch):.0%}",
            f"{median(its.workers):.0%}" if name != BULK else "",
        )
        for name, its in spent.items()
    ]
    head = ("side", "× plain `_bulk`", "articles/s", "Elasticsearch busy", "workers busy")
    return f"{goals_table(goals)}\n\n{table(head, rows)}"


if __name__ == "__main__":
    sys.exit(main())
