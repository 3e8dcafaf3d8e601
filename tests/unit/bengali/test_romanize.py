"""Words in Latin letters find the Bengali words of an index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.romanised import is_read_right, read_pairs
from shared.bengali.lexicon import known_words
from shared.bengali.normalize import normalize
from shared.bengali.romanize import RomanizedVocabulary, skeleton
from shared.bengali.verb_forms import verb_forms

PAIRS = read_pairs()


def words_of(kind: str) -> list[tuple[str, str]]:
    return [(pair.latin, normalize(pair.bengali)) for pair in PAIRS if pair.kind == kind]


@pytest.fixture(scope="module")
def vocabulary() -> RomanizedVocabulary:
    """The words looked for among some 10,000 others."""
    terms = dict.fromkeys([*known_words(), *verb_forms()], 3)
    terms.update((normalize(word), 50) for pair in PAIRS for word in pair.bengali.split())
    terms.update({"bnp": 400, "who": 30})
    return RomanizedVocabulary(terms.items())


@pytest.mark.parametrize("kind", ["tuned", "words", "survey"])
def test_most_words_are_read_right_at_once(vocabulary: RomanizedVocabulary, kind: str) -> None:
    pairs = words_of(kind)
    found = [[candidate.term for candidate in vocabulary.candidates(latin, 5)] for latin, _ in pairs]
    first = sum(terms[:1] == [word] for terms, (_, word) in zip(found, pairs, strict=True))
    among_five = sum(word in terms for terms, (_, word) in zip(found, pairs, strict=True))
    assert first >= 0.8 * len(pairs)
    assert among_five >= 0.9 * len(pairs)


def test_most_phrases_are_read_right_at_once(vocabulary: RomanizedVocabulary) -> None:
    phrases = [pair for pair in PAIRS if pair.kind == "phrases"]
    right = 0
    for pair in phrases:
        typed = pair.latin.split()
        readings = {
            " ".join(typed[reading.start : reading.end]): tuple(candidate.term for candidate in reading.candidates)
            for reading in vocabulary.read_phrase(typed, 3)
        }
        right += is_read_right(pair, readings, 1)
    assert right >= 0.6 * len(phrases)


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
