"""What `date:` in a query names."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.date_lines import DHAKA
from shared.bengali.dates import parse_date_range

NOW = datetime(2024, 11, 7, 12, 0, tzinfo=DHAKA)


def day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), DHAKA)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("২০২৪", "2024-01-01", "2025-01-01"),
        ("২০২৪ সাল", "2024-01-01", "2025-01-01"),
        ("2024-11", "2024-11-01", "2024-12-01"),
        ("২০২৪-১২", "2024-12-01", "2025-01-01"),
        ("১১/২০২৪", "2024-11-01", "2024-12-01"),
        ("নভেম্বর ২০২৪", "2024-11-01", "2024-12-01"),
        ("ফেব্রুয়ারী ২০২৪", "2024-02-01", "2024-03-01"),
        ("২০২৪ সালের নভেম্বর", "2024-11-01", "2024-12-01"),
        ("november 2024", "2024-11-01", "2024-12-01"),
        ("2024-11-07", "2024-11-07", "2024-11-08"),
        ("৭/১১/২০২৪", "2024-11-07", "2024-11-08"),
        ("৭ নভেম্বর ২০২৪", "2024-11-07", "2024-11-08"),
        ("২২ কার্তিক ১৪৩১", "2024-11-07", "2024-11-08"),
        ("কার্তিক ১৪৩১", "2024-10-17", "2024-11-16"),
        ("১৪৩১ বঙ্গাব্দ", "2024-04-14", "2025-04-14"),
        ("2024-11..2024-12", "2024-11-01", "2025-01-01"),
        ("২০২৪-১১-০৭..২০২৪-১১-০৭", "2024-11-07", "2024-11-08"),
        ("নভেম্বর ২০২৪ থেকে জানুয়ারি ২০২৫", "2024-11-01", "2025-02-01"),
        ("2023…2024", "2023-01-01", "2025-01-01"),
        ("আজ", "2024-11-07", "2024-11-08"),
        ("গতকাল", "2024-11-06", "2024-11-07"),
        ("গতকাল..আজ", "2024-11-06", "2024-11-08"),
    ],
)
def test_names_a_half_open_interval_in_dhaka(text: str, first: str, after: str) -> None:
    assert parse_date_range(text, now=NOW) == (day(first), day(after))


def test_one_side_may_be_open() -> None:
    assert parse_date_range("২০২৪..") == (day("2024-01-01"), None)
    assert parse_date_range("..2024-11") == (None, day("2024-12-01"))


@pytest.mark.parametrize(
    "text",
    [
        "", "..", "...", "শব্দ", "24", "2024-13", "2024-02-30", "1431", "0000", "2500", "2024..2023", "1..2..3",
        "2024-11-07T10:00", "৭ নভেম্বর", "৭ নভেম্বর ২০২৪ ঢাকা", "৩১ চৈত্র ১৪৩১", "আজ", "কার্তিক ১২৯৯", "2024 " * 50,
    ],
)  # fmt: skip
def test_anything_else_names_no_date(text: str) -> None:
    assert parse_date_range(text) is None


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_a_day_is_inside_its_month_and_its_year(some_day: date) -> None:
    start, end = parse_date_range(some_day.isoformat()) or (None, None)
    assert start == day(some_day.isoformat())
    assert end is not None
    assert start is not None
    assert end.date() - start.date() == timedelta(days=1)
    for wider in (f"{some_day:%Y-%m}", str(some_day.year)):
        first, after = parse_date_range(wider) or (None, None)
        assert first is not None
        assert after is not None
        assert first <= start < end <= after


@given(st.text(st.sampled_from("০২৪-/. 2014নভেম্বরকার্তিক থেকেto"), max_size=60))
def test_any_text_is_answered(text: str) -> None:
    found = parse_date_range(text, now=NOW)
    if found is not None and None not in found:
        assert found[0] < found[1]  # type: ignore[operator] # None is ruled out above
