"""In which order Elasticsearch gives the hits of a search, and what their scores are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.search.elasticsearch.asking import FoundArticle
from shared.search.elasticsearch.documents import key_of
from shared.search.elasticsearch.query_dsl import Query, match_query, popularity_boosts, relevance_query, views_query
from shared.search.model import SearchRequest, Sort
from shared.search.plan import QueryPlan, sort_of
from shared.search.ranking import Recency, recency_boost, recency_of

# The few hundred hottest; each of them is a term of the query.
_MOST_VIEWED: Final = 500


@dataclass(frozen=True, slots=True)
class Ordered:
    """A plan as it is asked: `query` scores, `sort` orders; the rest explains the scores."""

    query: Query
    sort: list[dict[str, str]]
    recency: Recency
    now: int
    boosts: Mapping[float, Sequence[int]]


def views_of(request: SearchRequest) -> dict[int, int]:
    """The views of the hottest articles, by their keys."""
    hottest = sorted(request.hottest.items(), key=lambda item: -item[1])[:_MOST_VIEWED]
    return {key_of(article_id): count for article_id, count in hottest}


def in_order(request: SearchRequest, plan: QueryPlan, now: int, views: Mapping[int, int]) -> Ordered:
    """What to ask for the hits of a plan; `now` in seconds since 1970, `views` by key."""
    matching = match_query(plan)
    recency = recency_of(request)
    newest = [{"published": "desc"}, {"key": "asc"}]
    match sort_of(request):
        case Sort.NEWEST:
            return Ordered({"bool": {"filter": [matching]}}, newest, recency, now, {})
        case Sort.VIEWS:
            return Ordered(views_query(matching, views), [{"_score": "desc"}, *newest], recency, now, {})
        case Sort.RELEVANCE:
            boosts = popularity_boosts(views)
            scored = relevance_query(matching, recency, now=now, boosts=boosts)
            return Ordered(scored, [{"_score": "desc"}, *newest], recency, now, boosts)


def explanation(article: FoundArticle, ordered: Ordered, *, ranked: bool) -> dict[str, float]:
    """What the score of an article is made of; without `ranked` there is none."""
    if not ranked:
        return {"text": 0.0, "recency": 0.0, "popularity": 0.0}
    recency = recency_boost(ordered.recency, published=article.published, now=ordered.now)
    popularity = next((boost for boost, keys in ordered.boosts.items() if article.key in keys), 0.0)
    return {"text": article.score / (1 + recency + popularity), "recency": recency, "popularity": popularity}
