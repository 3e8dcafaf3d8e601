"""How one document of the index in memory matches a plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from shared.search.document import IndexDocument
from shared.search.filters import Filters
from shared.search.plan import (
    AllOf,
    AnyOf,
    BestOf,
    Clause,
    IndexField,
    PhraseClause,
    PrefixClause,
    QueryPlan,
    TermClause,
)

# BM25's saturation; with one document at a time there are no document frequencies to weigh words by.
_SATURATION = 1.2


@dataclass(frozen=True)
class Words:
    """The token fields of a document, ready to be looked up."""

    document: IndexDocument

    @cached_property
    def counts(self) -> dict[IndexField, Counter[str]]:
        document = self.document
        return {
            IndexField.STEM: Counter(document.stem.split()),
            IndexField.GRAM: Counter(document.gram.split()),
            IndexField.OPENING: Counter(document.opening.split()),
            IndexField.HEADLINE: Counter(document.headline.split()),
            IndexField.PAIRS: Counter(document.pairs.split()),
            IndexField.TITLE: Counter(document.title.split()),
            IndexField.TEXT: Counter(token for part in document.text for token in part.split()),
        }

    def has_phrase(self, field: IndexField, tokens: tuple[str, ...]) -> bool:
        parts = (self.document.title,) if field is IndexField.TITLE else self.document.text
        phrase = f" {' '.join(tokens)} "
        return any(phrase in f" {part} " for part in parts)


def matches(words: Words, plan: QueryPlan) -> bool:
    found = sum(_score(words, clause) is not None for clause in plan.words)
    return (
        found >= plan.minimum
        and matches_all(words, plan.required)
        and all(_score(words, clause) is None for clause in plan.excluded)
        and _passes(words.document, plan.filters)
    )


def matches_all(words: Words, clauses: Iterable[Clause]) -> bool:
    return all(_score(words, clause) is not None for clause in clauses)


def text_score(words: Words, plan: QueryPlan) -> float:
    """More for more of the words, more often; only comparable within one query."""
    if plan.matches_everything:
        return 1.0
    clauses = (*plan.required, *plan.words, *plan.boosts)
    return sum(_score(words, clause) or 0.0 for clause in clauses)


def _score(words: Words, clause: Clause) -> float | None:
    """None when it does not match."""
    match clause:
        case TermClause():
            count = words.counts[clause.field][clause.token]
            return clause.weight * count / (count + _SATURATION) if count else None
        case PhraseClause():
            return clause.weight if words.has_phrase(clause.field, clause.tokens) else None
        case PrefixClause():
            return 0.0 if any(token.startswith(clause.begin) for token in words.counts[clause.field]) else None
        case AnyOf():
            scores = [score for part in clause.clauses if (score := _score(words, part)) is not None]
            if not scores:
                return None
            return max(scores) if isinstance(clause, BestOf) else sum(scores)
        case AllOf():
            parts = [_score(words, part) for part in clause.clauses]
            return None if None in parts else sum(part or 0.0 for part in parts)


def _passes(document: IndexDocument, filters: Filters) -> bool:
    return (
        all(document.category in labels for labels in filters.categories)
        and all(set(document.sources) & set(labels) for labels in filters.sources)
        and (filters.published_from is None or document.published >= filters.published_from)
        and (filters.published_to is None or document.published < filters.published_to)
    )
