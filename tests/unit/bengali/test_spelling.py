"""Did you mean: misspelt words become words of the index, in whole queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.normalize import normalize
from shared.bengali.spelling import SpellingVocabulary
from shared.bengali.spelling_distance import spelling_distance, spelling_key

WORDS = """নির্বাচন নির্বাচনের নির্বাচনী শিক্ষার্থী শিক্ষার্থীরা মন্ত্রণালয় সরকার সরকারি সংস্কার বাংলাদেশ ব্যাংক শহীদ মিনার দুর্নীতি দুর্ঘটনা সড়ক কারণ
ভূমিকম্প মূল্যস্ফীতি পরিস্থিতি বিশ্ববিদ্যালয় হাসপাতাল চিকিৎসা গ্রেপ্তার আদালত প্রতিবাদ রাষ্ট্রপতি উপদেষ্টা জাতীয় সংসদ ঘূর্ণিঝড় বন্যা পানি বৃষ্টি
সাফল্য সম্মেলন পেঁয়াজ রপ্তানি প্রবাসী জেলা উপজেলা সন্ত্রাস প্রধানমন্ত্রী শেয়ারবাজার কর্মকর্তা স্থগিত শোকাচ্ছন্ন বিদ্যুৎ জাদুঘর যাত্রী"""


@pytest.fixture(scope="module")
def vocabulary() -> SpellingVocabulary:
    frequencies = dict.fromkeys(normalize(WORDS).split(), 60)
    frequencies.update(
        {
            "নির্বাচন": 4_000,
            "নির্বাচনের": 900,
            "সরকার": 9_000,
            "সরকারি": 2_500,
            "নিরবাচন": 3,
            "শিখ": 40,
            "dhaka": 300,
            "bnp": 700,
        }
    )
    return SpellingVocabulary(frequencies.items())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("শিক্ষার্থি", "শিক্ষার্থী"),
        ("মন্ত্রনালয়", "মন্ত্রণালয়"),
        ("মুল্যস্ফিতি", "মূল্যস্ফীতি"),
        ("ভুমিকম্প", "ভূমিকম্প"),
        ("দূর্নীতি", "দুর্নীতি"),
        ("শহিদ", "শহীদ"),
        ("সংষ্কার", "সংস্কার"),
        ("কারন", "কারণ"),
        ("পরিস্থীতি", "পরিস্থিতি"),
        ("গ্রেফতার", "গ্রেপ্তার"),
        ("ঘুর্নিঝড়", "ঘূর্ণিঝড়"),
        ("নিরবাচনের", "নির্বাচনের"),
        ("সফল্য", "সাফল্য"),
        ("সম্মেন", "সম্মেলন"),
        ("হাসাপাতাল", "হাসপাতাল"),
        ("আদালাত", "আদালত"),
        ("উপদেস্টা", "উপদেষ্টা"),
        ("স্থগীত", "স্থগিত"),
        ("যাদুঘর", "জাদুঘর"),
        ("পেয়াজ", "পেঁয়াজ"),
        ("রফতানি", "রপ্তানি"),
        ("চিকিৎশা", "চিকিৎসা"),
    ],
)
def test_a_slip_is_put_right(vocabulary: SpellingVocabulary, typed: str, meant: str) -> None:
    assert vocabulary.correct(typed) == normalize(meant)


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("জাতীয় নির্বাচণের তফসিল", "জাতীয় নির্বাচনের তফসিল"),
        ("“মন্ত্রনালয়” -সরকার ২০২৪", "“মন্ত্রণালয়” -সরকার ২০২৪"),
        ("title:শিক্ষার্থি OR প্রবাশী", "title:শিক্ষার্থী OR প্রবাসী"),
        ("সড়ক-দূর্ঘটনা নিয়ে সংষ্কার", "সড়ক-দুর্ঘটনা নিয়ে সংস্কার"),
        ("বাংলাদেশব্যাংক", "বাংলাদেশ ব্যাংক"),
    ],
)
def test_a_whole_query_comes_back(vocabulary: SpellingVocabulary, query: str, corrected: str) -> None:
    answer = vocabulary.correct(query)
    assert answer is not None
    assert normalize(answer) == normalize(corrected)


@pytest.mark.parametrize(
    "query",
    [
        "নির্বাচন",
        "নির্বাচনে সরকারের প্রতিবাদ",  # inflected forms that the index does not hold
        "শিখ",  # rare, and far enough from anything common
        "dhaka bnp 2024",
        "কখগঘ",
        "২০২৪",
        "",
        "\u200d্",
        "ক" * 500,
    ],
)
def test_what_is_right_or_beyond_help_stays(vocabulary: SpellingVocabulary, query: str) -> None:
    assert vocabulary.correct(query) is None


def test_a_common_slip_gives_way_to_a_far_more_common_word(vocabulary: SpellingVocabulary) -> None:
    assert vocabulary.correct("নিরবাচন") == "নির্বাচন"


def test_suggestions_come_nearest_first(vocabulary: SpellingVocabulary) -> None:
    suggestions = vocabulary.suggestions("নির্বাচণী", 3)
    assert suggestions[0].term == "নির্বাচনী"
    assert len(suggestions) <= 3


def test_a_vocabulary_grows() -> None:
    vocabulary = SpellingVocabulary()
    assert vocabulary.correct("শিক্ষার্থি") is None
    vocabulary.add([("শিক্ষার্থী", 10)])
    assert vocabulary.correct("শিক্ষার্থি") == "শিক্ষার্থী"


def test_the_usual_slips_cost_less_than_others() -> None:
    usual = spelling_distance("মন্ত্রনালয়", "মন্ত্রণালয়")
    dropped_hasanta = spelling_distance("নিরবাচন", "নির্বাচন")
    other = spelling_distance("মন্ত্রকালয়", "মন্ত্রণালয়")
    assert 0 < usual < dropped_hasanta < other


BENGALI_WORDS = st.text(st.sampled_from("কখতটণনশষসজযরমািীুূে্ঁংো"), max_size=9)


@given(BENGALI_WORDS, BENGALI_WORDS)
def test_the_distance_is_symmetric_and_zero_only_for_the_same(one: str, other: str) -> None:
    distance = spelling_distance(one, other)
    assert distance == pytest.approx(spelling_distance(other, one))
    assert (distance == 0) == (one == other)


@given(BENGALI_WORDS)
def test_words_that_sound_alike_share_a_key(word: str) -> None:
    slipped = word.translate(str.maketrans("ীূণষযঁ", "িুনসজঁ"))
    assert spelling_key(slipped) == spelling_key(word)
