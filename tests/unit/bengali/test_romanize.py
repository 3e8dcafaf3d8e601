"""Words in Latin letters find the Bengali words of an index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.lexicon import known_words
from shared.bengali.normalize import normalize
from shared.bengali.romanize import RomanizedVocabulary, skeleton
from shared.bengali.verb_forms import verb_forms

# As readers type, not as a transliteration scheme has it. The first list was looked at while the costs were set.
LOOKED_AT = """
protibad প্রতিবাদ|shikkha শিক্ষা|sikkha শিক্ষা|sastho স্বাস্থ্য|shasthyo স্বাস্থ্য|orthoniti অর্থনীতি|rajniti রাজনীতি|rajneeti রাজনীতি
mulyosfiti মূল্যস্ফীতি|durniti দুর্নীতি|bidesh বিদেশ|antorjatik আন্তর্জাতিক|juddho যুদ্ধ|rashia রাশিয়া|ukrain ইউক্রেন|bharot ভারত
pakistan পাকিস্তান|mayanmar মিয়ানমার|rohingya রোহিঙ্গা|sylhet সিলেট|khulna খুলনা|barishal বরিশাল|chhatro ছাত্র|satro ছাত্র
bishwobidyaloy বিশ্ববিদ্যালয়|porikkha পরীক্ষা|fol ফল|bekar বেকার|chakri চাকরি|beton বেতন|poshak পোশাক|sromik শ্রমিক|krishok কৃষক
dhan ধান|piyaj পেঁয়াজ|dam দাম|bajet বাজেট|bank ব্যাংক|rin ঋণ|adalot আদালত|mamla মামলা|greptar গ্রেপ্তার|hotya হত্যা
sorok সড়ক|durghotona দুর্ঘটনা|agun আগুন|jhor ঝড়|bhumikompo ভূমিকম্প|shit শীত|abohaoya আবহাওয়া|trump ট্রাম্প|putin পুতিন
football ফুটবল|biswakap বিশ্বকাপ|cinema সিনেমা|nirbachon নির্বাচন|brishti বৃষ্টি|bidyut বিদ্যুৎ|chottogram চট্টগ্রাম|dengue ডেঙ্গু
"""

NOT_LOOKED_AT = """
upodeshta উপদেষ্টা|montronaloy মন্ত্রণালয়|songskar সংস্কার|shongshod সংসদ
songbidhan সংবিধান|bicharpoti বিচারপতি|hortal হরতাল|oborodh অবরোধ|michil মিছিল
somabesh সমাবেশ|netakormi নেতাকর্মী|odhikar অধিকার|nari নারী|shishu শিশু
chikitsa চিকিৎসা|daktar ডাক্তার|tika টিকা|mrittu মৃত্যু|nihoto নিহত|ahoto আহত
uddhar উদ্ধার|nodi নদী|setu সেতু|metrorail মেট্রোরেল|biman বিমান|train ট্রেন
gas গ্যাস|tel তেল|roptani রপ্তানি|probashi প্রবাসী|remittance রেমিট্যান্স
shikkhok শিক্ষক|bhasha ভাষা|gan গান|natok নাটক|chalachchitra চলচ্চিত্র
khelowar খেলোয়াড়|odhinayok অধিনায়ক|tamim তামিম|iqbal ইকবাল|mushfiq মুশফিক
argentina আর্জেন্টিনা|brazil ব্রাজিল|japan জাপান|chin চীন|iran ইরান
jatisongho জাতিসংঘ|projukti প্রযুক্তি|mobile মোবাইল|internet ইন্টারনেট
churi চুরি|kormokorta কর্মকর্তা|nirapotta নিরাপত্তা|simanto সীমান্ত
sondhya সন্ধ্যা|jagoron জাগরণ|swadhinota স্বাধীনতা|ghurnijhor ঘূর্ণিঝড়
"""

PHRASES = """
desh bachate niropekkho nirbachon → দেশ বাঁচাতে নিরপেক্ষ নির্বাচন
khaleda zia mrittu → খালেদা জিয়া মৃত্যু
prodhan upodeshtar bhashon → প্রধান উপদেষ্টা ভাষণ
dhakar janjot → ঢাকা যানজট
jukto rashtrer prosident → যুক্তরাষ্ট্র প্রেসিডেন্ট
ilish macher dam → ইলিশ মাছ দাম
bidyut bill baki → বিদ্যুৎ বিল বাকি
teesta nodir pani bonton → তিস্তা নদী পানি বণ্টন
"""


def spelled(lines: str) -> list[tuple[str, str]]:
    return [
        (latin, normalize(word))
        for pair in lines.strip().replace("\n", "|").split("|")
        for latin, word in [pair.split()]
    ]


def read(lines: str) -> list[tuple[list[str], list[str]]]:
    return [
        (latin.split(), normalize(words).split())
        for line in lines.strip().splitlines()
        for latin, words in [line.split(" → ")]
    ]


@pytest.fixture(scope="module")
def vocabulary() -> RomanizedVocabulary:
    """The words looked for among some 10,000 others."""
    terms = dict.fromkeys([*known_words(), *verb_forms()], 3)
    terms.update((word, 50) for _, word in spelled(LOOKED_AT) + spelled(NOT_LOOKED_AT))
    terms.update((word, 50) for _, words in read(PHRASES) for word in words)
    terms.update({"bnp": 400, "who": 30})
    return RomanizedVocabulary(terms.items())


@pytest.mark.parametrize("pairs", [spelled(LOOKED_AT), spelled(NOT_LOOKED_AT)], ids=["looked at", "not looked at"])
def test_most_words_are_read_right_at_once(vocabulary: RomanizedVocabulary, pairs: list[tuple[str, str]]) -> None:
    found = [[candidate.term for candidate in vocabulary.candidates(latin, 5)] for latin, _ in pairs]
    first = sum(terms[:1] == [word] for terms, (_, word) in zip(found, pairs, strict=True))
    among_five = sum(word in terms for terms, (_, word) in zip(found, pairs, strict=True))
    assert first >= 0.8 * len(pairs)
    assert among_five >= 0.9 * len(pairs)


def test_most_phrases_are_read_right_at_once(vocabulary: RomanizedVocabulary) -> None:
    right = 0
    for latin, words in read(PHRASES):
        readings = vocabulary.read_phrase(latin, 3)
        right += [reading.candidates[0].term if reading.candidates else "" for reading in readings] == words
    assert right >= 0.6 * len(read(PHRASES))


@pytest.mark.parametrize(
    ("bengali", "spellings"),
    [
        ("নির্বাচন", "nirbachon nirbachan nirbacon nirbaachon"),
        ("শিক্ষা", "shikkha sikkha siksha"),
        ("স্বাধীন", "shadhin swadhin sadhin"),
        ("ভাষা", "bhasha vasha vasa"),
        ("যুদ্ধ", "juddho zuddho juddha"),
        ("জ্ঞান", "gyan ggan"),
    ],
)
def test_spellings_of_a_word_share_its_skeleton(bengali: str, spellings: str) -> None:
    assert {skeleton(latin) for latin in spellings.split()} == {skeleton(normalize(bengali))}


def vocabulary_of(**frequencies: int) -> RomanizedVocabulary:
    return RomanizedVocabulary((normalize(term), frequency) for term, frequency in frequencies.items())


def test_two_words_that_the_index_has_as_one_are_read_as_one() -> None:
    vocabulary = vocabulary_of(যুক্তরাষ্ট্র=900, যুক্ত=80, রাষ্ট্র=120)
    (reading,) = vocabulary.read_phrase(["jukto", "rashtro"], 1)
    assert (reading.start, reading.end) == (0, 2)
    assert reading.candidates[0].term == "যুক্তরাষ্ট্র"


def test_two_words_that_the_index_has_apart_more_often_stay_apart() -> None:
    vocabulary = vocabulary_of(শেয়ারবাজার=5, শেয়ার=80, বাজার=900)
    readings = vocabulary.read_phrase(["sheyar", "bazar"], 1)
    assert [reading.candidates[0].term for reading in readings] == normalize("শেয়ার বাজার").split()


def test_an_ending_on_a_name_is_read_too(vocabulary: RomanizedVocabulary) -> None:
    assert vocabulary.candidates("argentinar", 1)[0].term == "আর্জেন্টিনা"
    assert vocabulary.candidates("nirbachoner", 1)[0].term == "নির্বাচন"


def test_a_vocabulary_grows_and_frequencies_follow() -> None:
    vocabulary = vocabulary_of(বান=2)
    vocabulary.add([("বাণ", 900), ("nato", 3)])
    assert [candidate.term for candidate in vocabulary.candidates("ban", 2)] == ["বাণ", "বান"]
    vocabulary.add([("বান", 90_000)])
    assert [candidate.frequency for candidate in vocabulary.candidates("ban", 2)] == [90_000, 900]
    assert "nato" in vocabulary


def test_frequency_decides_between_words_that_sound_alike() -> None:
    common = RomanizedVocabulary([("বান", 2), ("বাণ", 900)])
    assert common.candidates("ban", 2)[0].term == "বাণ"


def test_latin_words_of_the_index_are_known(vocabulary: RomanizedVocabulary) -> None:
    assert "bnp" in vocabulary
    assert "nato" not in vocabulary


@pytest.mark.parametrize("word", ["", "2024", "covid-19", "ঢাকা", "é", "a" * 100, "xqxqx", "'"])
def test_nothing_is_guessed_for_what_is_no_latin_word(vocabulary: RomanizedVocabulary, word: str) -> None:
    assert vocabulary.candidates(word, 5) == []


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=15), st.integers(0, 6))
def test_candidates_come_in_order_and_no_more_than_asked(
    vocabulary: RomanizedVocabulary, word: str, limit: int
) -> None:
    candidates = vocabulary.candidates(word, limit)
    assert len(candidates) <= limit
    assert [c.distance for c in candidates] == sorted(c.distance for c in candidates)
    assert len({c.term for c in candidates}) == len(candidates)
