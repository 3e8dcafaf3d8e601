"""Finds the headline among the lines of a page."""

import re
from collections.abc import Sequence
from typing import Final

from services.ingest.pages.clean_text import comparable, ends_sentence, letters_in, same_text
from services.ingest.pages.date_line import DateLine
from services.ingest.pages.header_labels import category_of, has_site_word, is_byline
from services.ingest.pages.section_labels import is_furniture, section_of
from shared.bengali.date_lines import find_moments, is_date_label

MAX_HEADLINE: Final = 300
# Menus with a link to every district come before it.
_SEARCHED_LINES: Final = 1_000
# The same words stand in the page's title, in the breadcrumb and, last, as the headline.
_COPIES_WITHIN: Final = 15
_MIN_LETTERS: Final = 5
# Shorter lines above a date are more often menu entries than headlines.
_USUAL_LETTERS: Final = 15
# Headline, lead, byline, category, buttons: what a page puts right above its date.
_LINES_ABOVE_DATE: Final = 8
_LINES_BELOW_DATE: Final = 3
_SEPARATORS: Final = re.compile(r"\s+(?:[|–—•»:·-]|::)\s+|\s?\|\s?")


def place_of(title: str, lines: Sequence[str]) -> int | None:
    """The line that shows a known headline."""
    return _last_copy(comparable(title), lines, 0)


def repeated_headline(lines: Sequence[str]) -> int | None:
    """The line that the page's title, "headline – site" or "site | headline", repeats."""
    for index, line in enumerate(lines[:3]):
        if len(line) > 2 * MAX_HEADLINE:
            continue
        for candidate in (line, *_sides(line)):
            # The first line may say anything; of the others a byline or a menu entry may be repeated as well.
            if letters_in(candidate) < _MIN_LETTERS or not (index == 0 or _may_be_headline(candidate)):
                continue
            place = _last_copy(comparable(candidate), lines, index + 1)
            if place is not None and not lines[place].endswith("।"):
                return place
    return None


def headline_near(lines: Sequence[str], date_line: DateLine | None) -> int | None:
    """Without a title to go by: the first line right above the date that can be a headline, or else one below."""
    end = len(lines) if date_line is None else date_line.index
    begin = 0 if date_line is None else max(0, end - _LINES_ABOVE_DATE)
    above = [index for index in range(begin, end) if _may_be_headline(lines[index])]
    usual = [index for index in above if letters_in(lines[index]) >= _USUAL_LETTERS]
    if above:
        return (usual or above)[0]
    below = range(end + 1, min(end + 1 + _LINES_BELOW_DATE, len(lines) - 1))
    return next((index for index in below if _may_be_headline(lines[index]) and ends_sentence(lines[index + 1])), None)


def without_site(title: str, site: str | None) -> str:
    """What stands before the name of the site in a page's title; `site` is that name where it is known."""
    cuts = list(_SEPARATORS.finditer(title[:MAX_HEADLINE]))
    if not cuts:
        return title
    before, after = title[: cuts[-1].start()], title[cuts[-1].end() :]
    is_site = "|" in cuts[-1].group() or has_site_word(after) or (site is not None and same_text(after, site))
    return before if letters_in(before) >= _MIN_LETTERS and is_site else title


def _last_copy(wanted: str, lines: Sequence[str], begin: int) -> int | None:
    """The last of the copies that stand together, from the first one on."""
    first: int | None = None
    last: int | None = None
    for index in range(begin, min(len(lines), _SEARCHED_LINES)):
        if first is not None and (index > first + _COPIES_WITHIN or _ends_header(lines[index])):
            break
        if len(lines[index]) <= 2 * MAX_HEADLINE and comparable(lines[index]) == wanted:
            first, last = index if first is None else first, index
    return last


def _ends_header(line: str) -> bool:
    return line.endswith("।") or section_of(line) is not None


def _sides(line: str) -> list[str]:
    """What stands before and behind each separator of a title line, the longest first."""
    cuts = list(_SEPARATORS.finditer(line[:MAX_HEADLINE]))[:4]
    return sorted([line[: cut.start()] for cut in cuts] + [line[cut.end() :] for cut in cuts], key=len, reverse=True)


def _may_be_headline(line: str) -> bool:
    return (
        letters_in(line) >= _MIN_LETTERS
        and len(line) <= MAX_HEADLINE
        and not line.endswith(("।", "৷", ":", "ঃ"))
        and not is_byline(line)
        and not is_furniture(line)
        and not is_date_label(line)
        and section_of(line) is None
        and category_of([line], None) is None
        and not find_moments(line)
    )
