"""Stems: inflected forms meet, different words stay apart, words that only look inflected are left whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.lexicon import known_words
from shared.bengali.normalize import normalize
from shared.bengali.noun_endings import ENDINGS, Ending, table_of
from shared.bengali.stem import stem, stem_with
from shared.bengali.verb_forms import verb_forms

CONFLATED = """
ঢাকা: ঢাকার ঢাকায় ঢাকাকে ঢাকাতেও ঢাকাসহ
যুক্তরাষ্ট্র: যুক্তরাষ্ট্রের যুক্তরাষ্ট্রকে যুক্তরাষ্ট্রেও
বাংলাদেশ: বাংলাদেশে বাংলাদেশেও বাংলাদেশই বাংলাদেশের বাংলাদেশেরই
হাসিনা: হাসিনাকে হাসিনার
খালেদা: খালেদার
রাজশাহী: রাজশাহীতে রাজশাহীর
চট্টগ্রাম: চট্টগ্রামে চট্টগ্রামসহ
নির্বাচন: নির্বাচনের নির্বাচনে নির্বাচনটি নির্বাচনকে
শিক্ষার্থী: শিক্ষার্থীদের শিক্ষার্থীরা শিক্ষার্থীরাও শিক্ষার্থীদেরকে শিক্ষার্থীর
সরকার: সরকারের সরকারকে সরকারই সরকারেরও
মন্ত্রী: মন্ত্রীর মন্ত্রীদের
প্রধানমন্ত্রী: প্রধানমন্ত্রীকে
বই: বইগুলো বইগুলোর বইয়ের বইটি
গাড়ি: গাড়িটি গাড়িটির গাড়িতে গাড়িগুলোতে
দল: দলটি দলটিকে দলের দলকে দলগুলোকে
মানুষ: মানুষের মানুষকে মানুষদের মানুষই
ক্ষমতা: ক্ষমতায় ক্ষমতার ক্ষমতাকে
ভারত: ভারতের ভারতে
পুলিশ: পুলিশের পুলিশকে
সময়: সময়ে সময়ের সময়টা
হাসপাতাল: হাসপাতালে হাসপাতালগুলোতে
বিদ্যুৎ: বিদ্যুতের বিদ্যুতে বিদ্যুৎকে
ব্যাংক: ব্যাংকগুলোকে ব্যাংকে ব্যাংকের
কৃষক: কৃষকেরা কৃষকদের কৃষকে কৃষকরা
ছাত্রলীগ: ছাত্রলীগের
কোরিয়া: কোরিয়ায় কোরিয়ার
গাজা: গাজায় গাজার গাজাবাসীকে:গাজাবাসী
সড়ক: সড়কে সড়কের সড়কটি
সংসদ: সংসদের সংসদে
পরিষদ: পরিষদের পরিষদে
রাত: রাতে রাতের
অনেক: অনেকে অনেকের
উপায়: উপায়ের উপায়ে
অধ্যায়: অধ্যায়ের
কমিটি: কমিটির কমিটিতে কমিটিগুলো
জুলাই: জুলাইয়ের জুলাইয়ে
ভিডিও: ভিডিওর ভিডিওতে
ছেলে: ছেলের ছেলেকে ছেলেরা ছেলেদের
মেয়ে: মেয়ের মেয়েকে মেয়েরা মেয়েদের মেয়েটির
মা: মায়ের মাকে
বিচার: বিচারের বিচারে
সাক্ষাৎকার: সাক্ষাৎকারে সাক্ষাৎকারের
জগৎ: জগতের জগতে
প্রতিষ্ঠান: প্রতিষ্ঠানসমূহ প্রতিষ্ঠানসমূহের
রং: রংয়ের
"""

APART = """
সরকার সরকাম|কাল কাজ|কাজ কাজী|রাজ রাজা|সময় সম|ভারত ভার|কর কার|হার হারা|পাতা পাত|মাটি মা|বাটি বাটা|ছুটি ছু|মারা মা|তারা তা|জাতি জাত
নীতি নীত|শান্তি শান্ত|বাড়ি বারি|খবর খব|দাবি দাব|আদালত আদাল|মুজিব মুজি|কবি কব|নগর নগ|প্রতি প্রত
আম আমরা|কর করে|চার চা|পার পা|আমির আমি|শিকার শিকা|ক্রিকেটার ক্রিকেট|সংসদ সংস|বিচার বিচা|কারখানা কার|পার্টি পার|কমিটি কম
ভারতে ভার|সাহারা সাহা|চেহারা চেহ|দায়ের দা|শাল সাল|পাড়া পারা|কিল কাল|এসে এস|বাড়ি বাড়া|নাম নামা|হার হারানো|ব্যাংকার ব্যাংক
"""

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
        if ":" not in form
    ]


def same(one: str, other: str) -> bool:
    return stem(normalize(one)) == stem(normalize(other))


@pytest.mark.parametrize(("base", "form"), groups(CONFLATED))
def test_an_inflected_form_meets_its_base(base: str, form: str) -> None:
    assert same(base, form)


@pytest.mark.parametrize("pair", APART.strip().replace("\n", "|").split("|"))
def test_different_words_stay_apart(pair: str) -> None:
    one, other = pair.split()
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
