"""Normalisation: two ways of writing become one, what differs stays apart, every character can be traced."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.bengali.normalize import normalize, normalize_with_offsets
from tests.support.bengali_cases import OTHER_TEXT, SAME_TEXT


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in SAME_TEXT], ids=[pair[0] for pair in SAME_TEXT])
def test_two_ways_of_writing_become_one(one: str, other: str) -> None:
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(("one", "other"), OTHER_TEXT)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert normalize(one) != normalize(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.bdnews24.com", "www.bdnews24.com"),
        ("covid-19", "covid-19"),
        ("https://example.org/a_b?c=d&e", "https://example.org/a_b?c=d&e"),
        ("৳৫০০", "৳500"),
        ("৭:৩০", "7:30"),
        ("মহাসচিব:", "মহাসচিব:"),
        ("সময়: ৭:০০", "সম\u09df: 7:00"),
        ("৩.৫%", "3.5%"),
        ("“আলো” – ‘আঁধার’", "“আলো” – ‘আঁধার’"),
        ("মন: শান্ত", "মন: শান্ত"),
        ("সামনে:পেছনে", "সামনে:পেছনে"),
        ("উদ্‌বোধন", "উদ্বোধন"),
        ("আল্লাহ্", "আল্লাহ্"),
        ("", ""),
        (" \n\t", " \n\t"),
    ],
)
def test_what_carries_meaning_survives(text: str, expected: str) -> None:
    assert normalize(text) == expected


def test_the_canonical_form_is_composed_and_never_nfc() -> None:
    assert normalize("বাড়ি সময় আষাঢ়") == "বা\u09dcি সম\u09df আষা\u09dd"
    assert unicodedata.normalize("NFC", normalize("সময়")) != normalize("সময়")


# Random text that meets the rules often: Bengali signs in any order, invisible characters, words with a visarga, other
# scripts whose marks combine, and anything at all.
BENGALI = st.characters(min_codepoint=0x0980, max_codepoint=0x09FF)
TROUBLE = st.sampled_from(list("\u200c\u200d\u200b\ufeff\u00ad\u09bc\u09cd\u0981\u0983\u09be\u09c7\u09d7\u09f5তযবরঅ: "))
FRAGMENTS = st.sampled_from(
    ["দু:খ", "পুন:", "নি:", "অত:", "ত\u09cd\u200d", "র\u200d\u09cd", "covid-19", "\u1100\u1161\u11a8", "\ufdfa"]
)
MARKS = st.characters(categories=["Mn", "Mc", "Me"])
ANYTHING = st.characters()
TEXTS = st.lists(st.one_of(BENGALI, TROUBLE, FRAGMENTS, MARKS, ANYTHING), max_size=25).map("".join)


@settings(max_examples=600)
@given(TEXTS)
@example("\u09fe\u09f5")
@example("ক\u09f5\u09fe\u0301")
@example("a\u0327\u09bc\u0301")
@example("ক¨ি")
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@settings(max_examples=400)
@given(TEXTS)
@example("মধে৵ র‍্যাব")
@example("\u200bঢাকা\u200d \u200c")
def test_every_character_knows_where_it_comes_from(text: str) -> None:
    normalized, offsets = normalize_with_offsets(text)
    assert normalized == normalize(text)
    assert len(offsets) == len(normalized)
    spans = list(offsets)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
    for (start, end), (next_start, next_end) in pairwise(spans):
        assert start <= next_start
        assert end <= next_end
        # Nothing visible is left out between two neighbours.
        assert normalize(text[end:next_start]) == ""


@given(TEXTS)
def test_each_word_of_the_original_normalises_to_its_part_of_the_result(text: str) -> None:
    normalized, offsets = normalize_with_offsets(text)
    position = 0
    for word in normalized.split():
        start = normalized.index(word, position)
        position = start + len(word)
        first, last = offsets.span(start, position)
        assert word in normalize(text[first:last])
        assert offsets[start][0] == first


def test_an_inserted_joiner_belongs_to_the_word_around_it() -> None:
    text = "ঢাকায় র\u200d\u09cd\u09afাব অভিযান"
    normalized, offsets = normalize_with_offsets(text)
    start = normalized.index("র্যাব")
    assert text[slice(*offsets.span(start, start + len("র্যাব")))] == "র\u200d\u09cd\u09afাব"
