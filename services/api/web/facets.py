"""Facet counts as lists of links that narrow the results, or widen them again."""

from calendar import monthrange
from collections.abc import Callable, Sequence
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
    newest_first = sorted((one for one in counts or [] if one.count), key=lambda one: one.start, reverse=True)
    # An engine counts by days or by months; only months all begin on the first.
    by_month = all(one.start.day == 1 for one in newest_first)
    links = []
    for one in newest_first[:_SHOWN]:
        last = one.start.replace(day=monthrange(one.start.year, one.start.month)[1]) if by_month else one.start
        start, end = one.start.isoformat(), last.isoformat()
        chosen = (form.start, form.end) == (start, end)
        link = form.link(start="", end="") if chosen else form.link(start=start, end=end)
        links.append(FacetLink(_date_name(one.start, by_month=by_month), one.count, link, chosen))
    return links


def _date_name(start: date, *, by_month: bool) -> str:
    return bengali_month(start) if by_month else bengali_date(start)
