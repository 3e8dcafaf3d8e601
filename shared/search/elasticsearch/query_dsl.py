"""Query plans in Elasticsearch's query language. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shared.search.filters import Filters
from shared.search.plan import AllOf, AnyOf, BestOf, Clause, PhraseClause, PrefixClause, QueryPlan, TermClause
from shared.search.ranking import Recency, popularity_boost

Query = dict[str, Any]

# Every group of equally popular articles is a function of its own in the score, and each costs something per hit:
# 100 of them cannot be measured, 300 make a search four times slower.
_MOST_BOOSTS: Final = 64
_ROUNDED_BOOST_DIGITS: Final = 2

LIVE: Final[Query] = {"term": {"retracted": False}}


def match_query(plan: QueryPlan) -> Query:
    """What matches the plan, scored by its words alone: BM25 times weights, summed."""
    must = [_clause(clause) for clause in plan.required]
    if plan.words and plan.minimum >= len(plan.words):
        must += [_clause(clause) for clause in plan.words]
    elif plan.words:
        must.append(_at_least(max(plan.minimum, 1), plan.words))
    return {
        "bool": {
            "must": must,
            "should": [_clause(clause) for clause in plan.boosts],
            "must_not": [_clause(clause) for clause in plan.excluded],
            "filter": [LIVE, *_filters(plan.filters)],
            # Boosts never decide what matches.
            "minimum_should_match": 0,
        }
    }


def all_of(clauses: Iterable[Clause]) -> list[Query]:
    """Filters for what matches every clause."""
    return [_clause(clause) for clause in clauses]


def relevance_query(matching: Query, recency: Recency, *, now: int, boosts: Mapping[float, Sequence[int]]) -> Query:
    """Scores text × (1 + A · 2^(-age / H) + boost), as `ranking.final_score` does.

    Args:
        matching: from `match_query`.
        recency: A and H.
        now: seconds since 1970.
        boosts: from `popularity_boosts`.
    """
    functions: list[Query] = [{"weight": 1.0}]
    if recency.amplitude > 0:
        functions += [
            {
                "exp": {
                    "published": {
                        "origin": str(now),
                        "scale": f"{round(recency.half_life.total_seconds())}s",
                        "decay": 0.5,
                    }
                },
                # The decay counts in both directions; what is dated in the future counts as published now.
                "filter": _published(lte=now),
                "weight": recency.amplitude,
            },
            {"filter": _published(gt=now), "weight": recency.amplitude},
        ]
    functions += [{"filter": {"terms": {"key": list(keys)}}, "weight": boost} for boost, keys in boosts.items()]
    return {
        "function_score": {"query": matching, "functions": functions, "score_mode": "sum", "boost_mode": "multiply"}
    }


def popularity_boosts(views: Mapping[int, int]) -> dict[float, list[int]]:
    """Article keys by their popularity boost; exact up to 64 different ones, beyond that rounded to hundredths."""
    boosts = {key: popularity_boost(count) for key, count in views.items()}
    if len(set(boosts.values())) > _MOST_BOOSTS:
        boosts = {key: round(boost, _ROUNDED_BOOST_DIGITS) for key, boost in boosts.items()}
    grouped: dict[float, list[int]] = defaultdict(list)
    for key, boost in boosts.items():
        if boost > 0:
            grouped[boost].append(key)
    return dict(grouped)


def views_query(matching: Query, views: Mapping[int, int]) -> Query:
    """Scores the hottest articles by their views, and all others zero."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for key, count in views.items():
        grouped[count].append(key)
    return {
        "bool": {
            "filter": [matching],
            "should": [
                # One more, so that the hottest without views still come before the others.
                {"constant_score": {"filter": {"terms": {"key": keys}}, "boost": float(count + 1)}}
                for count, keys in grouped.items()
            ],
            "minimum_should_match": 0,
        }
    }


def _at_least(minimum: int, clauses: Iterable[Clause]) -> Query:
    return {"bool": {"should": [_clause(clause) for clause in clauses], "minimum_should_match": minimum}}


def _clause(clause: Clause) -> Query:
    match clause:
        case TermClause():
            return {"term": {clause.field.value: {"value": clause.token, "boost": clause.weight}}}
        case PhraseClause():
            return {"match_phrase": {clause.field.value: {"query": " ".join(clause.tokens), "boost": clause.weight}}}
        case PrefixClause():
            return {"prefix": {clause.field.value: {"value": clause.begin, "boost": 0.0}}}
        case BestOf():
            return {"dis_max": {"queries": [_clause(part) for part in clause.clauses]}}
        case AnyOf():
            return _at_least(1, clause.clauses)
        case AllOf():
            return {"bool": {"must": [_clause(part) for part in clause.clauses]}}


def _filters(filters: Filters) -> list[Query]:
    queries: list[Query] = [{"terms": {"category": list(labels)}} for labels in filters.categories]
    queries += [{"terms": {"sources": list(labels)}} for labels in filters.sources]
    if filters.are_dated:
        queries.append(_published(gte=filters.published_from, lt=filters.published_to))
    return queries


def _published(**bounds: int | None) -> Query:
    """Seconds as text: numbers would be taken as milliseconds, whatever the format of the field."""
    return {"range": {"published": {name: str(at) for name, at in bounds.items() if at is not None}}}
