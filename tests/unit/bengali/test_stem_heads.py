"""A quick look at where words may begin must not miss any: what it passes over is never marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.analyzer import analyze, index_stem
from shared.bengali.letters import (
    CURRENCY_NUMERATOR_TWO,
    HASANTA,
    LETTERS,
    NUKTA,
    SYLLABLE_SIGNS,
    VOWEL_SIGNS,
    ZERO_WIDTH_JOINER,
)
from shared.bengali.stem_heads import places_of_heads
from shared.bengali.verb_forms import verb_forms
from shared.search.pieces import pieces_of, pieces_with_one_of

ZERO_WIDTH_NON_JOINER = "\u200c"
# Letters often enough for words, and whatever else a keyboard, a font converter or a web page leaves in them.
CHARACTERS = st.one_of(
    st.sampled_from(LETTERS),
    st.sampled_from(VOWEL_SIGNS + SYLLABLE_SIGNS + HASANTA + NUKTA),
    st.sampled_from(ZERO_WIDTH_JOINER + ZERO_WIDTH_NON_JOINER + CURRENCY_NUMERATOR_TWO + "\u09f0\u09f1\u09fe\u09f7"),
    st.sampled_from("০৯09aZéİß𝐀ﬁ①٣ক"),
    st.sampled_from("  \n\u00a0-'’“.,:।—_@"),
)
TEXTS = st.text(CHARACTERS, max_size=40)


def assert_found(text: str) -> None:
    for piece in pieces_of(text):
        for word in piece.words:
            assert piece in list(pieces_with_one_of(text, frozenset({word.stem}))), (text, word)


@given(TEXTS)
def test_no_word_is_passed_over_however_it_is_written(text: str) -> None:
    assert_found(text)


@given(st.text(max_size=20))
def test_nor_in_any_other_script(text: str) -> None:
    assert_found(text)


def test_no_form_of_a_verb_is_passed_over() -> None:
    for form in verb_forms():
        assert list(places_of_heads(form, frozenset({index_stem(form)}))) == [0], form


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("নদীর পানি উঠেছে সড়কে", "ওঠা"),
        ("নদীর ওপর নতুন সেতু", "নদী"),
        ("জায\u09bcগা খালি নেই", "জায়গা"),
        ("সাবেক ৰাষ্ট্রদূত", "রাষ্ট্রদূত"),
        ("আজ ১২ জন", "12"),
        ("এবার FIFA বিশ্বকাপ", "fifa"),
        ("সকাল-সন্ধ্যা হরতাল", "সন্ধ্যা"),
    ],
)
def test_words_of_a_query_are_found_in_a_text(text: str, query: str) -> None:
    stems = frozenset(analyze(query).stems)
    found = {word.stem for piece in pieces_with_one_of(text, stems) for word in piece.words}

    assert found & stems


def test_most_other_words_are_passed_over() -> None:
    text = "পদ্মায় ফেরি চলাচল বন্ধ থাকায় দুই পারে কয়েক শ গাড়ি আটকা পড়েছে, যাত্রীরা পড়েছেন দুর্ভোগে।"

    assert [piece.words[0].stem for piece in pieces_with_one_of(text, frozenset({"ফেরি"}))] == ["ফেরি"]
