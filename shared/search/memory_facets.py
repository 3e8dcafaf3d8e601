"""Counts of the hits in memory by category, source and date."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from shared.search.document import IndexDocument
from shared.search.model import DateCount, Facet, FacetCount, Facets

# As the other engines': beyond three months the date facet counts months.
_LONGEST_SPAN_IN_DAYS: Final = 92


def facets_of(documents: Sequence[IndexDocument], wanted: frozenset[Facet]) -> Facets:
    return Facets(
        category=counts_of(d.category for d in documents if d.category) if Facet.CATEGORY in wanted else None,
        source=counts_of(source for d in documents for source in d.sources) if Facet.SOURCE in wanted else None,
        date=_dates([d.day for d in documents]) if Facet.DATE in wanted else None,
    )


def counts_of(labels: Iterable[str]) -> tuple[FacetCount, ...]:
    """The most frequent first."""
    counts = Counter(labels)
    return tuple(
        FacetCount(label, counts[label]) for label in sorted(counts, key=lambda label: (-counts[label], label))
    )


def _dates(days: Sequence[date]) -> tuple[DateCount, ...]:
    if days and (max(days) - min(days)).days >= _LONGEST_SPAN_IN_DAYS:
        days = [day.replace(day=1) for day in days]
    return tuple(DateCount(day, count) for day, count in sorted(Counter(days).items()))
