"""The product as it is judged: its own engines, through the ports that workers and readers use."""

import shutil
import tempfile
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import AnyUrl

from bench.relevance.judged import PUBLISHED
from shared.events import Article
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ApplyOutcome, ArticleChange, SearchRequest
from shared.search.ports import ArticleReader, ArticleWriter
from shared.search.query_language import QuerySyntaxError, parse_query
from shared.settings import IndexSettings

_BATCH: Final = 500
# Long after publication, so that what is left of the recency bonus is the same for all.
_NOW: Final = PUBLISHED + timedelta(days=365)


class Product:
    """One engine of the product over one collection; `close` removes what it has written."""

    name: str

    def __init__(self, writer: ArticleWriter, reader: ArticleReader) -> None:
        self._writer = writer
        self._reader = reader

    def index(self, articles: Sequence[Article]) -> None:
        for start in range(0, len(articles), _BATCH):
            changes = [ArticleChange(each.id, each.version, each) for each in articles[start : start + _BATCH]]
            refused = [result for result in self._writer.apply(changes) if result.outcome is not ApplyOutcome.APPLIED]
            if refused:
                raise RuntimeError(f"not indexed: {refused[0]}")
        self._writer.make_searchable()

    def ranked(self, query: str, limit: int) -> list[str]:
        """Article ids as a reader gets them; what the query language refuses finds nothing."""
        try:
            parsed = parse_query(query, now=_NOW)
        except QuerySyntaxError:
            return []
        page = self._reader.search(SearchRequest(query=parsed, now=_NOW, limit=limit))
        return [hit.stored.article.id for hit in page.hits]


class EmbeddedProduct(Product):
    """The embedded engine in a temporary folder."""

    name = "Khobor, embedded"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="khobor-relevance-"))
        self._embedded_writer = EmbeddedArticleWriter(self._folder)
        self._embedded_reader = EmbeddedArticleReader(self._folder)
        super().__init__(self._embedded_writer, self._embedded_reader)

    def index_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._folder.glob("words-*/*"))

    def close(self) -> None:
        self._embedded_reader.close()
        self._embedded_writer.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class ElasticsearchProduct(Product):
    """The Elasticsearch engine, under a prefix of its own on a server that runs already."""

    name = "Khobor, Elasticsearch"

    def __init__(self, url: str) -> None:
        settings = IndexSettings(
            elasticsearch_url=AnyUrl(url),
            index_prefix=f"relevance-{uuid.uuid4().hex[:12]}",
            elasticsearch_timeout=timedelta(minutes=1),
        )
        self._indices = f"{settings.index_prefix}-*"
        self._client = open_client(settings)
        self._elasticsearch_reader = ElasticsearchArticleReader(self._client, settings)
        super().__init__(ElasticsearchArticleWriter(self._client, settings), self._elasticsearch_reader)

    def index(self, articles: Sequence[Article]) -> None:
        super().index(articles)
        self._client.indices.refresh(index=self._indices)

    def index_bytes(self) -> int:
        stats = self._client.indices.stats(index=self._indices, metric="store")
        return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

    def close(self) -> None:
        for name in self._client.indices.get(index=self._indices):
            self._client.indices.delete(index=name)
        self._elasticsearch_reader.close()
