"""Stems: inflected forms meet, different words stay apart, words that only look inflected are left whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.lexicon import known_words
from shared.bengali.normalize import normalize
from shared.bengali.noun_endings import ENDINGS, Ending, table_of
from shared.bengali.stem import stem, stem_with
from shared.bengali.verb_forms import verb_forms
from tests.support.bengali_cases import INFLECTED, OTHER_WORDS

LEFT_WHOLE = """সময় সরকার নির্বাচন প্রচার বাজার হাজার পরিবার মন্দির শিবির পুকুর রংপুর গভীর শরীর ডাক্তার পুরস্কার সংসদ সম্পদ কমিটি কারখানা
সাংবাদিক শিক্ষক চেহারা উত্তরা ক্যামেরা দুবাই মুম্বাই ঠাকুরগাঁও এনজিও বিয়ে ছেলে অধিকার গ্রেপ্তার ভোটার ক্রিকেটার কম্পিউটার দায়ের সম্প্রদায় জামায়াত"""

VERBS = """
জানানো: জানিয়েছেন জানায় জানাচ্ছে জানাবে জানানোর
বাড়া: বেড়েছে বাড়ছে বাড়বে বাড়ল বাড়লে
কমানো: কমিয়েছে কমাবে কমাচ্ছে
লেখা: লিখেছেন লেখেন লিখবে লিখছেন
ফেরা: ফিরেছেন ফিরছেন ফিরবে ফেরেন
শোনা: শুনেছি শোনে শুনলেন
দাঁড়ানো: দাঁড়িয়েছে দাঁড়ায় দাঁড়াল
খাওয়া: খেয়েছেন খাচ্ছে খাবে
"""


def groups(text: str) -> list[tuple[str, str]]:
    return [
        (base, form)
        for line in text.strip().splitlines()
        for base, forms in [line.split(": ")]
        for form in forms.split()
    ]


def same(one: str, other: str) -> bool:
    return stem(normalize(one)) == stem(normalize(other))


@pytest.mark.parametrize(("base", "form"), INFLECTED)
def test_an_inflected_form_meets_its_base(base: str, form: str) -> None:
    assert same(base, form)


@pytest.mark.parametrize(("one", "other"), OTHER_WORDS)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("word", LEFT_WHOLE.split())
def test_a_word_that_only_looks_inflected_is_left_whole(word: str) -> None:
    assert stem(normalize(word)) == normalize(word)


@pytest.mark.parametrize(("noun", "form"), groups(VERBS))
def test_a_verb_form_meets_its_verbal_noun(noun: str, form: str) -> None:
    assert stem(normalize(form)) == normalize(noun)


def test_the_commonest_verbs_keep_their_forms() -> None:
    assert stem("করেছেন") == "করেছেন"
    assert not same("করে", "কর")


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.text)
def test_each_ending_has_an_example_that_needs_it(ending: Ending) -> None:
    assert stem(ending.example) == ending.base
    without = table_of(other for other in ENDINGS if other is not ending)
    assert stem_with(without, ending.example) != ending.base


def test_the_lists_are_canonical_and_consistent() -> None:
    assert len(known_words()) > 1_000
    for word in known_words():
        assert normalize(word) == word
        assert stem(word).rstrip("ত") == word.rstrip("ৎত")
    for form, noun in verb_forms().items():
        assert normalize(form) == form
        assert stem(noun) == noun


@pytest.mark.parametrize("word", ["", "ক", "2024", "bnp", "ে", "্", "a" * 500, "ক" * 500])
def test_what_is_not_a_bengali_word_of_usual_length_is_left_alone(word: str) -> None:
    assert stem(word) == word


@given(st.text(st.sampled_from("কতরসমদলনটগগুলোািেীয়ংৎইওঅআ্"), max_size=12).map(normalize))
def test_the_base_of_a_base_is_itself(word: str) -> None:
    assert stem(stem(word)) == stem(word)
