"""One search: choose the step of its plan, cut the page, and remember where the next one begins.

Pages by date go on below their last article. By relevance and by views nearly everybody reads one page only, so that
is a plain search and leaves nothing behind. The second page opens a point in time and leaves out what the first one
showed: nothing is repeated and nothing skipped, whatever has changed in between. From there on clock, views and index
stay as they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.search.elasticsearch.asking import ArticleIndex, FoundArticle, found_articles
from shared.search.elasticsearch.documents import key_of
from shared.search.elasticsearch.facets import facet_aggregations, facets_from
from shared.search.elasticsearch.places import (
    AfterFirstPage,
    BelowArticle,
    InPointInTime,
    cursor_to,
    read_place,
)
from shared.search.elasticsearch.query_dsl import Query, match_query, popularity_boosts, relevance_query, views_query
from shared.search.elasticsearch.steps import read_steps, steps_body
from shared.search.model import Hit, SearchPage, SearchRequest, Sort
from shared.search.plan import QueryPlan, plan_search, sort_of
from shared.search.ranking import Recency, recency_boost, recency_of
from shared.search.relaxing import step_taken, takes_first_that_finds

# Elasticsearch's limit for hits that are counted off (index.max_result_window).
_MOST_COUNTED_OFF: Final = 10_000
# The few hundred hottest; each of them is a term of the query.
_MOST_VIEWED: Final = 500
_STORIES: Final = "stories"
_HAS_COPIES: Final[Query] = {"exists": {"field": "copies"}}


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A plan as it is asked: `query` scores, `sort` orders; the rest explains the scores."""

    query: Query
    sort: list[dict[str, str]]
    recency: Recency
    now: int
    boosts: Mapping[float, Sequence[int]]


class Searches:
    def __init__(self, index: ArticleIndex) -> None:
        self._index = index

    def search(self, request: SearchRequest) -> SearchPage:
        plans = plan_search(request)
        place = read_place(request, len(plans))
        match place:
            case None:
                return self._first_page(request, plans)
            case BelowArticle():
                return self._page_by_date(request, plans[place.step], place)
            case AfterFirstPage():
                return self._later_page(request, plans[place.step], self._point_in_time(request, plans, place))
            case InPointInTime():
                return self._later_page(request, plans[place.step], place)

    def _first_page(self, request: SearchRequest, plans: Sequence[QueryPlan]) -> SearchPage:
        step, ordered, answer, total = self._first_that_finds(request, plans, self._strictest(request, plans))
        found = found_articles(answer)
        cursor = None
        if total > len(found) > 0:
            cursor = cursor_to(request, _after_first_page(request, step, total, found))
        return self._page(request, plans[step], ordered, answer, found, total, cursor)

    def _strictest(self, request: SearchRequest, plans: Sequence[QueryPlan]) -> int:
        """The first step to try."""
        if len(plans) == 1 or takes_first_that_finds(request):
            return 0
        return step_taken(*read_steps(self._index.ask(steps_body(plans)), len(plans)))

    def _first_that_finds(
        self, request: SearchRequest, plans: Sequence[QueryPlan], strictest: int
    ) -> tuple[int, _Ordered, dict[str, Any], int]:
        """The strictest step that finds anything; the last one when none does."""
        views = _views(request)
        for step, plan in list(enumerate(plans))[strictest:]:
            ordered = _ordered(request, plan, int(request.now.timestamp()), views)
            answer = self._index.ask(_body(request, ordered, size=request.limit))
            total = _total(answer, collapse=request.collapse)
            if total or step == len(plans) - 1:
                return step, ordered, answer, total
        raise ValueError("a query without a plan")

    def _page_by_date(self, request: SearchRequest, plan: QueryPlan, place: BelowArticle) -> SearchPage:
        ordered = _ordered(request, plan, int(request.now.timestamp()), {})
        body = {**_body(request, ordered, size=request.limit + 1), "search_after": list(place.after)}
        answer = self._index.ask(body)
        found = found_articles(answer)
        cursor = None
        if len(found) > request.limit:
            found = found[: request.limit]
            cursor = cursor_to(request, BelowArticle(step=place.step, after=found[-1].order))
        return self._page(request, plan, ordered, answer, found, _total(answer, collapse=False), cursor)

    def _point_in_time(
        self, request: SearchRequest, plans: Sequence[QueryPlan], place: AfterFirstPage
    ) -> InPointInTime:
        """From now on the index, the clock and the views of a search stand still."""
        point_in_time = self._index.open_point_in_time()
        views = _views(request) if sort_of(request) is not Sort.NEWEST else {}
        if views:
            # The cursor carries the views, so keep those that can matter.
            matching = {"bool": {"filter": [match_query(plans[place.step]), {"terms": {"key": list(views)}}]}}
            answer = self._index.ask_at(
                point_in_time,
                {"query": matching, "size": len(views), "sort": ["_doc"], "docvalue_fields": ["key"], "_source": False},
            )
            point_in_time = answer["pit_id"]
            matched = {hit["fields"]["key"][0] for hit in answer["hits"]["hits"]}
            views = {key: count for key, count in views.items() if key in matched}
        return InPointInTime(
            step=place.step,
            total=place.total,
            shown=place.shown,
            point_in_time=point_in_time,
            now=int(request.now.timestamp()),
            views=tuple(views.items()),
        )

    def _later_page(self, request: SearchRequest, plan: QueryPlan, place: InPointInTime) -> SearchPage:
        ordered = _ordered(request, plan, place.now, dict(place.views))
        body = _body(request, ordered, size=request.limit + 1)
        shown = {"terms": {"cluster" if request.collapse else "key": list(place.shown)}}
        # Not part of the query: facets count what the first page showed as well.
        body["post_filter"] = {"bool": {"must_not": [shown]}}
        if request.collapse:
            body["from"] = place.offset
            body["size"] = min(request.limit + 1, _MOST_COUNTED_OFF - place.offset)
        elif place.after is not None:
            body["search_after"] = list(place.after)
        answer = self._index.ask_at(place.point_in_time, body)
        found = found_articles(answer)
        if len(found) <= request.limit:
            self._index.close_point_in_time(answer["pit_id"])
            return self._page(request, plan, ordered, answer, self._still_live(found), place.total, None)
        found = found[: request.limit]
        following = place.model_copy(
            update={
                "point_in_time": answer["pit_id"],
                "offset": place.offset + len(found),
                "after": None if request.collapse else found[-1].order,
            }
        )
        cursor = cursor_to(request, following)
        return self._page(request, plan, ordered, answer, self._still_live(found), place.total, cursor)

    def _still_live(self, found: Sequence[FoundArticle]) -> list[FoundArticle]:
        """Without what has been retracted since the point in time."""
        documents = self._index.documents([article.article_id for article in found])
        return [
            article
            for article, document in zip(found, documents, strict=True)
            if document is not None and not document["retracted"]
        ]

    def _page(
        self,
        request: SearchRequest,
        plan: QueryPlan,
        ordered: _Ordered,
        answer: Mapping[str, Any],
        found: Sequence[FoundArticle],
        total: int,
        cursor: str | None,
    ) -> SearchPage:
        articles = self._index.stored_articles([article.stored for article in found])
        ranked = sort_of(request) is Sort.RELEVANCE
        return SearchPage(
            hits=tuple(
                Hit(
                    stored,
                    article.score if ranked else 0.0,
                    _explanation(article, ordered, ranked=ranked) if request.explain else None,
                )
                for stored, article in zip(articles, found, strict=True)
            ),
            total=total,
            total_is_exact=True,
            read_as=plan.read_as,
            facets=facets_from(answer, request.facets),
            next_cursor=cursor,
        )


def _views(request: SearchRequest) -> dict[int, int]:
    hottest = sorted(request.hottest.items(), key=lambda item: -item[1])[:_MOST_VIEWED]
    return {key_of(article_id): count for article_id, count in hottest}


def _ordered(request: SearchRequest, plan: QueryPlan, now: int, views: Mapping[int, int]) -> _Ordered:
    matching = match_query(plan)
    recency = recency_of(request)
    newest = [{"published": "desc"}, {"key": "asc"}]
    match sort_of(request):
        case Sort.NEWEST:
            return _Ordered({"bool": {"filter": [matching]}}, newest, recency, now, {})
        case Sort.VIEWS:
            return _Ordered(views_query(matching, views), [{"_score": "desc"}, *newest], recency, now, {})
        case Sort.RELEVANCE:
            boosts = popularity_boosts(views)
            scored = relevance_query(matching, recency, now=now, boosts=boosts)
            return _Ordered(scored, [{"_score": "desc"}, *newest], recency, now, boosts)


def _body(request: SearchRequest, ordered: _Ordered, *, size: int) -> dict[str, Any]:
    aggregations = facet_aggregations(request.facets)
    body: dict[str, Any] = {
        "query": ordered.query,
        "sort": ordered.sort,
        "size": size,
        "track_total_hits": True,
    }
    if request.collapse:
        body["collapse"] = {"field": "cluster"}
        # 40,000 is the most; up to it the count is nearly exact.
        clusters = {"cardinality": {"field": "cluster", "precision_threshold": 40_000}}
        aggregations[_STORIES] = {"filter": _HAS_COPIES, "aggs": {"clusters": clusters}}
    if aggregations:
        body["aggs"] = aggregations
    return body


def _total(answer: Mapping[str, Any], *, collapse: bool) -> int:
    """The hits or, collapsed, their stories."""
    total = int(answer["hits"]["total"]["value"])
    if not collapse:
        return total
    stories = answer["aggregations"][_STORIES]
    return total - int(stories["doc_count"]) + int(stories["clusters"]["value"])


def _after_first_page(
    request: SearchRequest, step: int, total: int, found: Sequence[FoundArticle]
) -> AfterFirstPage | BelowArticle:
    if request.collapse:
        return AfterFirstPage(step=step, total=total, shown=tuple(article.cluster for article in found))
    if sort_of(request) is Sort.NEWEST:
        return BelowArticle(step=step, after=found[-1].order)
    return AfterFirstPage(step=step, total=total, shown=tuple(article.key for article in found))


def _explanation(article: FoundArticle, ordered: _Ordered, *, ranked: bool) -> dict[str, float]:
    if not ranked:
        return {"text": 0.0, "recency": 0.0, "popularity": 0.0}
    recency = recency_boost(ordered.recency, published=article.published, now=ordered.now)
    popularity = next((boost for boost, keys in ordered.boosts.items() if article.key in keys), 0.0)
    return {"text": article.score / (1 + recency + popularity), "recency": recency, "popularity": popularity}
