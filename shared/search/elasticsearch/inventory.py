"""What an index holds, as operators compare and copy it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from elasticsearch import Elasticsearch

from shared.search.elasticsearch.documents import article_of
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of, reason_of
from shared.search.elasticsearch.listing import list_documents
from shared.search.model import ArticleChange, HeldArticle
from shared.search.ports import IndexUnavailableError
from shared.search.versions import held_article

_PAGE: Final = 500


class ElasticsearchArticleInventory:
    """An ArticleInventory of what is behind one name: the readers' alias, or an index that was left."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def count(self) -> int:
        with elasticsearch_failures():
            self._client.indices.refresh(index=self._index)
            return int(json_of(self._client.count(index=self._index))["count"])

    def pages(self) -> Iterator[list[HeldArticle]]:
        with elasticsearch_failures():
            self._client.indices.refresh(index=self._index)
        listed = list_documents(self._client, self._index)
        while page := list(islice(listed, _PAGE)):
            yield [held_article(each.article_id, each.rank, each.category) for each in page]

    def held(self, article_ids: Sequence[str]) -> dict[str, HeldArticle]:
        return {
            document["_id"]: held_article(document["_id"], document["_version"], document["_source"].get("category"))
            for document in self._documents(article_ids, ["category"])
        }

    def changes(self, article_ids: Sequence[str]) -> list[ArticleChange]:
        return [_change(document) for document in self._documents(article_ids, ["retracted", "original"])]

    def _documents(self, article_ids: Sequence[str], fields: list[str]) -> list[dict[str, Any]]:
        """Those that are there, written by now, refreshed or not."""
        if not article_ids:
            return []
        with elasticsearch_failures():
            response = self._client.mget(index=self._index, ids=list(article_ids), source_includes=fields)
        documents: list[dict[str, Any]] = json_of(response)["docs"]
        for document in documents:
            # Each document is answered by itself: a missing index is not a failed request.
            if "error" in document:
                raise IndexUnavailableError(f"the index cannot be read: {reason_of(document)}")
        return [document for document in documents if document["found"]]


def _change(document: dict[str, Any]) -> ArticleChange:
    source = document["_source"]
    article = None if source["retracted"] else article_of(source)
    return ArticleChange(document["_id"], document["_version"] // 2, article)
