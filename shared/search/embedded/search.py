"""One search: choose the step of its plan, order the hits, cut the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.search.cursor import decode_cursor, encode_cursor
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.facets import count_facets
from shared.search.embedded.folding import folded_keys
from shared.search.embedded.query import between, both, one_of, query_of, without
from shared.search.embedded.ranked import ByRelevance, ByViews, Order, RankedHit, RankedHits, newest
from shared.search.embedded.snapshots import Snapshot, Snapshots
from shared.search.embedded.words import order_of
from shared.search.embedded.words_reader import WordsReader, WordsView
from shared.search.model import Facets, Hit, SearchPage, SearchRequest, Sort
from shared.search.plan import QueryPlan, plan_search, sort_of
from shared.search.ports import CursorError
from shared.search.ranking import recency_of


@dataclass(frozen=True, slots=True)
class _Found:
    """A step of a query's plan and how many articles it finds in this view of the index."""

    step: int
    plan: QueryPlan
    query: Any
    matches: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """The hits of one page; `cursor` is None after the last one."""

    hits: Sequence[RankedHit]
    total: int
    cursor: str | None


class Searches:
    """Answers searches, and remembers those that may go on.

    Pages by relevance and by views are cut from a ranked list that is kept with its view of the index, so neither
    the clock nor new articles or views move what is still to come. Pages by date go on below their last article.
    """

    def __init__(self, words: WordsReader, articles: ArticleStore, clock: Callable[[], float]) -> None:
        self._words = words
        self._articles = articles
        self._snapshots = Snapshots(clock)

    def search(self, request: SearchRequest) -> SearchPage:
        plans = plan_search(request)
        state = None if request.cursor is None else decode_cursor(request, request.cursor)
        view = self._words.view()
        if sort_of(request) is Sort.NEWEST:
            found, cut = _by_date(request, plans, view, state)
        elif state is None:
            found, cut = self._first_page(request, plans, view)
        else:
            found, cut = self._next_page(request, plans, view, state)
        facets = count_facets(view, found.query, request.facets)
        return self._page(request, found.plan, cut, facets)

    def _first_page(self, request: SearchRequest, plans: Sequence[QueryPlan], view: WordsView) -> tuple[_Found, _Cut]:
        found = _first_that_finds(view, plans)
        total = found.matches - (len(folded_keys(view, found.query)) if request.collapse else 0)
        order = self._order(request, view, found)
        ranked = RankedHits(order, matches=found.matches, total=total, collapse=request.collapse)
        hits = ranked.page(0, request.limit)
        cursor = None
        if total > len(hits):
            name = self._snapshots.keep(Snapshot(ranked, found.step))
            cursor = encode_cursor(request, {"snapshot": name, "offset": request.limit})
        return found, _Cut(hits, total, cursor)

    def _next_page(
        self, request: SearchRequest, plans: Sequence[QueryPlan], view: WordsView, state: dict[str, Any]
    ) -> tuple[_Found, _Cut]:
        match state:
            case {"snapshot": str(name), "offset": int(offset)} if offset > 0:
                snapshot = self._snapshots.get(name)
            case _:
                raise CursorError("this is no cursor of a search by relevance or by views")
        hits = snapshot.ranked.page(offset, request.limit)
        total = snapshot.ranked.total
        following = offset + request.limit
        cursor = encode_cursor(request, {"snapshot": name, "offset": following}) if following < total else None
        return _find(view, plans, snapshot.step), _Cut(hits, total, cursor)

    def _order(self, request: SearchRequest, view: WordsView, found: _Found) -> Order:
        keys = self._articles.keys_of(request.hottest)
        views = {key: request.hottest[article_id] for article_id, key in keys.items()}
        if sort_of(request) is Sort.VIEWS:
            return ByViews(view, found.query, views)
        now = int(request.now.timestamp())
        return ByRelevance(view, found.query, found.matches, recency_of(request), now, views)

    def _page(self, request: SearchRequest, plan: QueryPlan, cut: _Cut, facets: Facets) -> SearchPage:
        stored = self._articles.by_key([hit.key for hit in cut.hits])
        return SearchPage(
            hits=tuple(
                Hit(stored[hit.key], hit.score, _explanation(hit) if request.explain else None)
                for hit in cut.hits
                if hit.key in stored
            ),
            total=cut.total,
            total_is_exact=True,
            read_as=plan.read_as,
            facets=facets,
            next_cursor=cut.cursor,
        )


def _by_date(
    request: SearchRequest, plans: Sequence[QueryPlan], view: WordsView, state: dict[str, Any] | None
) -> tuple[_Found, _Cut]:
    match state:
        case None:
            found, before = _first_that_finds(view, plans), None
        case {"step": int(step), "before": int(before)} if 0 <= step < len(plans):
            found = _find(view, plans, step)
        case _:
            raise CursorError("this is no cursor of a search by date")
    folded = folded_keys(view, found.query) if request.collapse else []
    query = without(found.query, one_of("key", folded)) if folded else found.query
    if before is not None:
        query = both(query, between("order", None, before))
    hits = newest(view, query, request.limit + 1)
    cursor = None
    if len(hits) > request.limit:
        last = hits[request.limit - 1]
        cursor = encode_cursor(request, {"step": found.step, "before": order_of(last.published, last.key)})
    return found, _Cut(hits[: request.limit], found.matches - len(folded), cursor)


def _first_that_finds(view: WordsView, plans: Sequence[QueryPlan]) -> _Found:
    """The strictest step that finds anything; the last one when none does."""
    for step in range(len(plans)):
        found = _find(view, plans, step)
        if found.matches:
            break
    return found


def _find(view: WordsView, plans: Sequence[QueryPlan], step: int) -> _Found:
    query = query_of(plans[step])
    return _Found(step, plans[step], query, view.count(query))


def _explanation(hit: RankedHit) -> dict[str, float]:
    return {"text": hit.text, "recency": hit.recency, "popularity": hit.popularity}
