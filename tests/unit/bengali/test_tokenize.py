"""Tokens: whole words with their places in the original text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bengali.normalize import normalize
from shared.bengali.tokenize import tokenize


def words(text: str) -> list[str]:
    return [token.surface for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("যুক্তরাষ্ট্রের নির্বাচন", "যুক্তরাষ্ট্রের নির্বাচন"),
        ("বৈঠক শেষে ফিরলেন মন্ত্রী।", "বৈঠক শেষে ফিরলেন মন্ত্রী"),
        ("বৃষ্টি হবে? হবে!", "বৃষ্টি হবে হবে"),
        # Numbers.
        ("১,০০,০০০ টাকা", "100000 টাকা"),
        ("মূল্যস্ফীতি ৯.৫%", "মূল্যস্ফীতি 9.5"),
        ("সকাল ৭:৩০ মিনিট", "সকাল 7 30 মিনিট"),
        ("২০২৪।", "2024"),
        # Endings set apart by a quote or hyphen.
        ("বিএনপি’র কর্মসূচি", "বিএনপি কর্মসূচি"),
        ("বিএনপি'র কর্মসূচি", "বিএনপি কর্মসূচি"),
        ("করোনাভাইরাস-এর টিকা", "করোনাভাইরাস টিকা"),
        ("‘ইত্তেফাক’-এর খবর", "ইত্তেফাক খবর"),
        ("“প্রথম আলো”র সম্পাদক", "প্রথম আলো সম্পাদক"),
        ("২০২৪-এর ভোট", "2024 ভোট"),
        ("৫টি বাস, ১০ই মার্চ, ৩য় দিন", "5 বাস 10 মার্চ 3 দিন"),
        ("COVID-এর টিকা", "covid টিকা"),
        ("Trump’s visit", "trump visit"),
        # An apostrophe for a dropped vowel is no boundary.
        ("দু’টি হ’ল কুর’আন", "দুটি হল কুরআন"),
        ("don’t", "dont"),
        # Compounds: the parts, and the joined form where it helps.
        ("মাদক–বাণিজ্য", "মাদক মাদকবাণিজ্য বাণিজ্য"),
        ("সেমি-ফাইনাল", "সেমি সেমিফাইনাল ফাইনাল"),
        ("covid-19", "covid covid19 19"),
        ("কোভিড১৯", "কোভিড কোভিড19 19"),
        ("জি-২০", "জি জি20 20"),
        ("২-১ গোলে", "2 1 গোলে"),
        ("ক-খ-গ-ঘ", "ক খ গ ঘ"),
        ("বলেছেন—আমরা যাব", "বলেছেন আমরা যাব"),
        ("বি.এন.পি. নেতা", "বি বিএনপি এন পি নেতা"),
        ("যাবেন।তিনি", "যাবেন তিনি"),
        # Silent signs at the end.
        ("মহাসচিবঃ বলেন", "মহাসচিব বলেন"),
        ("আল্লাহ্ মহান", "আল্লাহ মহান"),
        ("মোঃ করিম", "মো করিম"),
        # Latin and other scripts.
        ("bdnews24.com", "bdnews24 com"),
        ("নাসা NASA", "নাসা nasa"),
        ("কফি café", "কফি café"),
        ("नई दिल्ली", "नई दिल्ली"),
        ("الجزيرة", "الجزيرة"),
        # A sign without its letter belongs to no word.
        ("া কথা", "কথা"),
    ],
)
def test_words_of_a_text(text: str, expected: str) -> None:
    assert words(text) == [normalize(word) for word in expected.split()]


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("তবে বিএনপি’র কর্মসূচি", "বিএনপি", "বিএনপি’র"),
        ("আজ র\u200d\u09cd\u09afাবের অভিযান", "র্যাবের", "র\u200d\u09cd\u09afাবের"),
        ("খারাপ সম\u09af\u09bc।", "সম\u09df", "সম\u09af\u09bc"),
        ("“দু:খ” প্রকাশ", "দুঃখ", "দু:খ"),
        ("দাম ১,২০০ টাকা", "1200", "১,২০০"),
        ("মাদক-বাণিজ্য বন্ধ", "মাদকবাণিজ্য", "মাদক-বাণিজ্য"),
        ("মহাসচিবঃ বলেন", "মহাসচিব", "মহাসচিবঃ"),
    ],
)
def test_the_span_is_the_whole_original_word(text: str, word: str, original: str) -> None:
    (token,) = [token for token in tokenize(text) if token.surface == word]
    assert text[token.start : token.end] == original


def test_a_joined_form_stands_at_the_first_part() -> None:
    positions = [(token.surface, token.position) for token in tokenize("বন্ধ মাদক-বাণিজ্য চাই")]
    assert positions == [("বন্ধ", 0), ("মাদক", 1), ("মাদকবাণিজ্য", 1), ("বাণিজ্য", 2), ("চাই", 3)]


PARTS = st.sampled_from(
    [
        *"কতযরবঅ১২ab।,.:-–—'’“”()/ \n",
        "া",
        "ে",
        "্",
        "়",
        "ঁ",
        "ঃ",
        "\u200d",
        "\u200c",
        "\u09f5",
        "é",
        "ঢাকা",
        "এর",
        "র",
        "দু:খ",
        "：",
    ]
)
TEXTS = st.lists(st.one_of(PARTS, st.characters()), max_size=30).map("".join)


@settings(max_examples=500)
@given(TEXTS)
def test_spans_lie_in_the_text_in_order_and_cover_their_word(text: str) -> None:
    tokens = tokenize(text)
    previous = None
    for token in tokens:
        assert token.surface
        assert 0 <= token.start < token.end <= len(text)
        if previous is not None:
            assert (previous.start, previous.position) <= (token.start, token.position)
            assert token.position - previous.position <= 1
        previous = token
        # Whatever was left out of the word (an ending, a joiner, a hyphen), its letters are there, in order.
        letters = iter(normalize(text[token.start : token.end]))
        assert all(character in letters for character in token.surface)


@settings(max_examples=500)
@given(TEXTS)
def test_a_normalised_text_has_the_same_tokens(text: str) -> None:
    assert words(normalize(text)) == words(text)


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_texts_on_two_lines_are_read_apart(one: str, other: str) -> None:
    assert words(f"{one}\n{other}") == words(one) + words(other)
