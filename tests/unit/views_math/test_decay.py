"""Forward decay in the log2 domain: counts there and back, and whose clock is believed."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.views.decay import (
    EPOCH,
    decayed_count,
    negligible_score,
    score_of,
    view_time,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HALF_LIVES = st.sampled_from([3_600.0, 21_600.0, 86_400.0, 604_800.0])


@given(count=st.floats(0.001, 1e9), half_life=HALF_LIVES)
def test_a_count_survives_being_stored(count: float, half_life: float) -> None:
    assert decayed_count(score_of(count, half_life, NOW), half_life, NOW) == pytest.approx(count, rel=1e-10)


def test_a_count_halves_with_each_half_life() -> None:
    score = score_of(8.0, 3_600.0, NOW)

    assert decayed_count(score, 3_600.0, NOW + timedelta(hours=3)) == pytest.approx(1.0)


@pytest.mark.parametrize("later", [timedelta(days=36_500), -timedelta(days=36_500)])
def test_a_broken_clock_raises_nothing(later: timedelta) -> None:
    count = decayed_count(score_of(1.0, 3_600.0, NOW), 3_600.0, NOW + later)

    assert math.isfinite(count)


def test_what_is_negligible_is_a_twentieth_of_a_view() -> None:
    assert decayed_count(negligible_score(3_600.0, NOW), 3_600.0, NOW) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("age", "expected_age", "in_windows"),
    [
        (timedelta(), timedelta(), True),
        (-timedelta(seconds=4), -timedelta(seconds=4), True),
        (-timedelta(seconds=6), -timedelta(seconds=5), True),
        (-timedelta(days=900), -timedelta(seconds=5), True),
        (timedelta(days=14), timedelta(days=14), True),
        (timedelta(days=14, milliseconds=1), timedelta(days=14, milliseconds=1), False),
    ],
)
def test_clocks_are_believed_within_reason(age: timedelta, expected_age: timedelta, in_windows: bool) -> None:
    at_ms = round((NOW - age).timestamp() * 1_000)

    seconds, counts = view_time(at_ms, NOW)

    assert seconds == pytest.approx((NOW - expected_age).timestamp())
    assert counts is in_windows


def test_the_landmark_is_where_the_stored_scores_say() -> None:
    assert datetime.fromtimestamp(EPOCH, UTC) == datetime(2025, 1, 1, tzinfo=UTC), "moving it breaks every stored score"
