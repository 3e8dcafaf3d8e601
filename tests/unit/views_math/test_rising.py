"""What the rising score says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.views.rising import rising_score


def test_an_article_that_is_read_as_ever_neither_rises_nor_falls() -> None:
    # Steady traffic fills a decayed counter in proportion to its half-life.
    assert rising_score(20.0, 120.0, None, fast_share=1 / 6) == pytest.approx(1.0)


def test_the_site_waking_up_makes_nobody_rise() -> None:
    assert rising_score(60.0, 120.0, None, fast_share=1 / 2) == pytest.approx(1.0)


@given(st.floats(60, 7 * 86_400))
def test_an_article_read_evenly_since_its_publication_is_as_expected_at_any_age(age: float) -> None:
    fast = 100 * (1 - 2 ** (-age / 3_600))
    slow = 600 * (1 - 2 ** (-age / 21_600))

    assert rising_score(fast, slow, age, fast_share=1 / 6) == pytest.approx(1.0)


def test_three_views_more_do_not_lift_a_small_article_to_the_top() -> None:
    small, large = rising_score(5.0, 5.0, None, 1 / 6), rising_score(500.0, 500.0, None, 1 / 6)

    assert small < 2.1
    assert large > 5.5


@pytest.mark.parametrize("age", [-3_600.0, 0.0, 59.0])
def test_an_article_from_the_future_counts_as_a_minute_old(age: float) -> None:
    assert rising_score(9.0, 9.0, age, 1 / 6) == rising_score(9.0, 9.0, 60.0, 1 / 6)
