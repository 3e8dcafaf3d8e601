"""The words of the index in Elasticsearch."""

from collections.abc import Hashable, Iterable
from typing import Final

from shared.search.elasticsearch.asking import ArticleIndex
from shared.search.vocabulary import MOST_WORDS

_NEWEST: Final = "newest"
_WORDS: Final = "words"


class IndexWords:
    """A WordSource."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index

    def stamp(self) -> Hashable:
        answer = self._index.ask(
            {"size": 0, "track_total_hits": True, "aggs": {_NEWEST: {"max": {"field": "_seq_no"}}}}
        )
        return answer["hits"]["total"]["value"], answer["aggregations"][_NEWEST]["value"]

    def words(self) -> Iterable[tuple[str, int]]:
        counted = {"terms": {"field": "surface", "size": MOST_WORDS, "shard_size": MOST_WORDS}}
        answer = self._index.ask({"size": 0, "track_total_hits": False, "aggs": {_WORDS: counted}})
        return [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"][_WORDS]["buckets"]]
