"""Reads dates as Bengali news writes them and as queries ask for them. All answers are in Asia/Dhaka."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from shared.bengali.calendar import FIRST_YEAR, LAST_YEAR, BangladeshiDate
from shared.bengali.date_lines import DHAKA, find_moments
from shared.bengali.date_patterns import (
    ERA,
    FIRST_GREGORIAN_YEAR,
    GAP,
    LAST_GREGORIAN_YEAR,
    MONTH,
    YEAR,
    find_dates,
    is_bengali_era,
    month_number,
)
from shared.bengali.date_words import DAY_WORDS
from shared.bengali.label_text import any_of, fold_label

# Two written dates and what joins them.
MAX_RANGE_TEXT: Final = 120

_YEAR_ONLY: Final = re.compile(rf"{YEAR}{ERA}")
_MONTH_AND_YEAR: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{MONTH}{GAP}{YEAR}{ERA}",
        rf"{YEAR}{ERA}{GAP}{MONTH}",
        r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})",
        r"(?P<number>\d{1,2})[-/.](?P<year>\d{4})",
    )
)
_RANGE: Final = re.compile(rf"\s*(?:\.{{2,3}}|\s{any_of('থেকে', 'to')}\s)\s*")


def parse_moment(text: str, *, now: datetime | None = None) -> datetime | None:
    """The first date of a line, with its time of day; midnight when no time is written.

    Labels, weekdays and whatever else stands around the date do not matter. `now` (aware) permits what depends
    on it: ২ ঘণ্টা আগে, গতকাল, আজ ১০:৩০, and a date without a year, which is then the last such day. A text of more than
    500 characters is no date line.

    Raises:
        ValueError: when `now` is naive.
    """
    found = find_moments(text, now=now)
    return found[0].moment if found else None


def parse_date_range(text: str, *, now: datetime | None = None) -> tuple[datetime | None, datetime | None] | None:
    """What the `date:` of a query names, as a half-open interval; None when it names no date.

    A year, a month or a day (২০২৪, 2024-11, নভেম্বর ২০২৪, ৭ নভেম্বর ২০২৪, ২২ কার্তিক ১৪৩১; with `now` also আজ and
    গতকাল), or two of these joined by `..`, the second one included. One side of `..` may be empty and is None then.
    A range that ends before it begins is none.
    """
    if len(text) > MAX_RANGE_TEXT:
        return None
    folded = fold_label(text).text.strip()
    sides = _RANGE.split(folded) if folded else []
    if len(sides) == 1:
        return _period(sides[0], now)
    if len(sides) != 2 or not any(sides):
        return None
    first, last = (_period(side, now) if side else (None, None) for side in sides)
    if first is None or last is None:
        return None
    start, end = first[0], last[1]
    return None if start is not None and end is not None and start >= end else (start, end)


def _period(folded: str, now: datetime | None) -> tuple[datetime, datetime] | None:
    days = _named_day(folded, now) or _year(folded) or _month(folded) or _day(folded)
    if days is None:
        return None
    first, after = days
    return datetime.combine(first, time(), DHAKA), datetime.combine(after, time(), DHAKA)


def _named_day(folded: str, now: datetime | None) -> tuple[date, date] | None:
    if now is None or folded not in DAY_WORDS:
        return None
    day = now.astimezone(DHAKA).date() - timedelta(days=DAY_WORDS[folded])
    return day, day + timedelta(days=1)


def _year(folded: str) -> tuple[date, date] | None:
    match = _YEAR_ONLY.fullmatch(folded)
    if match is None:
        return None
    year = int(match["year"])
    return _months(year, 1, 12, bangladeshi=is_bengali_era(match["era"]))


def _month(folded: str) -> tuple[date, date] | None:
    for pattern in _MONTH_AND_YEAR:
        if match := pattern.fullmatch(folded):
            groups = match.groupdict()
            month, bangladeshi = month_number(groups["month"]) if "month" in groups else (int(groups["number"]), False)
            return _months(int(groups["year"]), month, month, bangladeshi=bangladeshi)
    return None


def _months(year: int, first: int, last: int, *, bangladeshi: bool) -> tuple[date, date] | None:
    """From the first of one month to the first after another, both of the same year."""
    years = (FIRST_YEAR, LAST_YEAR - 1) if bangladeshi else (FIRST_GREGORIAN_YEAR, LAST_GREGORIAN_YEAR)
    if not (years[0] <= year <= years[1] and 1 <= first <= last <= 12):
        return None
    next_year, next_month = (year + 1, 1) if last == 12 else (year, last + 1)
    if bangladeshi:
        return BangladeshiDate(year, first, 1).to_gregorian(), BangladeshiDate(next_year, next_month, 1).to_gregorian()
    return date(year, first, 1), date(next_year, next_month, 1)


def _day(folded: str) -> tuple[date, date] | None:
    written = find_dates(folded)
    if len(written) != 1 or (written[0].start, written[0].end) != (0, len(folded)):
        return None
    day = written[0].on_day()
    return (day, day + timedelta(days=1)) if day else None
