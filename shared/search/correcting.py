"""Did you mean: a corrected query, when the words as typed find little and the corrected ones find more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from shared.bengali.analyzer import analyze
from shared.search.model import SearchRequest
from shared.search.plan import QueryPlan, plan_search
from shared.search.query_language import QuerySyntaxError, Term, parse_query
from shared.search.vocabulary import IndexVocabulary

# With so many hits the words were the right ones, or the reader sees for himself; with fewer a word may be a slip.
FEW_HITS: Final = 3


class CountingIndex(Protocol):
    """One state of an index, asked for numbers. Both methods may raise IndexUnavailableError."""

    def count(self, plan: QueryPlan) -> int:
        """How many articles match."""
        ...

    def articles_with(self, stems: Sequence[str]) -> Mapping[str, int]:
        """How many articles have each of the stems, anywhere."""
        ...


def did_you_mean(request: SearchRequest, found: int, index: CountingIndex, vocabulary: IndexVocabulary) -> str | None:
    """The query with its misspelt words replaced; None when that finds no more, with every word demanded.

    Args:
        request: the search; its filters hold for what is counted.
        found: how many articles the strictest step of its plan finds.
        index: where it was searched. Only asked when next to nothing was found.
        vocabulary: the words of that index.
    """
    if found >= FEW_HITS:
        return None
    rare = _rare_terms(request, index)
    corrected = vocabulary.correction(request.query, rare.__contains__)
    if corrected is None:
        return None
    try:
        query = parse_query(corrected, now=request.now)
    except QuerySyntaxError:
        return None
    strictest = plan_search(replace(request, query=query))[0]
    return corrected if index.count(strictest) > found else None


def _rare_terms(request: SearchRequest, index: CountingIndex) -> set[Term]:
    stems = {term: analyze(term.text).stems for group in request.query.required for term in group}
    wanted = tuple(dict.fromkeys(stem for each in stems.values() for stem in each))
    counts = index.articles_with(wanted) if wanted else {}
    return {term for term, each in stems.items() if any(counts[stem] < FEW_HITS for stem in each)}
