"""The Bangladeshi calendar, against dates that the government and the newspapers fixed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.calendar import BangladeshiDate, to_bangladeshi


@pytest.mark.parametrize(
    ("gregorian", "bangladeshi"),
    [
        # The reform ties the national days to their dates of 1952 and 1971.
        (date(2024, 2, 21), "৮ ফাল্গুন ১৪৩০"),
        (date(2025, 3, 26), "১২ চৈত্র ১৪৩১"),
        (date(2023, 12, 16), "১ পৌষ ১৪৩০"),
        (date(2024, 5, 8), "২৫ বৈশাখ ১৪৩১"),
        (date(2024, 5, 25), "১১ জ্যৈষ্ঠ ১৪৩১"),
        (date(2024, 4, 14), "১ বৈশাখ ১৪৩১"),
        (date(2024, 11, 7), "২২ কার্তিক ১৪৩১"),
        (date(2024, 3, 13), "২৯ ফাল্গুন ১৪৩০"),
        (date(2024, 3, 14), "৩০ ফাল্গুন ১৪৩০"),
        # Ashwin had 31 days for the first time.
        (date(2019, 10, 16), "৩১ আশ্বিন ১৪২৬"),
        (date(2019, 10, 17), "১ কার্তিক ১৪২৬"),
        # Before it, the Language Martyrs' Day fell on the ninth.
        (date(2019, 2, 21), "৯ ফাল্গুন ১৪২৫"),
        (date(2018, 12, 16), "২ পৌষ ১৪২৫"),
    ],
)
def test_known_days(gregorian: date, bangladeshi: str) -> None:
    assert str(to_bangladeshi(gregorian)) == bangladeshi
    assert to_bangladeshi(gregorian).to_gregorian() == gregorian


@given(st.dates(date(1995, 4, 14), date(2193, 4, 12)))
def test_days_follow_one_another_and_come_back(day: date) -> None:
    today, tomorrow = to_bangladeshi(day), to_bangladeshi(day + timedelta(days=1))
    assert today < tomorrow
    assert tomorrow.day in {1, today.day + 1}
    assert today.to_gregorian() == day


@pytest.mark.parametrize(
    "day", [(1401, 1, 1), (1600, 1, 1), (1431, 13, 1), (1431, 0, 1), (1431, 7, 31), (1431, 11, 30)]
)
def test_days_that_do_not_exist(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"year|month|day"):
        BangladeshiDate(*day)


@pytest.mark.parametrize("day", [date(1995, 4, 13), date(2193, 4, 14)])
def test_days_outside_the_rules(day: date) -> None:
    with pytest.raises(ValueError, match="year"):
        to_bangladeshi(day)
