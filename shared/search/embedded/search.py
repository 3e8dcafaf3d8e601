"""One search: choose the step of its plan, order the hits, cut the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.search.correcting import did_you_mean
from shared.search.cursor import decode_cursor, encode_cursor
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.facets import count_facets
from shared.search.embedded.folding import folded_keys
from shared.search.embedded.query import between, both, one_of, query_of, without
from shared.search.embedded.ranked import ByRelevance, ByViews, Order, RankedHit, RankedHits, newest
from shared.search.embedded.snapshots import Snapshot, Snapshots
from shared.search.embedded.words import order_of
from shared.search.embedded.words_reader import WordsReader, WordsView
from shared.search.model import Hit, SearchPage, SearchRequest, Sort
from shared.search.plan import QueryPlan, matching_only, plan_search, sort_of
from shared.search.ports import CursorError
from shared.search.ranking import recency_of
from shared.search.relaxing import BEST, BestArticle, step_taken, takes_first_that_finds
from shared.search.vocabulary import IndexVocabulary, Readings


@dataclass(frozen=True, slots=True)
class _Found:
    """A step of a query's plan and how many articles it finds in this view of the index."""

    step: int
    plan: QueryPlan
    query: Any
    matches: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """The hits of one page; `state` says where the next one begins, and is None after the last one."""

    hits: Sequence[RankedHit]
    total: int
    state: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Counting:
    view: WordsView

    def count(self, plan: QueryPlan) -> int:
        return self.view.count(query_of(matching_only(plan)))

    def articles_with(self, stems: Sequence[str]) -> dict[str, int]:
        return {stem: self.view.articles_with("stem", stem) for stem in stems}


class Searches:
    """Answers searches, and remembers those that may go on.

    Pages by relevance and by views are cut from a ranked list that is kept with its view of the index, so neither
    the clock nor new articles or views move what is still to come. Pages by date go on below their last article.
    """

    def __init__(
        self, words: WordsReader, articles: ArticleStore, vocabulary: IndexVocabulary, clock: Callable[[], float]
    ) -> None:
        self._words = words
        self._articles = articles
        self._vocabulary = vocabulary
        self._snapshots = Snapshots(clock)

    def search(self, request: SearchRequest) -> SearchPage:
        state = None if request.cursor is None else decode_cursor(request, request.cursor)
        view = self._words.view()
        self._vocabulary.prepare()
        readings = self._vocabulary.readings(request.query) if state is None else _readings_in(state)
        plans = plan_search(request, readings)
        if sort_of(request) is Sort.NEWEST:
            found, cut = _by_date(request, plans, view, state)
        elif state is None:
            found, cut = self._first_page(request, plans, view)
        else:
            found, cut = self._next_page(plans, view, request.limit, state)
        stored = self._articles.by_key([hit.key for hit in cut.hits])
        return SearchPage(
            hits=tuple(
                Hit(stored[hit.key], hit.score, _explanation(hit) if request.explain else None)
                for hit in cut.hits
                if hit.key in stored
            ),
            total=cut.total,
            total_is_exact=True,
            read_as=found.plan.read_as,
            facets=count_facets(view, found.query, request.facets),
            next_cursor=None if cut.state is None else encode_cursor(request, {"readings": readings, **cut.state}),
            did_you_mean=self._correction(request, plans, view, found) if state is None and not readings else None,
            readings=readings,
        )

    def _first_page(self, request: SearchRequest, plans: Sequence[QueryPlan], view: WordsView) -> tuple[_Found, _Cut]:
        found = _first_that_finds(view, plans) if takes_first_that_finds(request) else _step_taken(view, plans)
        total = found.matches - (len(folded_keys(view, found.query)) if request.collapse else 0)
        order = self._order(request, view, found)
        ranked = RankedHits(order, matches=found.matches, total=total, collapse=request.collapse)
        hits = ranked.page(0, request.limit)
        following = None
        if total > len(hits):
            following = {"snapshot": self._snapshots.keep(Snapshot(ranked, found.step)), "offset": request.limit}
        return found, _Cut(hits, total, following)

    def _next_page(
        self, plans: Sequence[QueryPlan], view: WordsView, limit: int, state: dict[str, Any]
    ) -> tuple[_Found, _Cut]:
        match state:
            case {"snapshot": str(name), "offset": int(offset)} if offset > 0:
                snapshot = self._snapshots.get(name)
            case _:
                raise CursorError("this is no cursor of a search by relevance or by views")
        hits, total = snapshot.ranked.page(offset, limit), snapshot.ranked.total
        following = {"snapshot": name, "offset": offset + limit} if offset + limit < total else None
        return _find(view, plans, snapshot.step), _Cut(hits, total, following)

    def _correction(
        self, request: SearchRequest, plans: Sequence[QueryPlan], view: WordsView, found: _Found
    ) -> str | None:
        counting = _Counting(view)
        strictest = found.matches if found.step == 0 else counting.count(plans[0])
        return did_you_mean(request, strictest, counting, self._vocabulary)

    def _order(self, request: SearchRequest, view: WordsView, found: _Found) -> Order:
        keys = self._articles.keys_of(request.hottest)
        views = {key: request.hottest[article_id] for article_id, key in keys.items()}
        if sort_of(request) is Sort.VIEWS:
            return ByViews(view, found.query, views)
        now = int(request.now.timestamp())
        return ByRelevance(view, found.query, found.matches, recency_of(request), now, views)


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
    following = None
    if len(hits) > request.limit:
        last = hits[request.limit - 1]
        following = {"step": found.step, "before": order_of(last.published, last.key)}
    return found, _Cut(hits[: request.limit], found.matches - len(folded), following)


def _first_that_finds(view: WordsView, plans: Sequence[QueryPlan]) -> _Found:
    """The strictest step that finds anything; the last one when none does."""
    for step in range(len(plans)):
        found = _find(view, plans, step)
        if found.matches:
            break
    return found


def _step_taken(view: WordsView, plans: Sequence[QueryPlan]) -> _Found:
    """The strictest step that hides nothing better."""
    last = len(plans) - 1
    best = view.best(query_of(plans[last]), BEST) if last else []
    keys = view.values("key", [address for _, address in best])
    strictest = dict.fromkeys(keys, last)
    counts: list[int] = []
    for step in reversed(range(last)):
        matching = query_of(matching_only(plans[step]))
        counts.insert(0, view.count(matching))
        chosen = view.best(both(matching, one_of("key", keys)), BEST) if keys else []
        strictest.update(dict.fromkeys(view.values("key", [address for _, address in chosen]), step))
    articles = [BestArticle(score, strictest[key]) for (score, _), key in zip(best, keys, strict=True)]
    return _find(view, plans, step_taken(counts, articles))


def _find(view: WordsView, plans: Sequence[QueryPlan], step: int) -> _Found:
    plan = plans[step]
    return _Found(step, plan, query_of(plan), _Counting(view).count(plan))


def _readings_in(state: dict[str, Any]) -> Readings:
    """Later pages read the words as the first one did, whatever the index has learnt since."""
    match state:
        case {"readings": dict(readings)}:
            return {str(typed): tuple(map(str, words)) for typed, words in readings.items()}
        case _:
            raise CursorError("this is no cursor of a search")


def _explanation(hit: RankedHit) -> dict[str, float]:
    return {"text": hit.text, "recency": hit.recency, "popularity": hit.popularity}
