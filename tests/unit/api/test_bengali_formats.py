"""Numbers, dates and times as a Bengali newspaper prints them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.web.bengali_formats import (
    bengali_age,
    bengali_date,
    bengali_moment,
    bengali_number,
    bengali_time,
    bengali_weekday,
)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "০"),
        (7.6, "৮"),
        (999, "৯৯৯"),
        (1_000, "১,০০০"),
        (99_999, "৯৯,৯৯৯"),
        (1_234_567, "১২,৩৪,৫৬৭"),
        (123_456_789, "১২,৩৪,৫৬,৭৮৯"),
        (-1_500, "-১,৫০০"),
    ],
)
def test_numbers_are_grouped_by_thousand_lakh_and_crore(number: float, written: str) -> None:
    assert bengali_number(number) == written


@given(st.integers(min_value=0, max_value=10**15))
def test_a_number_keeps_its_digits(number: int) -> None:
    assert int(bengali_number(number).replace(",", "")) == number


def test_a_moment_is_written_in_dhaka() -> None:
    moment = datetime(2026, 11, 22, 19, 5, tzinfo=UTC)
    assert bengali_moment(moment) == "২৩ নভেম্বর ২০২৬, রাত ১:০৫"
    assert bengali_weekday(moment) == "সোমবার"


@pytest.mark.parametrize(
    ("hour", "written"),
    [
        (0, "রাত ১২:০০"),
        (4, "ভোর ৪:০০"),
        (6, "সকাল ৬:০০"),
        (12, "দুপুর ১২:০০"),
        (15, "বিকেল ৩:০০"),
        (18, "সন্ধ্যা ৬:০০"),
        (20, "রাত ৮:০০"),
    ],
)
def test_a_time_names_its_part_of_the_day(hour: int, written: str) -> None:
    assert bengali_time(datetime.fromisoformat(f"2026-11-23T{hour:02d}:00:00+06:00")) == written


@pytest.mark.parametrize(
    ("age", "written"),
    [
        (timedelta(seconds=20), "এইমাত্র"),
        (timedelta(minutes=5, seconds=59), "৫ মিনিট আগে"),
        (timedelta(hours=23, minutes=59), "২৩ ঘণ্টা আগে"),
        (timedelta(days=6), "৬ দিন আগে"),
        (timedelta(days=7), "১৬ নভেম্বর ২০২৬"),
        (timedelta(days=-2), "২৫ নভেম্বর ২০২৬"),
    ],
)
def test_an_age_becomes_a_date_after_a_week_and_in_the_future(age: timedelta, written: str) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert bengali_age(now - age, now) == written


def test_a_day_is_a_day_in_no_zone() -> None:
    assert bengali_date(date(2024, 2, 29)) == "২৯ ফেব্রুয়ারি ২০২৪"
