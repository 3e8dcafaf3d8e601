"""Views as they lie in the journal, and the lists made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import orjson

# Half-lives in seconds of the decayed windows.
WINDOW_SECONDS: Final[Mapping[str, float]] = {"1h": 3_600.0, "6h": 21_600.0, "24h": 86_400.0, "7d": 604_800.0}


class Window(StrEnum):
    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"
    WEEK = "7d"
    TODAY = "today"


class ListKind(StrEnum):
    TOP = "top"
    RISING = "rising"


class RecordedView(NamedTuple):
    """One accepted view, as compact as it lies in the journal.

    `viewer_hash` is a signed 64-bit hash of (viewer, article) salted for the day in Dhaka; `at_ms` is
    milliseconds since 1970; `countable` is False for bots and prefetches, which count in raw only.
    """

    article_id: str
    viewer_hash: int
    at_ms: int
    countable: bool


def encode_view(view: RecordedView) -> bytes:
    return orjson.dumps([view.article_id, view.viewer_hash, view.at_ms, int(view.countable)])


def decode_views(body: bytes) -> list[RecordedView]:
    """Read an entry of the view stream: a JSON array of encoded views.

    Raises:
        ValueError: when the bytes are no such array (a permanent failure).
    """
    rows = orjson.loads(body)
    if not isinstance(rows, list):
        raise ValueError("a view entry must be an array")  # noqa: TRY004 - one error type for bad bytes
    return [_view(row) for row in rows]


def _view(row: object) -> RecordedView:
    match row:
        case [str(article_id), int(viewer_hash), int(at_ms), 0 | 1 as countable]:
            return RecordedView(article_id, viewer_hash, at_ms, bool(countable))
        case _:
            raise ValueError(f"no view: {str(row)[:200]}")


@dataclass(frozen=True, slots=True)
class CountResult:
    """What one counting step did with the views of its entries.

    `raw_only`: bots, prefetches and views of retracted articles. `refused`: views of entries settled before.
    """

    counted: int
    repeats: int
    raw_only: int
    refused: int


@dataclass(frozen=True, slots=True)
class ViewCounts:
    counted: int
    raw: int


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """`window_views` is the decayed count of the window (or the plain count of today); `score` orders the list."""

    article_id: str
    window_views: float
    score: float
    counts: ViewCounts


@dataclass(frozen=True, slots=True)
class MostRead:
    """`counted_views` is the window's (decayed) count over all articles of the list's scope."""

    window: Window
    kind: ListKind
    category: str | None
    as_of: datetime
    counted_views: float
    articles: tuple[RankedArticle, ...]
