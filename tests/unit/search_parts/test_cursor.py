from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.cursor import decode_cursor, encode_cursor
from shared.search.model import Facet, Sort
from shared.search.ports import CursorError
from tests.support.articles import NOW, search_for

REQUEST = search_for("ঢাকা -বৃষ্টি", categories=("জাতীয়", "খেলা"))
STATE = {"offset": 20, "snapshot": "abc", "after": [1.5, "x", None]}


def test_what_goes_in_comes_out() -> None:
    assert decode_cursor(REQUEST, encode_cursor(REQUEST, STATE)) == STATE


@pytest.mark.parametrize(
    "same",
    [
        replace(REQUEST, limit=99),
        replace(REQUEST, now=NOW + timedelta(hours=1)),
        replace(REQUEST, hottest={"a": 1}),
        replace(REQUEST, facets=frozenset(Facet), explain=True),
        replace(REQUEST, categories=("খেলা", "জাতীয়")),
    ],
)
def test_page_size_clock_and_facets_may_change(same: object) -> None:
    assert decode_cursor(same, encode_cursor(REQUEST, STATE)) == STATE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        search_for("ঢাকা", categories=("জাতীয়", "খেলা")),
        replace(REQUEST, categories=("জাতীয়",)),
        replace(REQUEST, sources=("তাস",)),
        replace(REQUEST, published_from=NOW),
        replace(REQUEST, sort=Sort.NEWEST),
        replace(REQUEST, collapse=True),
    ],
)
def test_another_search_is_refused(other: object) -> None:
    with pytest.raises(CursorError):
        decode_cursor(other, encode_cursor(REQUEST, STATE))  # type: ignore[arg-type]


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.hex())))
def test_whatever_else_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        decode_cursor(REQUEST, cursor)


@given(st.data())
def test_a_changed_letter_is_noticed(data: st.DataObject) -> None:
    cursor = encode_cursor(REQUEST, STATE)
    # The last letter holds bits that decode to nothing.
    at = data.draw(st.integers(0, len(cursor) - 2))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda letter: letter != cursor[at]))
    with pytest.raises(CursorError):
        decode_cursor(REQUEST, cursor[:at] + letter + cursor[at + 1 :])
