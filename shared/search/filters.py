"""Filters of a search, from the query's own fields and from the request's parameters; both must hold."""

import math
from dataclasses import dataclass
from typing import Final

from shared.search.labels import canonical_label
from shared.search.model import SearchRequest


@dataclass(frozen=True, slots=True)
class Filters:
    """Each inner tuple lists alternatives, in canonical spelling; all of the outer ones must hold.

    Times are seconds since 1970: `published_from` inclusive, `published_to` exclusive.
    """

    categories: tuple[tuple[str, ...], ...] = ()
    sources: tuple[tuple[str, ...], ...] = ()
    published_from: int | None = None
    published_to: int | None = None

    @property
    def are_dated(self) -> bool:
        return self.published_from is not None or self.published_to is not None


NO_FILTERS: Final = Filters()


def filters_of(request: SearchRequest) -> Filters:
    query = request.query
    # Articles are indexed by whole seconds, so a range is widened to whole seconds.
    starts = [math.floor(start.timestamp()) for start in (query.published_from, request.published_from) if start]
    ends = [math.ceil(end.timestamp()) for end in (query.published_to, request.published_to) if end]
    return Filters(
        categories=_alternatives(query.categories, request.categories),
        sources=_alternatives(query.sources, request.sources),
        published_from=max(starts, default=None),
        published_to=min(ends, default=None),
    )


def _alternatives(*sides: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(set(map(canonical_label, labels)))) for labels in sides if labels)
