"""A query plan as a tantivy query."""

import re
from collections.abc import Iterable
from typing import Any

from tantivy import FieldType, Occur, Query

from shared.search.embedded.words import schema
from shared.search.filters import Filters
from shared.search.plan import AllOf, AnyOf, BestOf, Clause, PhraseClause, PrefixClause, QueryPlan, TermClause

_Part = tuple[Any, Any]


def query_of(plan: QueryPlan) -> Any:
    """What matches the plan, scored as the plan says; filters score nothing."""
    parts: list[_Part] = [(Occur.Must, _clause(clause)) for clause in plan.required]
    if plan.words and plan.minimum >= len(plan.words):
        parts += [(Occur.Must, _clause(clause)) for clause in plan.words]
    elif plan.words:
        words = [(Occur.Should, _clause(clause)) for clause in plan.words]
        parts.append((Occur.Must, Query.boolean_query(words, minimum_number_should_match=max(plan.minimum, 1))))
    if not parts:
        # Nothing but exclusions matches nothing in tantivy.
        parts.append((Occur.Must, Query.all_query()))
    parts += [(Occur.Should, _clause(clause)) for clause in plan.boosts]
    parts += [(Occur.MustNot, _clause(clause)) for clause in plan.excluded]
    parts += [(Occur.Must, unscored(query)) for query in _filters(plan.filters)]
    return Query.boolean_query(parts)


def all_of(clauses: Iterable[Clause]) -> Any:
    """What matches every clause; scores nothing."""
    return Query.boolean_query([(Occur.Must, unscored(_clause(clause))) for clause in clauses])


def both(first: Any, second: Any) -> Any:
    """What matches both, scored by the first."""
    return Query.boolean_query([(Occur.Must, first), (Occur.Must, unscored(second))])


def without(query: Any, excluded: Any) -> Any:
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, excluded)])


def unscored(query: Any) -> Any:
    return Query.const_score_query(query, 0.0)


def between(field: str, lowest: int | None, below: int | None) -> Any:
    """Numbers from `lowest` up to, but not including, `below`; None leaves a side open."""
    # Whole numbers, and an open side must not be called exclusive.
    highest = None if below is None else below - 1
    return Query.range_query(schema(), field, FieldType.Integer, lowest, highest)


def one_of(field: str, values: list[Any]) -> Any:
    return Query.term_set_query(schema(), field, values)


def _filters(filters: Filters) -> list[Any]:
    queries = [one_of("category", list(labels)) for labels in filters.categories]
    queries += [one_of("source", list(labels)) for labels in filters.sources]
    if filters.are_dated:
        queries.append(between("published", filters.published_from, filters.published_to))
    return queries


def _clause(clause: Clause) -> Any:
    match clause:
        case TermClause():
            return _weighted(Query.term_query(schema(), clause.field, clause.token, "freq"), clause.weight)
        case PhraseClause():
            return _weighted(Query.phrase_query(schema(), clause.field, list(clause.tokens)), clause.weight)
        case PrefixClause():
            return unscored(Query.regex_query(schema(), clause.field, f"{re.escape(clause.begin)}.*"))
        case BestOf():
            return Query.disjunction_max_query([_clause(part) for part in clause.clauses])
        case AnyOf():
            return Query.boolean_query([(Occur.Should, _clause(part)) for part in clause.clauses])
        case AllOf():
            return Query.boolean_query([(Occur.Must, _clause(part)) for part in clause.clauses])


def _weighted(query: Any, weight: float) -> Any:
    return query if weight == 1.0 else Query.boost_query(query, weight)
