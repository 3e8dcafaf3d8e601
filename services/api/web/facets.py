"""Facet counts as lists of links that narrow the results, or widen them again."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.api.answers import DateCount, FacetCounts, ValueCount
from services.api.web.bengali_formats import bengali_date, bengali_month
from services.api.web.bengali_words import FACET_NAMES
from services.api.web.page_form import PageForm
from shared.search.model import Facet

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FacetLink:
    name: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetList:
    name: str
    links: Sequence[FacetLink]


def facet_lists(form: PageForm, counts: FacetCounts) -> list[FacetList]:
    """Those with something to choose; months and days are newest first."""
    lists = [
        FacetList(FACET_NAMES[Facet.CATEGORY], _values(form.categories, counts.category, form.toggled_category)),
        FacetList(FACET_NAMES[Facet.SOURCE], _values(form.sources, counts.source, form.toggled_source)),
        FacetList(FACET_NAMES[Facet.DATE], _dates(form, counts.date)),
    ]
    return [one for one in lists if len(one.links) > 1 or any(link.chosen for link in one.links)]


def _values(chosen: Sequence[str], counts: Sequence[ValueCount] | None, link: Callable[[str], str]) -> list[FacetLink]:
    shown = [one for index, one in enumerate(counts or []) if index < _SHOWN or one.value in chosen]
    return [FacetLink(one.value, one.count, link(one.value), one.value in chosen) for one in shown]


def _dates(form: PageForm, counts: Sequence[DateCount] | None) -> list[FacetLink]:
    by_start = {one.start: one.count for one in counts or [] if one.count}
    by_month = _by_month(by_start)
    # An engine counts by days or by months, and only months all begin on the first. Many days are months as well.
    months = all(start.day == 1 for start in by_start) or (len(by_start) > _SHOWN and len(by_month) > 1)
    newest_first = sorted((by_month if months else by_start).items(), reverse=True)
    links = []
    for start, count in newest_first[:_SHOWN]:
        last = start.replace(day=monthrange(start.year, start.month)[1]) if months else start
        bounds = start.isoformat(), last.isoformat()
        chosen = (form.start, form.end) == bounds
        link = form.link(start="", end="") if chosen else form.link(start=bounds[0], end=bounds[1])
        links.append(FacetLink(bengali_month(start) if months else bengali_date(start), count, link, chosen))
    return links


def _by_month(counts: Mapping[date, int]) -> dict[date, int]:
    months: Counter[date] = Counter()
    for start, count in counts.items():
        months[start.replace(day=1)] += count
    return dict(months)
