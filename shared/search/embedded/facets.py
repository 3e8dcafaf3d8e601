"""Counts of the hits of a search by category, source and date."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from shared.search.embedded.words_reader import WordsView
from shared.search.model import DateCount, Facet, FacetCount, Facets

# Beyond three months, days are too many to show and months take their place.
LONGEST_SPAN_IN_DAYS: Final = 92
# More categories, sources or months than any site has; tantivy counts exactly up to the size it is asked for.
_MOST_BUCKETS: Final = 5_000

_FIELDS: Final = {Facet.CATEGORY: "category", Facet.SOURCE: "source"}


def count_facets(view: WordsView, query: Any, facets: frozenset[Facet]) -> Facets:
    """The facets that are asked for; the others are None. Labels with the most articles first, dates in order."""
    if not facets:
        return Facets()
    wanted: dict[str, Any] = {
        name: {"terms": {"field": name, "size": _MOST_BUCKETS}} for facet, name in _FIELDS.items() if facet in facets
    }
    if Facet.DATE in facets:
        wanted["span"] = {"stats": {"field": "day"}}
        wanted["day"] = {"terms": {"field": "day", "size": LONGEST_SPAN_IN_DAYS}}
        wanted["month"] = {"terms": {"field": "month", "size": _MOST_BUCKETS}}
    counts = view.aggregate(query, wanted)
    return Facets(
        category=_labels(counts["category"]) if Facet.CATEGORY in facets else None,
        source=_labels(counts["source"]) if Facet.SOURCE in facets else None,
        date=_dates(counts) if Facet.DATE in facets else None,
    )


def _labels(counts: Any) -> tuple[FacetCount, ...]:
    found = [FacetCount(str(bucket["key"]), int(bucket["doc_count"])) for bucket in counts["buckets"]]
    return tuple(sorted(found, key=lambda count: (-count.count, count.value)))


def _dates(counts: Any) -> tuple[DateCount, ...]:
    if not counts["span"]["count"]:
        return ()
    if counts["span"]["max"] - counts["span"]["min"] < LONGEST_SPAN_IN_DAYS:
        return _date_counts(counts["day"], date.fromordinal)
    return _date_counts(counts["month"], lambda month: date(month // 12, month % 12 + 1, 1))


def _date_counts(counts: Any, start_of: Callable[[int], date]) -> tuple[DateCount, ...]:
    found = [DateCount(start_of(int(bucket["key"])), int(bucket["doc_count"])) for bucket in counts["buckets"]]
    return tuple(sorted(found, key=lambda count: count.start))
