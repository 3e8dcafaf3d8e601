"""Words in Latin letters and misspelt ones, against the words of a real embedded index."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ReadAs, Sort
from tests.support.articles import Engine, article, ids, search_for

pytestmark = pytest.mark.integration

ELECTION = [article(f"election{number}", f"ঢাকায় নির্বাচনের প্রস্তুতি {number}") for number in range(4)]
RAIN = [article(f"rain{number}", f"সিলেটে বৃষ্টি ও বন্যা {number}") for number in range(4)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    folder = tmp_path / "index"
    with closing(EmbeddedArticleWriter(folder)) as writer, closing(EmbeddedArticleReader(folder)) as reader:
        engine = Engine(writer, reader)
        engine.publish(*ELECTION, *RAIN, article("latin", "COVID নিয়ে WHO সতর্ক"))
        yield engine


def test_latin_letters_find_bengali_words(engine: Engine) -> None:
    page = engine.search("dhakay nirbachon")
    assert sorted(ids(page)) == [news.id for news in ELECTION]
    assert page.read_as is ReadAs.ALL_WORDS
    assert page.readings["nirbachon"][0].startswith("নির্বাচন")


def test_a_latin_word_of_the_index_is_found_as_it_is(engine: Engine) -> None:
    assert "latin" in engine.find("covid who")


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.NEWEST])
def test_later_pages_read_the_words_as_the_first_one_did(engine: Engine, sort: Sort) -> None:
    request = search_for("nirbachon", sort=sort, limit=3)
    first = engine.reader.search(request)
    second = engine.reader.search(replace(request, cursor=first.next_cursor))
    assert sorted([*ids(first), *ids(second)]) == [news.id for news in ELECTION]
    assert second.readings == first.readings


def test_a_misspelt_word_is_corrected_when_that_finds_more(engine: Engine) -> None:
    page = engine.search("সিলেটে বৃস্টি")
    assert page.did_you_mean == "সিলেটে বৃষ্টি"
    assert engine.search(page.did_you_mean).read_as is ReadAs.ALL_WORDS


@pytest.mark.parametrize("query", ["সিলেটে বৃষ্টি", "উটপাখি", "বৃষ্টি নির্বাচন", ""])
def test_there_is_nothing_to_correct(engine: Engine, query: str) -> None:
    assert engine.search(query).did_you_mean is None


def test_completions_of_latin_letters(engine: Engine) -> None:
    texts = [completion.text for completion in engine.reader.suggest("dhakay nirbachon", 5)]
    assert sorted(texts) == [news.title for news in ELECTION]
