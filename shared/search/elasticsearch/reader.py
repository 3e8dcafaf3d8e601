"""The readers' side of the search port on Elasticsearch."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from elasticsearch import Elasticsearch

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.search.elasticsearch.asking import ArticleIndex
from shared.search.elasticsearch.facets import label_counts
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.elasticsearch.related import related_hits
from shared.search.elasticsearch.search import Searches
from shared.search.elasticsearch.suggest import suggest_titles
from shared.search.elasticsearch.time_limit import time_limit
from shared.search.elasticsearch.word_source import IndexWords
from shared.search.model import (
    Completion,
    Hit,
    IndexStats,
    Lookup,
    LookupResult,
    SearchPage,
    SearchRequest,
)
from shared.search.vocabulary import IndexVocabulary
from shared.settings import IndexSettings

# More categories than any site has.
_MOST_CATEGORIES: Final = 5_000
# Nobody waits for the words of the index to be counted, which may take longer than a search.
_COUNTING_SECONDS: Final = 60.0


class ElasticsearchArticleReader:
    """Safe to share between threads. Articles by id are read as written, searches see what has been refreshed.

    Cursors hold everything that they need, so any process can go on where another began.
    """

    def __init__(
        self, client: Elasticsearch, settings: IndexSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._limit = settings.elasticsearch_timeout
        alias = IndexNames(settings.index_prefix).read
        self._index = ArticleIndex(client, alias, shards=settings.index_shards)
        patient = client.options(request_timeout=_COUNTING_SECONDS)
        words = IndexWords(ArticleIndex(patient, alias, shards=settings.index_shards))
        self._vocabulary = IndexVocabulary(words, clock=clock)
        self._searches = Searches(self._index, self._vocabulary)

    def search(self, request: SearchRequest) -> SearchPage:
        with time_limit(self._limit):
            return self._searches.search(request)

    def suggest(self, text: str, limit: int) -> list[Completion]:
        with time_limit(self._limit):
            return suggest_titles(self._index, self._vocabulary, text, limit)

    def related(self, article_id: str, limit: int) -> list[Hit]:
        with time_limit(self._limit):
            [document] = self._index.documents([article_id])
            if document is None or document["retracted"]:
                return []
            return related_hits(self._index, document, limit)

    def get(self, article_id: str) -> LookupResult:
        return self.get_many([article_id])[article_id]

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        with time_limit(self._limit):
            documents = dict(zip(article_ids, self._index.documents(article_ids), strict=True))
            live = [
                (article_id, document)
                for article_id, document in documents.items()
                if document is not None and not document["retracted"]
            ]
            stored = self._index.stored_articles([document for _, document in live])
        found = {
            article_id: LookupResult(Lookup.FOUND, article)
            for (article_id, _), article in zip(live, stored, strict=True)
        }
        gone = {
            article_id: LookupResult(Lookup.UNKNOWN if document is None else Lookup.RETRACTED)
            for article_id, document in documents.items()
        }
        return {**gone, **found}

    def stats(self) -> IndexStats:
        answer = self._index.ask(
            {
                "size": 0,
                "track_total_hits": False,
                "aggs": {
                    "live": {
                        "filter": {"term": {"retracted": False}},
                        "aggs": {"categories": {"terms": {"field": "category", "size": _MOST_CATEGORIES}}},
                    },
                    "retracted": {"filter": {"term": {"retracted": True}}},
                },
            }
        )["aggregations"]
        return IndexStats(
            engine="elasticsearch",
            articles=answer["live"]["doc_count"],
            retracted=answer["retracted"]["doc_count"],
            # Writers refresh before they report anything as written.
            waiting=0,
            analyzer_version=ANALYZER_VERSION,
            categories=label_counts(answer["live"]["categories"]),
        )

    def ping(self) -> None:
        """Asks every shard for nothing. A cluster without a master calls itself red, and can be searched."""
        with time_limit(self._limit):
            self._index.ask({"size": 0, "track_total_hits": False})

    def close(self) -> None:
        self._vocabulary.close()
        self._client.close()
