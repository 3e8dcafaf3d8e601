from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.ranking import DEFAULT, Recency, final_score, popularity_boost, recency_boost
from shared.search.versions import rank_of

DAY = 86_400
NOW = 1_800_000_000


@pytest.mark.parametrize(("age", "boost"), [(0, 1.0), (2 * DAY, 0.5), (4 * DAY, 0.25), (-5 * DAY, 1.0)])
def test_the_bonus_for_fresh_articles_halves_every_half_life(age: int, boost: float) -> None:
    assert recency_boost(DEFAULT, published=NOW - age, now=NOW) == pytest.approx(boost)


@given(age=st.integers(-(2**40), 2**40), views=st.integers(0, 10**9), text=st.floats(0.01, 100))
def test_age_and_views_raise_the_text_score_within_bounds(age: int, views: int, text: float) -> None:
    popularity = popularity_boost(views)
    score = final_score(text, recency=recency_boost(DEFAULT, published=NOW - age, now=NOW), popularity=popularity)
    assert text <= score <= text * (2 + popularity) * 1.000001


def test_a_doubling_of_the_views_is_worth_five_percent() -> None:
    assert popularity_boost(0) == 0
    assert popularity_boost(2_047) - popularity_boost(1_023) == pytest.approx(0.05)
    assert popularity_boost(-3) == 0


def test_no_amplitude_no_bonus() -> None:
    assert recency_boost(Recency(0.0, timedelta(days=2)), published=NOW, now=NOW) == 0


def test_a_retraction_wins_over_its_own_version_only() -> None:
    assert rank_of(3, retracted=False) < rank_of(3, retracted=True) < rank_of(4, retracted=False)
