"""Which step of a plan a search by relevance takes: the strictest that hides nothing better."""

import pytest

from shared.search.model import Sort
from shared.search.relaxing import BestArticle, step_taken, takes_first_that_finds
from tests.support.articles import search_for

ALL, MOST, ANY = range(3)


def best(*articles: tuple[float, int]) -> list[BestArticle]:
    return [BestArticle(score, strictest) for score, strictest in articles]


def test_all_words_when_a_page_of_articles_holds_them_and_leads() -> None:
    page = [(9.0 - place / 10, ALL) for place in range(10)]
    assert step_taken([25, 80], best(*page, (7.9, MOST))) == ALL


def test_not_all_words_when_the_page_would_lose_a_better_article() -> None:
    page = [(9.0 - place / 10, ALL) for place in range(9)]
    assert step_taken([25, 80], best((9.5, MOST), *page, (7.9, ALL))) == MOST


def test_few_articles_are_enough_when_nothing_comes_near_them() -> None:
    assert step_taken([2, 5], best((9.0, ALL), (8.0, ALL), (3.0, MOST))) == ALL
    assert step_taken([2, 5], best((9.0, ALL), (8.0, ALL), (6.0, ANY))) == ANY


def test_a_few_articles_that_are_all_there_is() -> None:
    assert step_taken([2, 2], best((9.0, ALL), (8.0, ALL))) == ALL


def test_a_step_that_finds_nothing_is_passed_over() -> None:
    assert step_taken([0, 1], best((9.0, MOST), (2.0, ANY))) == MOST
    assert step_taken([0, 0], best((9.0, ANY), (2.0, ANY))) == ANY
    assert step_taken([0, 0], []) == ANY


@pytest.mark.parametrize(
    ("text", "sort", "first"),
    [
        ("ঢাকা বৃষ্টি", Sort.RELEVANCE, False),
        ("ঢাকা বৃষ্টি", Sort.NEWEST, True),
        ("ঢাকা বৃষ্টি", Sort.VIEWS, True),
        ("ঢাকা বৃষ্টি OR কুয়াশা", Sort.RELEVANCE, True),
        ("", Sort.RELEVANCE, True),
    ],
)
def test_other_orders_and_alternatives_take_what_finds_anything(text: str, sort: Sort, first: bool) -> None:
    assert takes_first_that_finds(search_for(text, sort=sort)) is first
