"""The harness itself: its measures against figures worked out by hand, its baseline against Lucene's known terms."""

import math

import numpy as np
import pytest

from bench.relevance.lucene_bengali import lucene_bengali
from bench.relevance.metrics import measure, paired_difference


def test_measures_of_a_perfect_list() -> None:
    assert measure(["a", "b", "c"], {"a": 3, "b": 1}) == (1.0, 1.0, 1.0)


def test_measures_of_a_list_that_begins_wrong() -> None:
    ndcg, mrr, recall = measure(["x", "b"], {"a": 2, "b": 1})

    assert ndcg == pytest.approx((1 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert mrr == 0.5
    assert recall == 0.5


def test_measures_of_an_empty_list() -> None:
    assert measure([], {"a": 1}) == (0.0, 0.0, 0.0)


def test_what_comes_after_the_tenth_place_counts_for_recall_alone() -> None:
    assert measure([f"x{n}" for n in range(10)] + ["a"], {"a": 1}) == (0.0, 0.0, 1.0)


def test_a_clear_difference_has_an_interval_without_zero() -> None:
    worse = np.zeros((200, 3))
    better = worse.copy()
    better[::2, 0] = 0.5

    difference = paired_difference(better, worse)

    assert difference.mean == pytest.approx(0.25)
    assert difference.is_clear
    assert not paired_difference(worse, worse).is_clear


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        # Executed with Lucene: three terms for one city, and a reph that eats the letter below it.
        ("ঢাকা ঢাকার ঢাকায়", ["ঢাক", "ঢাকার", "ঢাকায়"]),
        ("নির্বাচন", ["নিররাচন"]),
        ("শাল সাল", ["সাল", "সাল"]),
        ("কক্ষ", ["কক্স"]),
        ("দুঃখ", ["দুখখ"]),
        ("২০২৪ সালে", ["2024", "সা"]),
        ("শিক্ষার্থী শিক্ষার্থীদের", ["সিক্সার্থ", "সিক্সার্থি"]),
    ],
)
def test_the_lucene_chain_gives_lucenes_terms(text: str, terms: list[str]) -> None:
    assert lucene_bengali(text) == [term.replace("\u09af\u09bc", "\u09df") for term in terms]
