"""Near-duplicates: who is a copy of whom, written into the documents after they have become searchable.

Each article notes the keys of its `copies`, and as `cluster` the key of the oldest article among these and itself;
without copies its own key, for grouping needs a value. Not transitive: daily boilerplate would chain years together;
and decided by the articles alone, not by their order of arrival.

Whoever writes an article looks for its copies after a refresh. So of two workers that write two copies at the same
moment, the one whose refresh came last sees both.
"""

import base64
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticsearch import Elasticsearch

from shared.search.document import build_document
from shared.search.duplicates import WINDOW, are_copies, bands_of, oldest
from shared.search.elasticsearch.bulk import BulkItem, write_documents
from shared.search.elasticsearch.documents import article_of, article_source, key_of
from shared.search.elasticsearch.failures import elasticsearch_failures
from shared.search.elasticsearch.index_setup import IndexNames

_WINDOW_SECONDS: Final = int(WINDOW.total_seconds())
_PAGE: Final = 1_000
# 32 bands each; Elasticsearch takes up to 65,536 terms in one query.
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class _Member:
    article_id: str
    key: int
    rank: int
    published: int
    signature: bytes
    cluster: int
    copies: frozenset[int]


class CopyLinker:
    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self._client = client
        self._names = names

    def link(self, signatures: Mapping[str, bytes]) -> bool:
        """Bring `copies` and `cluster` of articles just written or retracted, and of their copies, up to date.

        Args:
            signatures: by the ids of what was written or retracted, b"" where there is none; all refreshed.

        Returns:
            Whether documents were written again; these are not refreshed yet.
        """
        article_ids = list(signatures)
        changed = False
        for start in range(0, len(article_ids), _CHUNK):
            chunk = article_ids[start : start + _CHUNK]
            changed |= self._link({article_id: signatures[article_id] for article_id in chunk})
        return changed

    def _link(self, signatures: Mapping[str, bytes]) -> bool:
        written = set(map(key_of, signatures))
        found = self._fetch(signatures.values(), written)
        links = _links(found)
        # What a written article is linked to now, or was before it changed.
        others = {
            key
            for key, member in found.items()
            if key not in written and (links[key] & written or member.copies & written)
        }
        if others:
            found |= self._fetch((found[key].signature for key in others), others)
            links = _links(found)
        changed: dict[int, int] = {}
        for key in (written & found.keys()) | others:
            cluster = _cluster(found, key, links[key])
            if (found[key].cluster, found[key].copies) != (cluster, links[key]):
                changed[key] = cluster
        self._rewrite(found, changed, links)
        return bool(changed)

    def _fetch(self, signatures: Iterable[bytes], keys: Collection[int]) -> dict[int, _Member]:
        """Articles that share a band with one of the signatures, that have one of the keys or it among their copies."""
        bands = sorted({band for signature in signatures if signature for band in bands_of(signature)})
        ordered = sorted(keys)
        query = {
            "bool": {
                "should": [{"terms": {"bands": bands}}, {"terms": {"key": ordered}}, {"terms": {"copies": ordered}}],
                "minimum_should_match": 1,
                "filter": [{"term": {"retracted": False}}],
            }
        }
        return {member.key: member for member in self._members({"constant_score": {"filter": query}})}

    def _members(self, query: Mapping[str, Any]) -> Iterator[_Member]:
        after: list[int] | None = None
        while True:
            with elasticsearch_failures():
                answer = self._client.search(
                    index=self._names.write,
                    query=query,
                    docvalue_fields=[{"field": name} for name in ("published", "signature", "cluster", "copies")],
                    source=False,
                    version=True,
                    size=_PAGE,
                    sort=[{"key": "asc"}],
                    search_after=after,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                )
            hits = answer["hits"]["hits"]
            yield from map(_member, hits)
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]

    def _rewrite(
        self, found: Mapping[int, _Member], clusters: Mapping[int, int], links: Mapping[int, frozenset[int]]
    ) -> None:
        """Index again with the same version. Whoever has a newer one by now has, or will have, linked it himself."""
        if not clusters:
            return
        with elasticsearch_failures():
            answer = self._client.mget(index=self._names.write, ids=[found[key].article_id for key in clusters])
        items = []
        for (key, cluster), stored in zip(clusters.items(), answer["docs"], strict=True):
            if stored.get("_version") == found[key].rank and not stored["_source"]["retracted"]:
                article = article_of(stored["_source"])
                source = article_source(build_document(article), article, cluster=cluster, copies=sorted(links[key]))
                items.append(BulkItem(article.id, found[key].rank, source))
        write_documents(self._client, self._names.write, items)


def _member(hit: Mapping[str, Any]) -> _Member:
    fields = hit["fields"]
    key = hit["sort"][0]
    return _Member(
        article_id=hit["_id"],
        key=key,
        rank=hit["_version"],
        published=int(fields["published"][0]),
        signature=base64.b64decode(fields["signature"][0]) if "signature" in fields else b"",
        cluster=fields["cluster"][0],
        copies=frozenset(fields.get("copies", ())),
    )


def _links(members: Mapping[int, _Member]) -> dict[int, frozenset[int]]:
    """The copies of each of the members, among the members."""
    links: dict[int, set[int]] = {key: set() for key in members}
    by_band: dict[str, list[_Member]] = defaultdict(list)
    for member in members.values():
        for band in bands_of(member.signature) if member.signature else ():
            for other in by_band[band]:
                if other.key not in links[member.key] and _tell_the_same(member, other):
                    links[member.key].add(other.key)
                    links[other.key].add(member.key)
            by_band[band].append(member)
    return {key: frozenset(copies) for key, copies in links.items()}


def _tell_the_same(one: _Member, other: _Member) -> bool:
    return abs(one.published - other.published) <= _WINDOW_SECONDS and are_copies(one.signature, other.signature)


def _cluster(members: Mapping[int, _Member], key: int, copies: Collection[int]) -> int:
    group = [members[member] for member in (key, *copies)]
    return key_of(oldest((member.published, member.article_id) for member in group)[1])
