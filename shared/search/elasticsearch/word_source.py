"""The words of the index in Elasticsearch."""

from collections.abc import Hashable, Iterable
from typing import Any, Final

from shared.events import Article
from shared.search.elasticsearch.asking import ArticleIndex, found_articles
from shared.search.elasticsearch.documents import article_of
from shared.search.elasticsearch.query_dsl import LIVE
from shared.search.vocabulary import MOST_WORDS

_CHANGES: Final = "changes"
_WORDS: Final = "words"


class IndexWords:
    """A WordSource."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index

    def stamp(self) -> Hashable:
        # Every change gets the next number of its shard; a largest one would miss the changes of other shards.
        changes = {"sum": {"field": "_seq_no"}}
        answer = self._index.ask({"size": 0, "track_total_hits": True, "aggs": {_CHANGES: changes}})
        return answer["hits"]["total"]["value"], answer["aggregations"][_CHANGES]["value"]

    def words(self) -> Iterable[tuple[str, int]]:
        counted = {"terms": {"field": "surface", "size": MOST_WORDS, "shard_size": MOST_WORDS}}
        answer = self._index.ask({"size": 0, "track_total_hits": False, "aggs": {_WORDS: counted}})
        return [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"][_WORDS]["buckets"]]

    def newest(self, limit: int) -> Iterable[Article]:
        """Of an index with several shards, nearly: each of them numbers its changes by itself."""
        body: dict[str, Any] = {"query": {"bool": {"filter": [LIVE]}}, "size": limit, "sort": [{"_seq_no": "desc"}]}
        answer = self._index.ask({**body, "track_total_hits": False})
        return [article_of(found.stored) for found in found_articles(answer)]
