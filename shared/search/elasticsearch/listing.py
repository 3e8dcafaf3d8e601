"""Walking through an index, or through two side by side to find what one of them lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from elasticsearch import Elasticsearch

from shared.search.elasticsearch.failures import elasticsearch_failures, json_of

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """What can be told of a document without its text: `rank` is its version, `link` its cluster and its copies."""

    key: int
    article_id: str
    rank: int
    link: tuple[tuple[int, ...], tuple[int, ...]]
    category: str | None


def list_documents(client: Elasticsearch, index: str) -> Iterator[Listed]:
    """Every document that has been refreshed, tombstones too, in the order of the keys."""
    after: list[Any] | None = None
    while True:
        with elasticsearch_failures():
            response = client.search(
                index=index,
                docvalue_fields=[{"field": "cluster"}, {"field": "copies"}, {"field": "category"}],
                source=False,
                version=True,
                size=_PAGE,
                sort=[{"key": "asc"}],
                search_after=after,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        hits = json_of(response)["hits"]["hits"]
        for hit in hits:
            fields = hit.get("fields", {})
            link = (tuple(fields.get("cluster", ())), tuple(sorted(fields.get("copies", ()))))
            yield Listed(
                hit["sort"][0], hit["_id"], hit["_version"], link, next(iter(fields.get("category", ())), None)
            )
        if len(hits) < _PAGE:
            return
        after = hits[-1]["sort"]


def lacking(source: Iterator[Listed], target: Iterator[Listed]) -> Iterator[tuple[str, bool]]:
    """Each article id of the source, and whether the target lacks it as it is. Both in the order of the keys."""
    other = next(target, None)
    for document in source:
        while other is not None and other.key < document.key:
            other = next(target, None)
        same = other is not None and other.key == document.key and _holds(other, document)
        yield document.article_id, not same


def _holds(other: Listed, document: Listed) -> bool:
    return other.rank > document.rank or (other.rank == document.rank and other.link == document.link)
