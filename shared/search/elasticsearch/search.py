"""One search: choose the step of its plan, cut the page, and remember where the next one begins.

Pages by date go on below their last article. By relevance and by views nearly everybody reads one page only, so that
is a plain search and leaves nothing behind. The second page opens a point in time and leaves out what the first one
showed: nothing is repeated and nothing skipped, whatever has changed in between. From there on clock, views and index
stay as they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.search.correcting import did_you_mean
from shared.search.elasticsearch.asking import ArticleIndex, FoundArticle, found_articles
from shared.search.elasticsearch.facets import facet_aggregations, facets_from
from shared.search.elasticsearch.ordering import Ordered, explanation, in_order, views_of
from shared.search.elasticsearch.places import (
    AfterFirstPage,
    BelowArticle,
    InPointInTime,
    Place,
    cursor_to,
    read_place,
)
from shared.search.elasticsearch.query_dsl import Query, match_query
from shared.search.elasticsearch.steps import read_steps, steps_body
from shared.search.model import Hit, SearchPage, SearchRequest, Sort
from shared.search.plan import QueryPlan, plan_search, sort_of
from shared.search.ports import CursorError
from shared.search.relaxing import step_taken, takes_first_that_finds
from shared.search.vocabulary import IndexVocabulary, Readings

# Elasticsearch's limit for hits that are counted off (index.max_result_window).
_MOST_COUNTED_OFF: Final = 10_000
_STORIES: Final = "stories"
_HAS_COPIES: Final[Query] = {"exists": {"field": "copies"}}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search with the steps of its plan; its words in Latin letters have been read."""

    request: SearchRequest
    readings: Readings
    plans: tuple[QueryPlan, ...]

    def plan_at(self, place: Place) -> QueryPlan:
        """Raises CursorError when there is no such step."""
        if place.step >= len(self.plans):
            raise CursorError("this cursor belongs to another search")
        return self.plans[place.step]


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer to one step. `strictest` says how many articles the first step finds."""

    step: int
    ordered: Ordered
    answer: dict[str, Any]
    total: int
    strictest: int


class Searches:
    def __init__(self, index: ArticleIndex, vocabulary: IndexVocabulary) -> None:
        self._index = index
        self._vocabulary = vocabulary

    def search(self, request: SearchRequest) -> SearchPage:
        place = read_place(request)
        self._vocabulary.prepare()
        # Later pages read the words as the first one did, whatever the index has learnt since.
        readings = self._vocabulary.readings(request.query) if place is None else place.readings
        asked = _Asked(request, readings, plan_search(request, readings))
        match place:
            case None:
                return self._first_page(asked)
            case BelowArticle():
                return self._page_by_date(asked, place)
            case AfterFirstPage():
                return self._later_page(asked, self._point_in_time(asked, place))
            case InPointInTime():
                return self._later_page(asked, place)

    def _first_page(self, asked: _Asked) -> SearchPage:
        taken = self._step_taken(asked)
        found = found_articles(taken.answer)
        cursor = None
        if taken.total > len(found) > 0:
            cursor = cursor_to(asked.request, _after_first_page(asked, taken, found))
        page = self._page(asked, taken.step, taken.ordered, taken.answer, found, taken.total, cursor)
        if asked.readings:
            return page
        correction = did_you_mean(asked.request, taken.strictest, self._index, self._vocabulary)
        return replace(page, did_you_mean=correction)

    def _step_taken(self, asked: _Asked) -> _Found:
        request, plans = asked.request, asked.plans
        if len(plans) == 1 or takes_first_that_finds(request):
            return self._first_that_finds(asked, 0, 0)
        counts, best = read_steps(self._index.ask(steps_body(plans)), len(plans))
        return self._first_that_finds(asked, step_taken(counts, best), counts[0])

    def _first_that_finds(self, asked: _Asked, first: int, strictest: int) -> _Found:
        """From the `first` step on, the strictest that finds anything; the last one when none does.

        Of the steps before, the strictest found `strictest`.
        """
        request = asked.request
        views = views_of(request)
        for step, plan in list(enumerate(asked.plans))[first:]:
            ordered = in_order(request, plan, int(request.now.timestamp()), views)
            answer = self._index.ask(_body(request, ordered, size=request.limit))
            matches = int(answer["hits"]["total"]["value"])
            if matches or step == len(asked.plans) - 1:
                break
        total = _total(answer, collapse=request.collapse)
        return _Found(step, ordered, answer, total, matches if step == 0 else strictest)

    def _page_by_date(self, asked: _Asked, place: BelowArticle) -> SearchPage:
        request = asked.request
        ordered = in_order(request, asked.plan_at(place), int(request.now.timestamp()), {})
        body = {**_body(request, ordered, size=request.limit + 1), "search_after": list(place.after)}
        answer = self._index.ask(body)
        found = found_articles(answer)
        cursor = None
        if len(found) > request.limit:
            found = found[: request.limit]
            cursor = cursor_to(request, place.model_copy(update={"after": found[-1].order}))
        return self._page(asked, place.step, ordered, answer, found, _total(answer, collapse=False), cursor)

    def _point_in_time(self, asked: _Asked, place: AfterFirstPage) -> InPointInTime:
        """From now on the index, the clock and the views of a search stand still."""
        request, plan = asked.request, asked.plan_at(place)
        point_in_time = self._index.open_point_in_time()
        views = views_of(request) if sort_of(request) is not Sort.NEWEST else {}
        if views:
            # The cursor carries the views, so keep those that can matter.
            matching = {"bool": {"filter": [match_query(plan), {"terms": {"key": list(views)}}]}}
            answer = self._index.ask_at(
                point_in_time,
                {"query": matching, "size": len(views), "sort": ["_doc"], "docvalue_fields": ["key"], "_source": False},
            )
            point_in_time = answer["pit_id"]
            matched = {hit["fields"]["key"][0] for hit in answer["hits"]["hits"]}
            views = {key: count for key, count in views.items() if key in matched}
        return InPointInTime(
            step=place.step,
            readings=place.readings,
            total=place.total,
            shown=place.shown,
            point_in_time=point_in_time,
            now=int(request.now.timestamp()),
            views=tuple(views.items()),
        )

    def _later_page(self, asked: _Asked, place: InPointInTime) -> SearchPage:
        request = asked.request
        ordered = in_order(request, asked.plan_at(place), place.now, dict(place.views))
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
            return self._page(asked, place.step, ordered, answer, self._still_live(found), place.total, None)
        found = found[: request.limit]
        following = place.model_copy(
            update={
                "point_in_time": answer["pit_id"],
                "offset": place.offset + len(found),
                "after": None if request.collapse else found[-1].order,
            }
        )
        cursor = cursor_to(request, following)
        return self._page(asked, place.step, ordered, answer, self._still_live(found), place.total, cursor)

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
        asked: _Asked,
        step: int,
        ordered: Ordered,
        answer: Mapping[str, Any],
        found: Sequence[FoundArticle],
        total: int,
        cursor: str | None,
    ) -> SearchPage:
        request = asked.request
        articles = self._index.stored_articles([article.stored for article in found])
        ranked = sort_of(request) is Sort.RELEVANCE
        return SearchPage(
            hits=tuple(
                Hit(
                    stored,
                    article.score if ranked else 0.0,
                    explanation(article, ordered, ranked=ranked) if request.explain else None,
                )
                for stored, article in zip(articles, found, strict=True)
            ),
            total=total,
            total_is_exact=True,
            read_as=asked.plans[step].read_as,
            facets=facets_from(answer, request.facets),
            next_cursor=cursor,
            readings=asked.readings,
        )


def _body(request: SearchRequest, ordered: Ordered, *, size: int) -> dict[str, Any]:
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


def _after_first_page(asked: _Asked, taken: _Found, found: Sequence[FoundArticle]) -> AfterFirstPage | BelowArticle:
    request, step, readings = asked.request, taken.step, asked.readings
    if sort_of(request) is Sort.NEWEST and not request.collapse:
        return BelowArticle(step=step, readings=readings, after=found[-1].order)
    shown = tuple(article.cluster if request.collapse else article.key for article in found)
    return AfterFirstPage(step=step, readings=readings, total=taken.total, shown=shown)
