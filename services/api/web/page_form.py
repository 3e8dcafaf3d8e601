"""What the reader's page was asked for: read leniently from its address, and written into other addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.api.parameters import MAX_LABELS, MAX_QUERY, SearchParameters
from services.api.time_bounds import read_bound
from services.api.web.bengali_formats import bengali_date
from services.api.web.bengali_words import SORT_NAMES
from shared.search.labels import canonical_label
from shared.search.model import Sort
from shared.views.model import Window

_FRONT_RESULTS: Final = 11
_RESULTS: Final = 10


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    name: str
    without: str


@dataclass(frozen=True, slots=True)
class PageForm:
    """`start` and `end` are as typed. An unknown `sort` or `window` is the default one."""

    q: str = ""
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    sort: str = ""
    cursor: str | None = None
    window: Window = Window.DAY

    @classmethod
    def read(cls, parameters: QueryParams) -> Self:
        window = parameters.get("window", "")
        sort = parameters.get("sort", "")
        return cls(
            q=parameters.get("q", "").strip()[:MAX_QUERY],
            categories=_labels(parameters.getlist("category")),
            sources=_labels(parameters.getlist("source")),
            start=parameters.get("from", "").strip(),
            end=parameters.get("to", "").strip(),
            sort=sort if sort in set(Sort) else "",
            cursor=parameters.get("cursor") or None,
            window=Window(window) if window in set(Window) else Window.DAY,
        )

    def search_parameters(self) -> SearchParameters:
        """Raises pydantic.ValidationError for dates that are none."""
        return SearchParameters.model_validate(
            {
                "q": self.q,
                "category": list(self.categories),
                "source": list(self.sources),
                "from": self.start or None,
                "to": self.end or None,
                "sort": self.sort or None,
                "cursor": self.cursor,
                "limit": _FRONT_RESULTS if self.is_front else _RESULTS,
                "facets": None if self.is_front else "category,source,date",
                "collapse": True,
            }
        )

    @property
    def is_front(self) -> bool:
        """The newest articles, nothing asked for."""
        return not (self.q or self.is_filtered or self.cursor)

    @property
    def is_filtered(self) -> bool:
        return bool(self.categories or self.sources or self.start or self.end or self.sort)

    @property
    def section(self) -> str | None:
        """The one category that was chosen."""
        return self.categories[0] if len(self.categories) == 1 else None

    def link(self, **changes: Any) -> str:
        """The address of the page with `changes`; whatever changes, it begins at the first page."""
        form = replace(self, cursor=changes.pop("cursor", None), **changes)
        parameters: list[tuple[str, str]] = [("q", form.q)]
        parameters += [("category", category) for category in form.categories]
        parameters += [("source", source) for source in form.sources]
        parameters += [("from", form.start), ("to", form.end), ("sort", form.sort), ("cursor", form.cursor or "")]
        if form.window is not Window.DAY:
            parameters.append(("window", form.window))
        given = [(name, value) for name, value in parameters if value]
        return f"/?{urlencode(given)}" if given else "/"

    @property
    def feed_link(self) -> str:
        """The same search as a feed: pages and API name their parameters alike."""
        return "/v1/search/feed.atom" + self.link(sort="", window=Window.DAY).removeprefix("/")

    def window_link(self, window: Window) -> str:
        """The same page with another window of its most-read box."""
        return f"{self.link(window=window, cursor=self.cursor)}#most-read"

    def toggled_category(self, category: str) -> str:
        return self.link(categories=_toggled(self.categories, category))

    def toggled_source(self, source: str) -> str:
        return self.link(sources=_toggled(self.sources, source))

    @property
    def chips(self) -> list[Chip]:
        chips = [Chip(category, self.toggled_category(category)) for category in self.categories]
        chips += [Chip(f"সূত্র: {source}", self.toggled_source(source)) for source in self.sources]
        if self.start:
            chips.append(Chip(f"{_shown_date(self.start, end=False)} থেকে", self.link(start="")))
        if self.end:
            chips.append(Chip(f"{_shown_date(self.end, end=True)} পর্যন্ত", self.link(end="")))
        if self.sort:
            chips.append(Chip(f"ক্রম: {SORT_NAMES[Sort(self.sort)]}", self.link(sort="")))
        return chips


def _labels(values: Sequence[str]) -> tuple[str, ...]:
    labels = (canonical_label(value[:200]) for value in values)
    return tuple(dict.fromkeys(label for label in labels if label))[:MAX_LABELS]


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in values if one != value) if value in values else (*values, value)


def _shown_date(text: str, *, end: bool) -> str:
    """The first or the last day of the range, when the text names one."""
    try:
        bound = read_bound(text, end=end)
    except ValueError:
        return text
    # A range ends at midnight, just after its last day.
    return bengali_date(bound - timedelta(microseconds=1) if end else bound)
