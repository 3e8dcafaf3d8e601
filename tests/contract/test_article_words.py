"""Words in Latin letters, misspelt ones and those still being typed, against the words of every engine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.search.model import ReadAs, Sort
from tests.support.article_engines import ENGINES, EVERY_ENGINE
from tests.support.articles import Engine, article, ids, retract_change, search_for

ELECTION = [article(f"election{number}", f"ঢাকায় নির্বাচনের প্রস্তুতি {number}") for number in range(4)]
RAIN = [article(f"rain{number}", f"সিলেটে বৃষ্টি ও বন্যা {number}") for number in range(4)]
EROSION = article("erosion", "নদী ভাঙন ঠেকাতে যুক্তরাষ্ট্রের সহায়তা", "ভাঙনকবলিত চরের মানুষ ল্যাভরভের কথা জানেন না।")
LATIN = article("latin", "COVID নিয়ে WHO সতর্ক")


@pytest.fixture(scope="module", params=EVERY_ENGINE)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Nobody writes into it any more: its words are learnt once."""
    with ENGINES[request.param](request) as new:
        engine = new()
        engine.publish(*ELECTION, *RAIN, EROSION, LATIN, article("gone", "উল্কাপিণ্ডের খোঁজে"))
        engine.change(retract_change("gone", 1))
        yield engine


class TestLatinLetters:
    def test_they_find_bengali_words(self, engine: Engine) -> None:
        page = engine.search("dhakay nirbachon")
        assert sorted(ids(page)) == [news.id for news in ELECTION]
        assert page.read_as is ReadAs.ALL_WORDS
        assert page.readings["nirbachon"][0].startswith("নির্বাচন")
        assert page.did_you_mean is None

    @pytest.mark.parametrize(
        "query", ["nodi bhangon", "Nodi vangon", "jukto rashtro", "lavrov", "title:nodi", "nodi OR xqz"]
    )
    def test_however_they_are_spelt(self, engine: Engine, query: str) -> None:
        assert engine.find(query) == ["erosion"]

    def test_a_latin_word_of_the_index_is_found_as_it_is(self, engine: Engine) -> None:
        assert "latin" in engine.find("covid who")

    @pytest.mark.parametrize("query", ["xqzxqz", "ulkapinder", '"nodi bhangon"', "-nodi nirbachon2"])
    def test_what_sounds_like_no_word_finds_nothing(self, engine: Engine, query: str) -> None:
        assert engine.find(query) == []

    @pytest.mark.parametrize("sort", list(Sort))
    @pytest.mark.parametrize("collapse", [False, True])
    def test_later_pages_read_the_words_as_the_first_one_did(self, engine: Engine, sort: Sort, collapse: bool) -> None:
        request = search_for("nirbachon", sort=sort, limit=1, collapse=collapse)
        pages = engine.pages(request)
        assert sorted(article_id for page in pages for article_id in ids(page)) == [news.id for news in ELECTION]
        assert all(page.readings == pages[0].readings for page in pages)


class TestCorrections:
    @pytest.mark.parametrize(
        ("query", "corrected"),
        [("সিলেটে বৃস্টি", "সিলেটে বৃষ্টি"), ("নির্ভাচনের", "নির্বাচনের"), ("বৃস্টি -ঢাকা", "বৃষ্টি -ঢাকা")],
    )
    def test_a_misspelt_word_is_corrected_when_that_finds_more(
        self, engine: Engine, query: str, corrected: str
    ) -> None:
        for sort in Sort:
            assert engine.search(query, sort=sort).did_you_mean == corrected
        page = engine.search(corrected)
        assert (page.read_as, page.total, page.did_you_mean) == (ReadAs.ALL_WORDS, 4, None)

    @pytest.mark.parametrize("query", ["সিলেটে বৃষ্টি", "উটপাখি", "বৃষ্টি নির্বাচন", "বৃস্টি date:2020", ""])
    def test_there_is_nothing_to_correct(self, engine: Engine, query: str) -> None:
        assert engine.search(query).did_you_mean is None

    def test_only_the_first_page_corrects(self, engine: Engine) -> None:
        request = search_for("নির্বাচনের বৃস্টি", limit=2)
        first = engine.reader.search(request)
        assert first.next_cursor is not None
        second = engine.reader.search(replace(request, cursor=first.next_cursor))
        assert second.did_you_mean is None
        assert second.hits


class TestCompletions:
    @pytest.mark.parametrize("typed", ["dhakay nirbachon", "ঢাকায় nirbachon", "নির্বাচনের প্র", "নির্বাচন"])
    def test_in_both_scripts(self, engine: Engine, typed: str) -> None:
        texts = [completion.text for completion in engine.reader.suggest(typed, 5)]
        assert sorted(texts) == [news.title for news in ELECTION]

    @pytest.mark.parametrize(("typed", "title"), [("cov", LATIN.title), ("WHO", LATIN.title), ("nodi", EROSION.title)])
    def test_of_one_word(self, engine: Engine, typed: str, title: str) -> None:
        assert [completion.text for completion in engine.reader.suggest(typed, 5)] == [title]

    def test_a_long_vowel_completes_a_short_one(self, engine: Engine) -> None:
        assert len(engine.reader.suggest("নীর্বা", 5)) == len(ELECTION)
