"""Reads the top of a page given as lines: headline, byline, date, counter, category; and where the text begins.

The order differs from site to site. What is relied on: the headline comes before the text and often repeats the
page's title ("headline – site"); the date line is labelled, or consists of little else than a date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.pages.clean_text import is_paragraph, letters_in, same_text
from services.ingest.pages.date_line import READ_CHARACTERS, DateLine, choose_date_line
from services.ingest.pages.header_labels import (
    category_of,
    is_byline,
    may_be_name,
    page_views_in,
    without_byline_label,
)
from services.ingest.pages.headline import headline_near, place_of, repeated_headline, without_site
from services.ingest.pages.section_labels import is_furniture
from shared.bengali.date_lines import find_moments, is_date_label

# Lines of a header that are looked at, from a few before the headline where that is known.
_HEADER_LINES: Final = 150
_LINES_BEFORE: Final = 10
_MIN_LEAD: Final = 30


@dataclass(frozen=True, slots=True)
class PageHeader:
    """`text_from` is the first line of the article's text; `text_beside_date` is text on the date line itself.

    `date_lines` may lie below the text.
    """

    title: str | None
    byline: str | None
    lead: str | None
    category: str | None
    published_at: datetime | None
    updated_at: datetime | None
    page_views: int | None
    text_beside_date: str
    text_from: int
    date_lines: frozenset[int]


def read_header(lines: Sequence[str], *, title: str | None = None) -> PageHeader:
    """Read the first lines of a page; `title` is the headline where it is known already."""
    place = place_of(title, lines) if title else repeated_headline(lines)
    start = 0 if place is None else max(0, place - _LINES_BEFORE)
    top = lines[start : start + _HEADER_LINES]
    headline = None if place is None else place - start
    date_line = choose_date_line(top, headline)
    if title is None and headline is None:
        headline = headline_near(top, date_line)
        title = None if headline is None else without_site(top[0], None) if headline == 0 else top[headline]
    elif title is None and headline is not None:
        title = top[headline]
    begin = _end_of_header(top, headline, date_line)
    text_from = begin
    while text_from < len(top) and _is_no_text(top[text_from], title):
        text_from += 1
    between = [line for line in _between(top, headline, begin) if is_byline(line) or not _is_no_text(line, title)]
    byline = _byline(between, date_line, top[begin:text_from])
    return PageHeader(
        title=title,
        byline=byline,
        lead=next((line for line in between if letters_in(line) >= _MIN_LEAD and line != byline), None),
        category=category_of(top[:text_from], title),
        published_at=date_line.published_at if date_line else None,
        updated_at=date_line.updated_at if date_line else None,
        page_views=_page_views(top[:text_from]),
        text_beside_date=date_line.text if date_line else "",
        text_from=start + text_from,
        date_lines=frozenset(range(start + date_line.index, start + date_line.last + 1) if date_line else ()),
    )


def _end_of_header(top: Sequence[str], headline: int | None, date_line: DateLine | None) -> int:
    """The line behind headline and date; a date below the text is no part of the header."""
    if date_line is None:
        return 0 if headline is None else headline + 1
    if headline is None:
        return date_line.last + 1
    if any(is_paragraph(line) for line in top[headline + 1 : date_line.index]):
        return headline + 1
    return max(headline, date_line.last) + 1


def _is_no_text(line: str, title: str | None) -> bool:
    return (
        is_furniture(line) or is_byline(line) or is_date_label(line) or (title is not None and same_text(line, title))
    )


def _between(top: Sequence[str], headline: int | None, end: int) -> list[str]:
    """The lines between headline and text, or between a date above the headline and the headline."""
    return [] if headline is None else [line for line in top[headline + 1 : end] if not find_moments(line)]


def _byline(between: list[str], date_line: DateLine | None, below: Sequence[str]) -> str | None:
    """A desk or a profession, wherever it stands near the date; else a short line that can be a name."""
    beside = [] if date_line is None else [date_line.before, "" if date_line.text else date_line.after]
    for line in (*between, *beside, *below):
        if is_byline(line) and not is_furniture(line):
            return without_byline_label(line)
    return next((line for line in (*between, *beside[:1]) if may_be_name(line) and not is_furniture(line)), None)


def _page_views(lines: Sequence[str]) -> int | None:
    return next((found.views for line in lines if (found := page_views_in(line[:READ_CHARACTERS]))), None)
