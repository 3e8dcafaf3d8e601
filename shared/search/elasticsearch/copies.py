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
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of
from shared.search.elasticsearch.index_setup import IndexNames

_WINDOW_SECONDS: Final = int(WINDOW.total_seconds())
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Story:
    """What tells whether two articles are copies. `published` in seconds since 1970; no signature for short texts."""

    article_id: str
    published: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """What a document says about its copies."""

    cluster: int
    copies: frozenset[int]


@dataclass(frozen=True, slots=True)
class Member:
    """An article as it is indexed; `rank` is its version there (shared/search/versions.py)."""

    story: Story
    rank: int
    link: Link


def links_among(stories: Mapping[int, Story]) -> dict[int, Link]:
    """How articles, by their keys, are linked when there are no others."""
    copies: dict[int, set[int]] = {key: set() for key in stories}
    by_band: dict[str, list[int]] = defaultdict(list)
    for key, story in stories.items():
        for band in bands_of(story.signature) if story.signature else ():
            for other in by_band[band]:
                if other not in copies[key] and _tell_the_same(story, stories[other]):
                    copies[key].add(other)
                    copies[other].add(key)
            by_band[band].append(key)
    return {key: Link(_cluster(stories, key, found), frozenset(found)) for key, found in copies.items()}


def _tell_the_same(one: Story, other: Story) -> bool:
    return abs(one.published - other.published) <= _WINDOW_SECONDS and are_copies(one.signature, other.signature)


def _cluster(stories: Mapping[int, Story], key: int, copies: Collection[int]) -> int:
    group = [stories[member] for member in (key, *copies)]
    return key_of(oldest((story.published, story.article_id) for story in group)[1])


class CopyLinker:
    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self._client = client
        self._names = names

    def link(self, written: Mapping[int, Member], retracted: Collection[int]) -> bool:
        """Bring `copies` and `cluster` of articles just written or retracted, and of their copies, up to date.

        Args:
            written: at most 500 articles by their keys, as they were written and refreshed.
            retracted: keys.

        Returns:
            Whether documents were written again; these are not refreshed yet.
        """
        own = written.keys() | set(retracted)
        found = {**written, **self._fetch((member.story.signature for member in written.values()), own, own)}
        links = _links(found)
        # What a written article is linked to now, or was before it changed.
        others = {
            key for key, member in found.items() if key not in own and (links[key].copies | member.link.copies) & own
        }
        if others:
            found |= self._fetch((found[key].story.signature for key in others), others, own | found.keys())
            links = _links(found)
        changed = {key: links[key] for key in written.keys() | others if links[key] != found[key].link}
        self._rewrite(found, changed)
        return bool(changed)

    def _fetch(self, signatures: Iterable[bytes], copied: Collection[int], known: Collection[int]) -> dict[int, Member]:
        """Articles beside the known ones that share a band with a signature, or name one of `copied` as a copy."""
        bands = sorted({band for signature in signatures if signature for band in bands_of(signature)})
        query = {
            "bool": {
                "should": [{"terms": {"bands": bands}}, {"terms": {"copies": sorted(copied)}}],
                "minimum_should_match": 1,
                "filter": [{"term": {"retracted": False}}],
                # Reading each of them would cost more than all the rest.
                "must_not": [{"terms": {"key": sorted(known)}}],
            }
        }
        return dict(self._members({"constant_score": {"filter": query}}))

    def _members(self, query: Mapping[str, Any]) -> Iterator[tuple[int, Member]]:
        after: list[int] | None = None
        while True:
            with elasticsearch_failures():
                response = self._client.search(
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
            hits = json_of(response)["hits"]["hits"]
            yield from ((hit["sort"][0], _member(hit)) for hit in hits)
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]

    def _rewrite(self, found: Mapping[int, Member], changed: Mapping[int, Link]) -> None:
        """Index again with the same version. Whoever has a newer one by now has, or will have, linked it himself."""
        if not changed:
            return
        with elasticsearch_failures():
            ids = [found[key].story.article_id for key in changed]
            answer = json_of(self._client.mget(index=self._names.write, ids=ids))
        items = []
        for (key, link), stored in zip(changed.items(), answer["docs"], strict=True):
            if stored.get("_version") == found[key].rank and not stored["_source"]["retracted"]:
                article = article_of(stored["_source"])
                source = article_source(build_document(article), article, link.cluster, link.copies)
                items.append(BulkItem(article.id, found[key].rank, source))
        write_documents(self._client, self._names.write, items)


def _links(members: Mapping[int, Member]) -> dict[int, Link]:
    return links_among({key: member.story for key, member in members.items()})


def _member(hit: Mapping[str, Any]) -> Member:
    fields = hit["fields"]
    signature = base64.b64decode(fields["signature"][0]) if "signature" in fields else b""
    return Member(
        story=Story(hit["_id"], int(fields["published"][0]), signature),
        rank=hit["_version"],
        link=Link(fields["cluster"][0], frozenset(fields.get("copies", ()))),
    )
