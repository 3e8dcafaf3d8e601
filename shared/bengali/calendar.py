"""The Bangladeshi calendar: dates such as ২২ কার্তিক ১৪৩১, to and from Gregorian ones.

Since the reform that took effect in 1426 (October 2019) the first six months have 31 days, Falgun 29 (30 when
the Gregorian leap day falls into it) and the other months 30. Before it, the first five months had 31 days and
the others 30, Falgun 31 in leap years. Under both rules the year begins on 14 April. The calendar of West
Bengal is another one, mostly a day later.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTH_NAMES: Final = (
    "বৈশাখ",
    "জ্যৈষ্ঠ",
    "আষাঢ়",
    "শ্রাবণ",
    "ভাদ্র",
    "আশ্বিন",
    "কার্তিক",
    "অগ্রহায়ণ",
    "পৌষ",
    "মাঘ",
    "ফাল্গুন",
    "চৈত্র",
)

# The rule of fixed month lengths, with leap days in Falgun, was settled in 1402 (1995).
FIRST_YEAR: Final = 1402
LAST_YEAR: Final = 1599
REFORM_YEAR: Final = 1426
_YEARS_BEHIND: Final = 593
_BENGALI_DIGITS: Final = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")


@dataclass(frozen=True, slots=True, order=True)
class BangladeshiDate:
    """A day in the Bangladeshi calendar; `month` 1 is Boishakh. `str` gives ২২ কার্তিক ১৪৩১.

    Raises:
        ValueError: when there is no such day, or the year lies outside 1402-1599.
    """

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"year must be in {FIRST_YEAR}..{LAST_YEAR}")
        if not 1 <= self.month <= 12:
            raise ValueError("month must be in 1..12")
        if not 1 <= self.day <= _month_lengths(self.year)[self.month - 1]:
            raise ValueError("day is out of range for month")

    def to_gregorian(self) -> date:
        days_before = sum(_month_lengths(self.year)[: self.month - 1]) + self.day - 1
        return _new_year(self.year) + timedelta(days=days_before)

    def __str__(self) -> str:
        return f"{self.day} {MONTH_NAMES[self.month - 1]} {self.year}".translate(_BENGALI_DIGITS)


def to_bangladeshi(day: date) -> BangladeshiDate:
    """The day's date in the Bangladeshi calendar.

    Raises:
        ValueError: when the day lies before 14 April 1995 or after 13 April 2193.
    """
    year = day.year - _YEARS_BEHIND
    if day < _new_year(year):
        year -= 1
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"year must be in {FIRST_YEAR}..{LAST_YEAR}")
    days_left = (day - _new_year(year)).days
    for month, length in enumerate(_month_lengths(year), start=1):
        if days_left < length:
            return BangladeshiDate(year, month, days_left + 1)
        days_left -= length
    raise AssertionError("a year is as long as the way to the next new year")


def _new_year(year: int) -> date:
    return date(year + _YEARS_BEHIND, 4, 14)


def _month_lengths(year: int) -> tuple[int, ...]:
    leap = (_new_year(year + 1) - _new_year(year)).days == 366
    if year < REFORM_YEAR:
        return (31,) * 5 + (30,) * 5 + (31 if leap else 30, 30)
    return (31,) * 6 + (30,) * 4 + (30 if leap else 29, 30)
