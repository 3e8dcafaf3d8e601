import threading
from collections.abc import Hashable, Iterator

import pytest

from shared.events import Article
from shared.search import vocabulary
from shared.search.ports import IndexUnavailableError
from shared.search.query_language import Term, parse_query
from shared.search.vocabulary import COUNT_SECONDS, LOOK_SECONDS, IndexVocabulary
from tests.support.articles import article


class Source:
    """Words that a test may change, lose and wait for."""

    def __init__(self, words: dict[str, int]) -> None:
        self.counts = dict(words)
        self.articles: list[Article] = []
        self.countings = 0
        self.read = 0
        self.broken = False

    def stamp(self) -> Hashable:
        if self.broken:
            raise IndexUnavailableError("gone")
        return tuple(sorted(self.counts.items())), tuple(each.id for each in self.articles)

    def words(self) -> Iterator[tuple[str, int]]:
        self.countings += 1
        yield from self.counts.items()

    def newest(self, limit: int) -> list[Article]:
        newest = self.articles[::-1][:limit]
        self.read += len(newest)
        return newest


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


WORDS = {
    "ঢাকা": 900,
    "ঢাকার": 700,
    "নির্বাচন": 400,
    "নির্বাচনের": 200,
    "বৃষ্টি": 300,
    "যুক্তরাষ্ট্র": 250,
    "রাষ্ট্র": 40,
    "covid": 30,
    "2024": 500,
}


@pytest.fixture
def source() -> Source:
    return Source(WORDS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def words(source: Source, clock: Clock) -> Iterator[IndexVocabulary]:
    words = IndexVocabulary(source, clock=clock)
    yield words
    words.close()


def rare(_term: Term) -> bool:
    return True


def first_readings(words: IndexVocabulary, query: str) -> dict[str, str]:
    return {typed: found[0] for typed, found in words.readings(parse_query(query)).items()}


def test_latin_words_are_read_as_words_of_the_index(words: IndexVocabulary) -> None:
    assert first_readings(words, "Dhaka nirbachon") == {"dhaka": "ঢাকা", "nirbachon": "নির্বাচন"}


def test_of_several_forms_of_one_word_one_is_enough(words: IndexVocabulary) -> None:
    [readings] = words.readings(parse_query("nirbachon")).values()
    assert [word for word in readings if word.startswith("নির্বাচন")] == ["নির্বাচন"]


def test_two_words_may_be_one(words: IndexVocabulary) -> None:
    assert first_readings(words, "jukto rashtro") == {"jukto rashtro": "যুক্তরাষ্ট্র"}


@pytest.mark.parametrize("query", ["ঢাকা", '"dhaka nirbachon"', "2024", "https://dhaka.example", "-dhaka", ""])
def test_only_single_latin_words_are_read(words: IndexVocabulary, query: str) -> None:
    assert words.readings(parse_query(query)) == {}


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("নির্বাচণ", "নির্বাচন"),
        ("ঢাকা নির্বাচণ category:নির্বাচণ", "ঢাকা নির্বাচন category:নির্বাচণ"),
        ("নির্বাচন বৃষ্টি", None),
        ("category:খেলা", None),
        ("", None),
    ],
)
def test_misspelt_words_are_corrected_and_nothing_else(
    words: IndexVocabulary, query: str, corrected: str | None
) -> None:
    assert words.correction(parse_query(query), rare) == corrected


def test_what_is_frequent_is_not_doubted(words: IndexVocabulary) -> None:
    assert words.correction(parse_query("নির্বাচণ"), lambda _term: False) is None


def learn_again(words: IndexVocabulary, clock: Clock, seconds: float) -> None:
    """Let time pass, and whatever is due be learnt."""
    clock.seconds += seconds
    words.prepare()
    for thread in threading.enumerate():
        if thread.name == "learn-words":
            thread.join(5)


def test_the_words_of_a_new_article_are_known_soon(words: IndexVocabulary, source: Source, clock: Clock) -> None:
    assert first_readings(words, "lavrov") == {}
    source.articles.append(article("a", "ঢাকায় ল্যাভরভ", "২০২৬ সালে প্রথম সফর"))
    learn_again(words, clock, LOOK_SECONDS / 2)
    assert first_readings(words, "lavrov") == {}
    learn_again(words, clock, LOOK_SECONDS / 2)
    assert first_readings(words, "lavrov") == {"lavrov": "ল্যাভরভ"}
    assert source.countings == 1


def test_new_words_are_counted_as_the_index_grows(words: IndexVocabulary, source: Source, clock: Clock) -> None:
    assert first_readings(words, "brishti") == {"brishti": "বৃষ্টি"}
    source.counts["ল্যাভরভ"] = 5
    learn_again(words, clock, LOOK_SECONDS)
    assert first_readings(words, "lavrov") == {}
    learn_again(words, clock, COUNT_SECONDS)
    assert first_readings(words, "lavrov") == {"lavrov": "ল্যাভরভ"}


def test_when_more_is_new_than_is_looked_at_all_words_are_counted(
    words: IndexVocabulary, source: Source, clock: Clock
) -> None:
    assert first_readings(words, "lavrov") == {}
    source.counts["ল্যাভরভ"] = 5
    source.articles += [article(f"a{number}", "ঢাকায় বৃষ্টি") for number in range(600)]
    learn_again(words, clock, LOOK_SECONDS)
    learn_again(words, clock, LOOK_SECONDS)
    assert first_readings(words, "lavrov") == {"lavrov": "ল্যাভরভ"}


def test_counting_takes_a_small_part_of_the_time(clock: Clock) -> None:
    class SlowSource(Source):
        def words(self) -> Iterator[tuple[str, int]]:
            clock.seconds += 100
            return super().words()

    source = SlowSource(WORDS)
    words = IndexVocabulary(source, clock=clock)
    learn_again(words, clock, 0)
    for number in range(20):
        source.counts["ঢাকা"] += number
        learn_again(words, clock, COUNT_SECONDS)
    words.close()
    assert source.countings == 1 + 20 * COUNT_SECONDS // (50 * 100)


def test_an_unchanged_index_is_not_read_again(words: IndexVocabulary, source: Source, clock: Clock) -> None:
    source.articles.append(article("a", "ঢাকায় ল্যাভরভ"))
    for _ in range(3):
        learn_again(words, clock, COUNT_SECONDS)
    assert (source.countings, source.read) == (1, 1)


def test_when_the_index_is_gone_what_is_known_stays(words: IndexVocabulary, source: Source, clock: Clock) -> None:
    words.readings(parse_query("dhaka"))
    source.broken = True
    learn_again(words, clock, LOOK_SECONDS)
    assert first_readings(words, "dhaka") == {"dhaka": "ঢাকা"}


def test_the_most_frequent_words_are_kept(source: Source, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_WORDS", 3)
    words = IndexVocabulary(source, clock=clock)
    assert first_readings(words, "dhaka nirbachon") == {"dhaka": "ঢাকা", "nirbachon": "নির্বাচন"}
    assert first_readings(words, "brishti") == {}
    words.close()
