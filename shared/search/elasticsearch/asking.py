"""Asking Elasticsearch for articles, and reading its answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from shared.search.elasticsearch.documents import article_of
from shared.search.elasticsearch.failures import NOT_ELASTICSEARCH, elasticsearch_failures, json_of, reason_of
from shared.search.elasticsearch.query_dsl import LIVE, Query, match_query
from shared.search.model import StoredArticle
from shared.search.plan import QueryPlan, matching_only
from shared.search.ports import CursorError, IndexUnavailableError

# Renewed by every page; as long as the embedded engine keeps a search.
_KEEP_ALIVE: Final = "5m"
# Elasticsearch knows no such point in time any more, or never did.
_GONE: Final = frozenset({400, 404})


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """One document of an answer. `order` is its place in the order asked for, to go on after."""

    article_id: str
    stored: Mapping[str, Any]
    score: float
    order: tuple[Any, ...]

    @property
    def key(self) -> int:
        return int(self.stored["key"])

    @property
    def cluster(self) -> int:
        return int(self.stored["cluster"])

    @property
    def published(self) -> int:
        """Seconds since 1970."""
        return int(self.stored["published"])


class ArticleIndex:
    """The index behind the readers' alias. All methods raise IndexUnavailableError."""

    def __init__(self, client: Elasticsearch, alias: str, *, shards: int) -> None:
        self.client = client
        self.alias = alias
        # Each shard counts words by itself; asking all first makes scores those of a single shard.
        self._search_type = "dfs_query_then_fetch" if shards > 1 else None

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Run one search. Half an answer, from some of the shards only, counts as none."""
        with elasticsearch_failures():
            return self._ask(body, self.alias)

    def ask_at(self, point_in_time: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Run a search in the index as it was; `pit_id` of the answer is the point in time from now on.

        Raises:
            CursorError: the point in time is gone.
        """
        with elasticsearch_failures():
            try:
                return self._ask({**body, "pit": {"id": point_in_time, "keep_alive": _KEEP_ALIVE}}, None)
            except ApiError as error:
                if error.status_code not in _GONE:
                    raise
                raise CursorError("this cursor has expired; start the search again") from error

    def count(self, plan: QueryPlan) -> int:
        """How many articles match."""
        body = {"query": match_query(matching_only(plan)), "size": 0, "track_total_hits": True}
        return int(self.ask(body)["hits"]["total"]["value"])

    def articles_with(self, stems: Sequence[str]) -> dict[str, int]:
        """How many articles have each of the stems, anywhere."""
        each = {"filters": {"filters": {stem: {"term": {"stem": stem}} for stem in stems}}}
        answer = self.ask({"size": 0, "track_total_hits": False, "aggs": {"stems": each}})
        return {stem: bucket["doc_count"] for stem, bucket in answer["aggregations"]["stems"]["buckets"].items()}

    def documents(self, article_ids: Sequence[str]) -> list[Mapping[str, Any] | None]:
        """As last written, refreshed or not, in the order of the ids; None for an unknown one."""
        if not article_ids:
            return []
        with elasticsearch_failures():
            answer = json_of(self.client.mget(index=self.alias, ids=list(article_ids)))
        for document in answer["docs"]:
            # Each document is answered by itself: a missing index is not a failed request.
            if "error" in document:
                raise IndexUnavailableError(f"the index cannot be read: {reason_of(document)}")
        return [document["_source"] if document["found"] else None for document in answer["docs"]]

    def open_point_in_time(self) -> str:
        with elasticsearch_failures():
            return str(json_of(self.client.open_point_in_time(index=self.alias, keep_alive=_KEEP_ALIVE))["id"])

    def close_point_in_time(self, point_in_time: str) -> None:
        """Only saves memory, so failures are ignored: it ends by itself."""
        with suppress(ApiError, TransportError):
            self.client.close_point_in_time(id=point_in_time)

    def stored_articles(self, documents: Sequence[Mapping[str, Any]]) -> list[StoredArticle]:
        """The articles of documents, with how many copies they have; asks again only when there are any."""
        clusters = sorted({document["cluster"] for document in documents if document["copies"]})
        sizes: dict[int, int] = {}
        if clusters:
            members: Query = {"bool": {"filter": [LIVE, {"terms": {"cluster": clusters}}]}}
            grouped = {"clusters": {"terms": {"field": "cluster", "size": len(clusters)}}}
            answer = self.ask({"query": members, "size": 0, "aggs": grouped, "track_total_hits": False})
            sizes = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["clusters"]["buckets"]}
        # Copies are linked a moment after their articles were written, so a size may be missing or too small.
        return [
            StoredArticle(
                article_of(document), max(sizes.get(document["cluster"], 1) - 1, 0) if document["copies"] else 0
            )
            for document in documents
        ]

    def _ask(self, body: Mapping[str, Any], alias: str | None) -> dict[str, Any]:
        response = self.client.search(
            index=alias, body=dict(body), search_type=self._search_type, allow_partial_search_results=False
        )
        answer = json_of(response)
        if "hits" not in answer:
            raise IndexUnavailableError(NOT_ELASTICSEARCH)
        return answer


def found_articles(answer: Mapping[str, Any]) -> list[FoundArticle]:
    return [
        FoundArticle(hit["_id"], hit["_source"], hit.get("_score") or 0.0, tuple(hit.get("sort", ())))
        for hit in answer["hits"]["hits"]
    ]
