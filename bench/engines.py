"""Both search engines, loaded with the same articles, for the benches that compare them.

Elasticsearch, Redis and the clients share one core; the product's processes have the other.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import AnyUrl

from bench.prepared import PreparedDocuments, without_analysis
from bench.processes import MEASURED_CORE, OTHER_CORE, PythonProcess, pin
from shared.events import Article
from shared.search.document import build_document
from shared.search.elasticsearch.opening import open_elasticsearch_writer
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ArticleChange
from shared.settings import IndexSettings
from tests.support.elasticsearch_engine import delete_indices
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.valkey import ValkeyServer

EMBEDDED: Final = "embedded"
ELASTICSEARCH: Final = "Elasticsearch"
_BATCH: Final = 500
PARTITIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, loaded. `server_pid` is that of its server, if it has one that is ours."""

    name: str
    settings: IndexSettings
    journal: ValkeyServer
    folder: Path
    server_pid: int | None = None

    def environment(self) -> dict[str, str]:
        """For processes of the product."""
        urls = self.settings.elasticsearch_url or ()
        return {
            "KHOBOR_REDIS_URL": self.journal.url,
            "KHOBOR_PARTITIONS": str(PARTITIONS),
            "KHOBOR_INDEX_PATH": str(self.settings.index_path),
            "KHOBOR_INDEX_PREFIX": self.settings.index_prefix,
            "KHOBOR_ELASTICSEARCH_TIMEOUT": "60",
            "KHOBOR_LOG_LEVEL": "WARNING",
            "KHOBOR_WORKER_METRICS_PORT": "0",
            "KHOBOR_BEAT_SCHEDULE_FILE": str(self.folder / f"{self.name}.schedule"),
            "KHOBOR_BEAT_HEARTBEAT_FILE": str(self.folder / f"{self.name}.beat"),
            "KHOBOR_WORKER_HEARTBEAT_FILE": str(self.folder / f"{self.name}.heartbeat"),
            **({"KHOBOR_ELASTICSEARCH_URL": ",".join(map(str, urls))} if urls else {}),
        }

    def api(self) -> PythonProcess:
        environment = {**self.environment(), "KHOBOR_API_PORT": "{port}"}
        return PythonProcess(["services.api"], core=MEASURED_CORE, environment=environment, ready="/readyz")

    def worker(self) -> PythonProcess:
        return PythonProcess(["services.indexer", "worker"], core=MEASURED_CORE, environment=self.environment())

    def beat(self) -> PythonProcess:
        return PythonProcess(["services.indexer", "beat"], core=MEASURED_CORE, environment=self.environment())


@contextmanager
def open_engines(articles: Sequence[Article], elasticsearch_url: str | None = None) -> Iterator[list[Engine]]:
    """Both engines with these articles; `elasticsearch_url` names a server that runs already."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khobor-engines-")))
        server_pid = None
        if elasticsearch_url is None:
            server = stack.enter_context(ElasticsearchServer(heap_mb=1024, quick_boot=False))
            elasticsearch_url, server_pid = server.url, server.pid
            pin(server_pid, OTHER_CORE)
        journals = [stack.enter_context(ValkeyServer()) for _ in range(2)]
        for journal in journals:
            pin(journal.pid, OTHER_CORE)
        embedded = IndexSettings(index_path=folder / "index")
        remote = IndexSettings(
            elasticsearch_url=AnyUrl(elasticsearch_url),
            elasticsearch_timeout=timedelta(minutes=1),
            index_prefix=f"b{folder.name[-8:].lower().replace('_', '0')}",
        )
        engines = [
            Engine(EMBEDDED, embedded, journals[0], folder),
            Engine(ELASTICSEARCH, remote, journals[1], folder, server_pid),
        ]
        documents = PreparedDocuments(map(build_document, articles))
        with without_analysis(documents):
            for engine in engines:
                _load(engine, articles)
        yield engines
        if not server_pid:
            delete_indices(elasticsearch_url, remote.index_prefix)


def _load(engine: Engine, articles: Sequence[Article]) -> None:
    with _writer(engine.settings) as writer:
        for start in range(0, len(articles), _BATCH):
            writer.apply([ArticleChange(each.id, each.version, each) for each in articles[start : start + _BATCH]])
            writer.make_searchable()


def _writer(settings: IndexSettings) -> closing[EmbeddedArticleWriter] | closing[ElasticsearchArticleWriter]:
    if settings.elasticsearch_url is None:
        return closing(EmbeddedArticleWriter(settings.index_path))
    return closing(open_elasticsearch_writer(settings))
