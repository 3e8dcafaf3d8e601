"""Finds written dates and times of day in folded text (see `fold_label`). Every pattern takes linear time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, timezone, tzinfo
from typing import Final

from shared.bengali.calendar import BangladeshiDate
from shared.bengali.date_words import BANGLADESHI_MONTHS, DAY_PARTS, GREGORIAN_MONTHS, WEEKDAYS, hour_of_day
from shared.bengali.label_text import any_of, fold_word

FIRST_GREGORIAN_YEAR: Final = 1800
LAST_GREGORIAN_YEAR: Final = 2199

_LETTER: Final = r"a-z\u0980-\u09e5"
NOT_AFTER_LETTER: Final = rf"(?<![{_LETTER}])"
NOT_BEFORE_LETTER: Final = rf"(?![{_LETTER}])"
GAP: Final = r"[\s,.'/|-]{0,4}"
_CASE_ENDING: Final = rf"(?:[-']?{any_of('ের', 'ে', 'র', 'এর', 'তে', 'য়', 'টা')})?"
_MONTH_NAMES: Final = any_of(*GREGORIAN_MONTHS, *BANGLADESHI_MONTHS)
MONTH: Final = rf"{NOT_AFTER_LETTER}(?P<month>{_MONTH_NAMES}){_CASE_ENDING}:?{NOT_BEFORE_LETTER}"
WEEKDAY: Final = rf"{NOT_AFTER_LETTER}{any_of(*WEEKDAYS)}{_CASE_ENDING}{NOT_BEFORE_LETTER}"
_ORDINAL: Final = rf"{any_of('ই', 'শে', 'লা', 'রা', 'ঠা', 'st', 'nd', 'rd', 'th')}?(?:\s?{any_of('তারিখ', 'of')})?"
_DAY: Final = rf"(?<![\d:])(?P<day>\d{{1,2}})\s?{_ORDINAL}"
_BENGALI_ERA: Final = fold_word("বঙ্গাব্দ")
_ERA_NAMES: Final = any_of(
    "সাল", "সালে", "সালের", "সন", "সনের", "খ্রিস্টাব্দ", "খৃস্টাব্দ", "খ্রি", "ইং", "বঙ্গাব্দ", "বাংলা", "বাং", "ad"
)
ERA: Final = rf"(?:\s?(?P<era>{_ERA_NAMES})[.:]?{NOT_BEFORE_LETTER})?"
# A year is not the hour of "২০:৩০", and has two digits only after an apostrophe ('২৪).
YEAR: Final = r"(?<!\d)(?P<year>\d{4}|(?<=')\d{2})(?!\d|\s?:)"

_DATE_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.])(?P<year>\d{4})(?P<sign>[-/.])(?P<number>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)",
        r"(?<![\d.])(?P<day>\d{1,2})\s?(?P<sign>[-/.])\s?(?P<number>\d{1,2})\s?(?P=sign)\s?(?P<year>\d{4}|\d{2})(?![\d:])",
        rf"{_DAY}{GAP}{MONTH}(?:(?:{GAP}{WEEKDAY})?{GAP}{YEAR}{ERA})?",
        rf"{MONTH}{GAP}{_DAY}(?![\d:]){GAP}{YEAR}{ERA}",
        rf"{YEAR}{ERA}{GAP}{_DAY}{GAP}{MONTH}",
        rf"{YEAR}{ERA}{GAP}{MONTH}{GAP}{_DAY}(?![\d:])",
    )
)

_DAY_PART: Final = (
    rf"{NOT_AFTER_LETTER}(?:{any_of(*DAY_PARTS)}{_CASE_ENDING}"
    rf"|[ap]\.\s?m\.?|{any_of('পি', 'এ')}\.\s?{fold_word('এম')}\.?){NOT_BEFORE_LETTER}"
)
_QUARTERS: Final = {fold_word("সাড়ে"): 30, fold_word("সোয়া"): 15, fold_word("পৌনে"): -15}
_ZONES: Final[dict[str, tzinfo]] = {
    "z": UTC,
    "utc": UTC,
    "gmt": UTC,
    # In a Bengali newspaper BST is Bangladesh's time and IST India's.
    "bst": timezone(timedelta(hours=6)),
    "ist": timezone(timedelta(hours=5, minutes=30)),
    fold_word("আইএসটি"): timezone(timedelta(hours=5, minutes=30)),
}
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_ZONE: Final = (
    rf"(?:\s?(?P<zone>(?:utc|gmt)\s?[+-]\d{{1,2}}(?::?\d{{2}})?|{any_of(*_ZONES)}|[+-]\d{{2}}:?\d{{2}}|(?<=\d)[+-]\d{{2}})"
    rf"(?![\d:]){NOT_BEFORE_LETTER})?"
)
_OCLOCK: Final = rf"{any_of('টা', 'টায়', 'টার', 'ঘটিকা', 'ঘটিকায়')}{NOT_BEFORE_LETTER}"
_MINUTES: Final = rf"{any_of('মিনিট', 'মিনিটে', 'মিনিটের')}{NOT_BEFORE_LETTER}"
_UNIT: Final = rf"(?:\s?(?:{_OCLOCK}|{_MINUTES}))?"
_BEFORE: Final = rf"(?:(?P<before>{_DAY_PART})[\s,]{{0,2}})?"
_AFTER: Final = rf"(?:[\s,]{{0,2}}(?P<after>{_DAY_PART}))?"
_HOUR: Final = r"(?<![\d:.])(?P<hour>\d{1,2})"
_SECOND: Final = r"(?:\s?:\s?(?P<second>\d{2})(?:\.\d{1,9})?)?(?!\d|:\d)"
_QUARTER: Final = rf"(?:(?P<quarter>{any_of(*_QUARTERS)})\s?)?"
_MINUTES_AFTER: Final = rf"(?:\s?(?P<minute>\d{{1,2}})(?!\d)(?:\s?{_MINUTES})?)?"
_DOTTED: Final = r"\.(?P<minute>\d{2})(?![\d.])"
_TIME_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEFORE}{_HOUR}\s?:\s?(?P<minute>\d{{2}}){_SECOND}{_UNIT}{_AFTER}{_ZONE}",
        rf"{_BEFORE}{_QUARTER}{_HOUR}\s?{_OCLOCK}{_MINUTES_AFTER}{_AFTER}{_ZONE}",
        rf"(?P<before>{_DAY_PART})[\s,]{{0,2}}{_HOUR}{_DOTTED}{_UNIT}{_ZONE}",
        rf"{_HOUR}(?:\.(?P<minute>\d{{2}}))?\s?(?P<after>{_DAY_PART}){_ZONE}",
    )
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date at `start`..`end` of the folded text. `year` is None when none is written."""

    start: int
    end: int
    year: int | None
    month: int
    day: int
    bangladeshi: bool

    def on_day(self) -> date | None:
        """The Gregorian day, or None when there is no such day or the year is missing."""
        if self.year is None:
            return None
        try:
            if self.bangladeshi:
                return BangladeshiDate(self.year, self.month, self.day).to_gregorian()
            if FIRST_GREGORIAN_YEAR <= self.year <= LAST_GREGORIAN_YEAR:
                return date(self.year, self.month, self.day)
        except ValueError:
            return None
        return None


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time of day at `start`..`end` of the folded text; `at.tzinfo` is None when no zone is written."""

    start: int
    end: int
    at: time


def find_dates(folded: str) -> list[WrittenDate]:
    """The dates in order of place, none overlapping another; each with a month and a day that can be."""
    found = [written for pattern in _DATE_PATTERNS for match in pattern.finditer(folded) if (written := _date(match))]
    found.sort(key=lambda written: (written.start, -written.end))
    kept: list[WrittenDate] = []
    for written in found:
        if not kept or written.start >= kept[-1].end:
            kept.append(written)
    return kept


def find_times(folded: str) -> list[WrittenTime]:
    """The times of day in order of place, none overlapping another. Blank out dates first."""
    found = [written for pattern in _TIME_PATTERNS for match in pattern.finditer(folded) if (written := _time(match))]
    found.sort(key=lambda written: (written.start, -written.end))
    kept: list[WrittenTime] = []
    for written in found:
        if not kept or written.start >= kept[-1].end:
            kept.append(written)
    return kept


def blank_out(folded: str, written: Iterable[WrittenDate]) -> str:
    """The text with each date replaced by marks that no pattern takes for a gap; places stay the same."""
    pieces, end = [], 0
    for each in written:
        pieces += [folded[end : each.start], "\x00" * (each.end - each.start)]
        end = each.end
    return "".join([*pieces, folded[end:]])


def month_number(name: str) -> tuple[int, bool]:
    """The number of a folded month name, and whether it is a month of the Bangladeshi calendar."""
    if name in GREGORIAN_MONTHS:
        return GREGORIAN_MONTHS[name], False
    return BANGLADESHI_MONTHS[name], True


def is_bengali_era(era: str | None) -> bool:
    return era == _BENGALI_ERA


def _date(match: re.Match[str]) -> WrittenDate | None:
    groups = match.groupdict()
    day = int(groups["day"])
    if name := groups.get("month"):
        month, bangladeshi = month_number(name)
    else:
        month, bangladeshi = int(groups["number"]), False
        if month > 12 >= day:
            # 11/27/2024: nobody counts 27 months, so it is written the American way.
            month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = int(groups["year"]) if groups.get("year") else None
    if year is not None and year < 100:
        year += 2000 if year < 70 else 1900
    return WrittenDate(match.start(), match.end(), year, month, day, bangladeshi)


def _time(match: re.Match[str]) -> WrittenTime | None:
    groups = match.groupdict()
    part = _day_part(groups.get("after")) or _day_part(groups.get("before"))
    hour = hour_of_day(int(groups["hour"]), part)
    minute, second = int(groups.get("minute") or 0), int(groups.get("second") or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    if groups.get("quarter"):
        hour, minute = divmod((hour * 60 + _QUARTERS[groups["quarter"]]) % (24 * 60), 60)
    return WrittenTime(match.start(), match.end(), time(hour, minute, second, tzinfo=_zone(groups.get("zone"))))


def _day_part(written: str | None) -> str | None:
    if not written:
        return None
    compact = re.sub(r"[.\s]", "", written)
    return DAY_PARTS[max((name for name in DAY_PARTS if compact.startswith(name)), key=len)]


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if offset := _OFFSET.search(written):
        sign, hours, minutes = offset.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-away if sign == "-" else away) if away < timedelta(hours=24) else None
    return _ZONES[written]
