"""Bounds of a search as readers type them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.time_bounds import read_bound


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-11-07", "2024-11-07T00:00:00+06:00", "2024-11-08T00:00:00+06:00"),
        ("২০২৪-১১-০৭", "2024-11-07T00:00:00+06:00", "2024-11-08T00:00:00+06:00"),
        ("2024-12", "2024-12-01T00:00:00+06:00", "2025-01-01T00:00:00+06:00"),
        ("২০২৪", "2024-01-01T00:00:00+06:00", "2025-01-01T00:00:00+06:00"),
        ("৭ নভেম্বর ২০২৪", "2024-11-07T00:00:00+06:00", "2024-11-08T00:00:00+06:00"),
        ("2024-11-07T07:00:00Z", "2024-11-07T07:00:00+00:00", "2024-11-07T07:00:00+00:00"),
        # What an unescaped plus becomes on its way.
        ("2024-11-07T07:00:00 06:00", "2024-11-07T07:00:00+06:00", "2024-11-07T07:00:00+06:00"),
    ],
)
def test_days_belong_to_the_range_that_they_end_and_times_are_exact(text: str, start: str, end: str) -> None:
    assert read_bound(text, end=False) == datetime.fromisoformat(start)
    assert read_bound(text, end=True) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    "text",
    ["", "গতকাল", "2024-11-07T07:00:00", "2024-02-30", "2024..2025", "0001-01-01T00:00:00Z", "9999-12-31", "1730937600"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        read_bound(text, end=False)


@given(st.text(max_size=40))
def test_any_text_is_a_bound_or_refused(text: str) -> None:
    try:
        assert read_bound(text, end=True).tzinfo is not None
    except ValueError as error:
        assert str(error)  # noqa: PT017 - most texts are refused, and that is right
