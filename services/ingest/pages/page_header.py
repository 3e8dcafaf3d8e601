"""Reads the top of a page given as lines: headline, byline, date, counter, category; and where the text begins.

The order differs from site to site. What is relied on: the headline comes before the text and often repeats the
page's title ("headline – site"); the date line is labelled, or consists of little else than a date.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.pages.clean_text import comparable, ends_sentence, is_paragraph, letters_in, same_text
from services.ingest.pages.date_line import READ_CHARACTERS, DateLine, choose_date_line
from services.ingest.pages.header_labels import (
    category_of,
    has_site_word,
    is_byline,
    may_be_name,
    page_views_in,
    without_byline_label,
)
from services.ingest.pages.section_labels import is_furniture, section_of
from shared.bengali.date_lines import find_moments, is_date_label

# Where a headline and its date can be; menus come before them.
_HEADER_LINES: Final = 60
_MAX_HEADLINE: Final = 300
# Shorter lines above a date are more often menu entries than headlines.
_MIN_HEADLINE: Final = 15
_MIN_LEAD: Final = 30
_SEPARATORS: Final = re.compile(r"\s+(?:[|–—•»·-]|::)\s+|\s?\|\s?")


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
    top = lines[:_HEADER_LINES]
    headline = _last_copy(title, top) if title else _repeated_headline(top)
    date_line = choose_date_line(top, headline)
    if title is None and headline is None:
        headline = _headline_near(top, date_line)
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
        text_from=text_from,
        date_lines=frozenset(range(date_line.index, date_line.last + 1)) if date_line else frozenset(),
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


def _last_copy(title: str, top: Sequence[str]) -> int | None:
    return max((index for index, line in enumerate(top) if same_text(line, title)), default=None)


def _repeated_headline(top: Sequence[str]) -> int | None:
    """The line that the page's title, "headline – site" or "site | headline", repeats."""
    last_place = {comparable(line): index for index, line in enumerate(top) if len(line) <= _MAX_HEADLINE}
    for index, line in enumerate(top[:3]):
        for candidate in (line, *_sides(line)) if len(line) <= 2 * _MAX_HEADLINE else ():
            place = last_place.get(comparable(candidate), -1)
            if (
                place > index
                and letters_in(candidate) >= 5
                and not candidate.endswith("।")
                and not is_furniture(candidate)
            ):
                return place
    return None


def _sides(line: str) -> list[str]:
    """What stands before and behind each separator of a title line, the longest first."""
    cuts = list(_SEPARATORS.finditer(line[:_MAX_HEADLINE]))
    return sorted([line[: cut.start()] for cut in cuts] + [line[cut.end() :] for cut in cuts], key=len, reverse=True)


def _headline_near(top: Sequence[str], date_line: DateLine | None) -> int | None:
    """Without a title to go by: the first line above the date that can be a headline, or else one right below."""
    end = len(top) if date_line is None else date_line.index
    above = [index for index in range(end) if _may_be_headline(top[index])]
    long_enough = [index for index in above if letters_in(top[index]) >= _MIN_HEADLINE]
    if above:
        return (long_enough or above)[0]
    below = range(end + 1, min(end + 4, len(top) - 1))
    return next((index for index in below if _may_be_headline(top[index]) and ends_sentence(top[index + 1])), None)


def _may_be_headline(line: str) -> bool:
    return (
        letters_in(line) >= 5
        and len(line) <= _MAX_HEADLINE
        and not line.endswith(("।", "৷", ".", ":", "ঃ"))
        and not is_byline(line)
        and not is_furniture(line)
        and not is_date_label(line)
        and section_of(line) is None
        and category_of([line], None) is None
        and not find_moments(line)
    )


def without_site(title: str, site: str | None) -> str:
    """What stands before the name of the site in a page's title; `site` is that name where it is known."""
    cuts = list(_SEPARATORS.finditer(title[:_MAX_HEADLINE]))
    if not cuts:
        return title
    before, after = title[: cuts[-1].start()], title[cuts[-1].end() :]
    is_site = "|" in cuts[-1].group() or has_site_word(after) or (site is not None and same_text(after, site))
    return before if letters_in(before) >= 5 and is_site else title


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
