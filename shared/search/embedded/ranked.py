"""The hits of one search in their order, worked out as far as somebody has paged."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

from tantivy import Occur, Query

from shared.search.embedded.query import between, both, one_of, without
from shared.search.embedded.words import key_of
from shared.search.embedded.words_reader import WordsView
from shared.search.ranking import Recency, final_score, popularity_boost, recency_boost

# Research: of the exact top 10, the best 500 by stepped recency held all (the best 500 by text alone .914).
CANDIDATES: Final = 500
# Ages, in half-lives, below which a candidate gets a share of the recency bonus; all shares together are worth half
# of the best text score, for an amplitude of 1.
_STEPS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_STEPS_WORTH: Final = 0.5


class RankedHit(NamedTuple):
    """`score` is `text`, what the words alone scored, times 1 + `recency` + `popularity`."""

    key: int
    published: int
    cluster: int | None
    score: float = 0.0
    text: float = 0.0
    recency: float = 0.0
    popularity: float = 0.0


class Order(Protocol):
    """One way to sort hits."""

    def first(self, count: int) -> list[RankedHit]:
        """The best `count` hits or more, all of them when `count` is the total.

        A larger count may show an order that differs from the one of a smaller.
        """
        ...


class RankedHits:
    """One search in one snapshot of the index. Every hit is listed exactly once, however far somebody pages.

    The order of what has been listed is final. `total` counts the hits, or with `collapse` their stories: of each
    cluster of near-duplicates only the best-ranked stays.
    """

    def __init__(self, order: Order, *, matches: int, total: int, collapse: bool) -> None:
        self.total = total
        self._order: Order | None = order
        self._matches = matches
        self._collapse = collapse
        self._depth = 0
        self._listed: list[RankedHit] = []
        self._seen: set[int] = set()
        self._lock = Lock()

    def page(self, offset: int, limit: int) -> list[RankedHit]:
        with self._lock:
            while len(self._listed) < offset + limit and self._order is not None:
                self._list_more(self._order)
            return self._listed[offset : offset + limit]

    def _list_more(self, order: Order) -> None:
        # Doubling keeps the work for all pages together within twice that of the last one.
        self._depth = min(max(CANDIDATES, 2 * self._depth), self._matches)
        for hit in order.first(self._depth) if self._depth else ():
            story = hit.cluster if self._collapse and hit.cluster is not None else None
            # Keys are positive, so clusters get a number space of their own below zero.
            identity = hit.key if story is None else -story
            if identity not in self._seen:
                self._seen.add(identity)
                self._listed.append(hit)
        if self._depth >= self._matches:
            # Nothing more can come: let the snapshot's files go.
            self._order = None


@dataclass(frozen=True, slots=True)
class ByRelevance:
    """Text score times age and views, exact for every hit that it gives. `views` are by key, `now` in seconds."""

    view: WordsView
    query: Any
    matches: int
    recency: Recency
    now: int
    views: Mapping[int, int]

    def first(self, count: int) -> list[RankedHit]:
        found = self._all() if count >= self.matches else self._candidates(count)
        return sorted(found, key=lambda hit: (-hit.score, -hit.published, -hit.key))

    def _all(self) -> list[RankedHit]:
        hits = self.view.best(self.query, self.matches)
        return self._scored([score for score, _ in hits], [address for _, address in hits])

    def _candidates(self, count: int) -> list[RankedHit]:
        """Tantivy cannot multiply by age, so steps of constant scores choose who is scored exactly."""
        [(best, _)] = self.view.best(self.query, 1)
        half_life = self.recency.half_life.total_seconds()
        since = [round(self.now - step * half_life) for step in _STEPS]
        share = best * self.recency.amplitude * _STEPS_WORTH / len(_STEPS)
        steps = [(Occur.Should, Query.const_score_query(between("published", start, None), share)) for start in since]
        stepped = Query.boolean_query([(Occur.Must, self.query), *steps])
        hits = self.view.best(stepped, count)
        addresses = [address for _, address in hits]
        published = self.view.values("published", addresses)
        texts = [
            score - share * sum(moment >= start for start in since)
            for (score, _), moment in zip(hits, published, strict=True)
        ]
        found = {hit.key: hit for hit in self._scored(texts, addresses)}
        if self.views:
            # Popularity is no part of the steps, so the few hundred hottest are candidates whatever their text.
            hot = self.view.best(both(self.query, one_of("key", list(self.views))), len(self.views))
            for hit in self._scored([score for score, _ in hot], [address for _, address in hot]):
                found.setdefault(hit.key, hit)
        return list(found.values())

    def _scored(self, texts: list[float], addresses: list[Any]) -> list[RankedHit]:
        columns = [self.view.values(name, addresses) for name in ("key", "published", "cluster")]
        return [self._hit(text, *values) for text, *values in zip(texts, *columns, strict=True)]

    def _hit(self, text: float, key: int, published: int, cluster: int | None) -> RankedHit:
        recency = recency_boost(self.recency, published=published, now=self.now)
        popularity = popularity_boost(self.views.get(key, 0))
        score = final_score(text, recency=recency, popularity=popularity)
        return RankedHit(key, published, cluster, score, text, recency, popularity)


@dataclass(frozen=True, slots=True)
class ByViews:
    """The hottest first, the others after them, newest first; `views` are by key."""

    view: WordsView
    query: Any
    views: Mapping[int, int]

    def first(self, count: int) -> list[RankedHit]:
        hot: list[RankedHit] = []
        others = self.query
        if self.views:
            chosen = one_of("key", list(self.views))
            hot = self._newest(both(self.query, chosen), len(self.views))
            hot.sort(key=lambda hit: -self.views[hit.key])
            others = without(self.query, chosen)
        return hot + self._newest(others, count)

    def _newest(self, query: Any, count: int) -> list[RankedHit]:
        return newest(self.view, query, count)


def newest(view: WordsView, query: Any, count: int) -> list[RankedHit]:
    """Hits by publication, newest first; their scores are all zero."""
    hits = view.newest(query, count)
    addresses = [address for _, address in hits]
    published, clusters = view.values("published", addresses), view.values("cluster", addresses)
    return [
        RankedHit(key_of(order), moment, cluster)
        for (order, _), moment, cluster in zip(hits, published, clusters, strict=True)
    ]
