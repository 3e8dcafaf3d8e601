"""Counts of the hits of a search by category, source and date."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from shared.search.elasticsearch.documents import first_of_month
from shared.search.model import DateCount, Facet, FacetCount, Facets

# Beyond three months, days are too many to show and months take their place.
_LONGEST_SPAN_IN_DAYS: Final = 92
# More categories, sources or months than any site has; Elasticsearch counts exactly up to the size it is asked for.
_MOST_BUCKETS: Final = 5_000

_FIELDS: Final = {Facet.CATEGORY: "category", Facet.SOURCE: "sources"}


def facet_aggregations(facets: frozenset[Facet]) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        facet.value: {"terms": {"field": field, "size": _MOST_BUCKETS}}
        for facet, field in _FIELDS.items()
        if facet in facets
    }
    if Facet.DATE in facets:
        wanted["span"] = {"stats": {"field": "day"}}
        wanted["day"] = {"terms": {"field": "day", "size": _LONGEST_SPAN_IN_DAYS}}
        wanted["month"] = {"terms": {"field": "month", "size": _MOST_BUCKETS}}
    return wanted


def facets_from(answer: Mapping[str, Any], facets: frozenset[Facet]) -> Facets:
    """The facets that were asked for; the others are None. Labels with the most articles first, dates in order."""
    counts = answer.get("aggregations", {})
    return Facets(
        category=label_counts(counts[Facet.CATEGORY]) if Facet.CATEGORY in facets else None,
        source=label_counts(counts[Facet.SOURCE]) if Facet.SOURCE in facets else None,
        date=_dates(counts) if Facet.DATE in facets else None,
    )


def label_counts(terms: Mapping[str, Any]) -> tuple[FacetCount, ...]:
    found = [FacetCount(bucket["key"], bucket["doc_count"]) for bucket in terms["buckets"]]
    return tuple(sorted(found, key=lambda count: (-count.count, count.value)))


def _dates(counts: Mapping[str, Any]) -> tuple[DateCount, ...]:
    span = counts["span"]
    if not span["count"]:
        return ()
    if span["max"] - span["min"] < _LONGEST_SPAN_IN_DAYS:
        return _date_counts(counts["day"], date.fromordinal)
    return _date_counts(counts["month"], first_of_month)


def _date_counts(terms: Mapping[str, Any], start_of: Callable[[int], date]) -> tuple[DateCount, ...]:
    found = [DateCount(start_of(bucket["key"]), bucket["doc_count"]) for bucket in terms["buckets"]]
    return tuple(sorted(found, key=lambda count: count.start))
