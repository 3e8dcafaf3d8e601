"""Finds the dates in a date line, each with its label and its time of day: প্রকাশ: ৭ নভেম্বর ২০২৪ | ৭:০০.

Day comes before month, as everywhere in Bengal; a Gregorian date wins over a Bangladeshi one beside it (which
names the same day); a time without a zone is Dhaka's. What is not written is never guessed: no date, no answer.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from shared.bengali.date_patterns import (
    NOT_AFTER_LETTER,
    NOT_BEFORE_LETTER,
    WEEKDAY,
    WrittenDate,
    WrittenTime,
    blank_out,
    find_dates,
    find_times,
)
from shared.bengali.label_text import any_of, fold_label
from shared.bengali.relative_dates import day_named, moment_ago

DHAKA: Final = ZoneInfo("Asia/Dhaka")
# The longest date line met in practice has 150 characters: two labels, two dates, the Bengali and the Hijri one.
MAX_DATE_TEXT: Final = 500


class DateRole(StrEnum):
    """What a label says about its date."""

    PUBLISHED = "published"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class FoundMoment:
    """A date found at `start`..`end` of a text, its label, weekday and time included.

    `has_time` tells whether a time of day was written; without one the moment is the day's beginning in Dhaka.
    """

    moment: datetime
    has_time: bool
    role: DateRole | None
    start: int
    end: int


_UPDATED: Final = any_of(
    "আপডেট", "হালনাগাদ", "সম্পাদনা", "সংশোধন", "সংশোধিত", "updated", "update", "last modified", "modified"
)
_PUBLISHED: Final = any_of(
    "প্রকাশ", "প্রকাশিত", "প্রকাশের", "প্রকাশনা", "প্রকাশকাল", "প্রকাশনার", "পোস্ট", "পোস্টেড", "তারিখ", "সময়",
    "published", "posted", "publish", "date", "published on", "posted on", "first published",
)  # fmt: skip
_AFTER_LABEL: Final = any_of("করা", "হয়েছে", "হয়", "সময়", "টাইম", "তারিখ", "কাল", "on", "at", "date", "time")
_LABEL: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?:{any_of('সর্বশেষ', 'শেষ', 'last')}\s{{0,3}})?"
    rf"(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))"
    rf"(?:\s{{0,3}}{_AFTER_LABEL}){{0,3}}{NOT_BEFORE_LETTER}"
    rf"[\s:;|,.@-]{{0,6}}(?:{WEEKDAY}[\s,|-]{{0,3}})?$"
)
# What may stand between a date and its time.
_BETWEEN: Final = re.compile(
    rf"(?:[\s,|/.;:()\[\]•·@-]|{WEEKDAY}"
    rf"|{NOT_AFTER_LETTER}{any_of('সময়', 'বাংলাদেশ', 'at', 't', 'on')}{NOT_BEFORE_LETTER}){{0,12}}"
)
_LEADING_WEEKDAY: Final = re.compile(rf"{WEEKDAY}[\s,|()-]{{0,3}}$")
_TRAILING_WEEKDAY: Final = re.compile(rf"[\s,|(-]{{0,3}}{WEEKDAY}\)?")


def is_date_label(text: str) -> bool:
    """Whether a text is the label of a date and nothing else, as where the date stands on the next line."""
    return len(text) <= MAX_DATE_TEXT and _LABEL.fullmatch(fold_label(text).text) is not None


def find_moments(text: str, *, now: datetime | None = None) -> tuple[FoundMoment, ...]:
    """Every date of a line in order of place; none for a text longer than `MAX_DATE_TEXT`.

    `now` (aware) permits what depends on it: ২ ঘণ্টা আগে, গতকাল, আজ ১০:৩০, and a date without a year, which is then
    the last such day.

    Raises:
        ValueError: when `now` is naive.
    """
    if now is not None and now.tzinfo is None:
        raise ValueError("now must be aware")
    if len(text) > MAX_DATE_TEXT:
        return ()
    folded, offsets = fold_label(text)
    local_now = now.astimezone(DHAKA) if now else None
    moments = _absolute_moments(folded, local_now) or _relative_moments(folded, local_now)
    return tuple(
        FoundMoment(found.moment, found.has_time, found.role, offsets[found.start], offsets[found.end])
        for found in moments
    )


def _absolute_moments(folded: str, now: datetime | None) -> list[FoundMoment]:
    written = find_dates(folded)
    days = [(each, day) for each in written if (day := each.on_day() or _last_such_day(each, now))]
    if any(not each.bangladeshi for each, _ in days):
        days = [(each, day) for each, day in days if not each.bangladeshi]
    times = find_times(blank_out(folded, written))
    moments: list[FoundMoment] = []
    end = 0
    for index, (each, day) in enumerate(days):
        limit = days[index + 1][0].start if index + 1 < len(days) else len(folded)
        at = _time_of(folded, each, times, end, limit, alone=len(days) == 1)
        if at is not None:
            times.remove(at)
        moment = _moment(day, at)
        if moment is None:
            continue
        found = _with_surroundings(folded, each, at, moment, end)
        moments.append(found)
        end = found.end
    return moments


def _time_of(
    folded: str, written: WrittenDate, times: list[WrittenTime], begin: int, limit: int, *, alone: bool
) -> WrittenTime | None:
    """The time that stands beside a date, before it or else after it; for the only date of a text, any time."""
    for at in times:
        if begin <= at.start and at.end <= written.start and _BETWEEN.fullmatch(folded, at.end, written.start):
            return at
    for at in times:
        if written.end <= at.start and at.end <= limit and _BETWEEN.fullmatch(folded, written.end, at.start):
            return at
    return times[0] if alone and times else None


def _with_surroundings(
    folded: str, written: WrittenDate, at: WrittenTime | None, moment: datetime, begin: int
) -> FoundMoment:
    start = min(written.start, at.start) if at else written.start
    end = max(written.end, at.end) if at else written.end
    role = None
    if label := _LABEL.search(folded, begin, start):
        start = label.start()
        role = DateRole.UPDATED if label["updated"] else DateRole.PUBLISHED
    elif weekday := _LEADING_WEEKDAY.search(folded, begin, start):
        start = weekday.start()
    if weekday := _TRAILING_WEEKDAY.match(folded, end):
        end = weekday.end()
    return FoundMoment(moment, at is not None, role, start, end)


def _relative_moments(folded: str, now: datetime | None) -> list[FoundMoment]:
    if now is None:
        return []
    if ago := moment_ago(folded, now):
        return [FoundMoment(ago.moment, True, None, ago.start, ago.end)]
    named = day_named(folded, now)
    if named is None:
        return []
    times = find_times(folded)
    moment = _moment(named.moment.date(), times[0] if times else None)
    if moment is None:
        return []
    start = min([named.start, *(at.start for at in times[:1])])
    end = max([named.end, *(at.end for at in times[:1])])
    return [FoundMoment(moment, bool(times), None, start, end)]


def _moment(day: date, at: WrittenTime | None) -> datetime | None:
    clock = at.at if at else time()
    try:
        return datetime.combine(day, clock, tzinfo=clock.tzinfo or DHAKA).astimezone(DHAKA)
    except OverflowError:
        return None


def _last_such_day(written: WrittenDate, now: datetime | None) -> date | None:
    """The last day, not later than tomorrow, that a date without year can mean; 29 February looks back eight years."""
    if now is None or written.year is not None or written.bangladeshi:
        return None
    for year in range(now.year + 1, now.year - 9, -1):
        try:
            day = date(year, written.month, written.day)
        except ValueError:
            continue
        if day <= now.date() + timedelta(days=1):
            return day
    return None
