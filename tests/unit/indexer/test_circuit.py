"""How long the index is left alone after failures."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.indexer.circuit import FIRST_WAIT, LONGEST_WAIT, waiting_time


def test_it_begins_with_half_a_second_and_doubles() -> None:
    waits = [waiting_time(failures, jitter=0.0).total_seconds() for failures in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30]


@given(failures=st.integers(min_value=1, max_value=10**9), jitter=st.floats(min_value=0, max_value=0.25))
def test_it_never_waits_longer_than_the_longest_and_a_quarter(failures: int, jitter: float) -> None:
    assert FIRST_WAIT <= waiting_time(failures, jitter=jitter) <= LONGEST_WAIT * 1.25


@given(failures=st.integers(min_value=1, max_value=100))
def test_more_failures_never_wait_less(failures: int) -> None:
    assert waiting_time(failures + 1, jitter=0.0) >= waiting_time(failures, jitter=0.0)


def test_jitter_spreads_probes() -> None:
    assert waiting_time(1, jitter=0.2) == timedelta(seconds=0.6)
