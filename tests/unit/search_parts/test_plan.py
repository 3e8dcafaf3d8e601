from datetime import UTC, datetime, timedelta

import pytest

from shared.bengali.analyzer import analyze
from shared.search.document import build_document, pair_tokens
from shared.search.filters import Filters
from shared.search.model import ReadAs, Sort
from shared.search.plan import (
    GRAM_WEIGHT,
    HEADLINE_WEIGHT,
    OPENING_WEIGHT,
    TITLE_WEIGHT,
    AllOf,
    AnyOf,
    BestOf,
    Clause,
    IndexField,
    PhraseClause,
    QueryPlan,
    TermClause,
    plan_search,
    sort_of,
)
from shared.search.ranking import BREAKING, DATED, DEFAULT, REFERENCE, Recency, recency_of
from tests.support.articles import article, search_for


def stems(words: str) -> tuple[str, ...]:
    """Of words in their dictionary form, as the analyzer writes them."""
    return tuple(analyze(words).stems)


def stem(word: str, weight: float = 1.0) -> TermClause:
    return TermClause(IndexField.STEM, stems(word)[0], weight)


def steps(text: str) -> list[tuple[ReadAs, int]]:
    return [(plan.read_as, plan.minimum) for plan in plan_search(search_for(text))]


def only(text: str) -> QueryPlan:
    return plan_search(search_for(text))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(ReadAs.EVERYTHING, 0)]),
        ("-খেলা", [(ReadAs.EVERYTHING, 0)]),
        ("ঢাকা", [(ReadAs.ALL_WORDS, 1)]),
        ("ঢাকা ঢাকার", [(ReadAs.ALL_WORDS, 1)]),
        ("ঢাকা বৃষ্টি", [(ReadAs.ALL_WORDS, 2), (ReadAs.ANY_WORDS, 1)]),
        ("ঢাকা বৃষ্টি যানজট", [(ReadAs.ALL_WORDS, 3), (ReadAs.MOST_WORDS, 2), (ReadAs.ANY_WORDS, 1)]),
        (
            "ঢাকা বৃষ্টি যানজট পানি বাস",
            [(ReadAs.ALL_WORDS, 5), (ReadAs.MOST_WORDS, 4), (ReadAs.ANY_WORDS, 1)],
        ),
        ("ঢাকা বৃষ্টি যানজট পানি বাস ট্রেন", [(ReadAs.ANY_WORDS, 1)]),
        ('"নতুন বাজেট"', [(ReadAs.ALL_WORDS, 0)]),
        ('"নতুন বাজেট" ঢাকা বৃষ্টি', [(ReadAs.ALL_WORDS, 2), (ReadAs.ANY_WORDS, 1)]),
    ],
)
def test_steps_go_from_strict_to_loose(text: str, expected: list[tuple[ReadAs, int]]) -> None:
    assert steps(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ঢাকায়", (stem("ঢাকা"),)),
        ("চাল OR ডাল", (AnyOf((stem("চাল"), stem("ডাল"))),)),
        (
            "মাদক-বাণিজ্য",
            (AnyOf((AllOf((stem("মাদক"), stem("বাণিজ্য"))), stem("মাদকবাণিজ্য"))),),
        ),
    ],
)
def test_words_match_by_their_stems(text: str, words: tuple[Clause, ...]) -> None:
    assert only(text).words == words


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ('"ঢাকার নতুন বাজেট"', PhraseClause(IndexField.TEXT, stems("ঢাকা নতুন বাজেট"))),
        ('"মাদক-বাণিজ্য বন্ধ"', PhraseClause(IndexField.TEXT, stems("মাদক বাণিজ্য বন্ধ"))),
        ('"ঢাকা"', TermClause(IndexField.TEXT, stems("ঢাকা")[0])),
        ("title:ঢাকা", TermClause(IndexField.TITLE, stems("ঢাকা")[0])),
        ('title:"নতুন বাজেট"', PhraseClause(IndexField.TITLE, stems("নতুন বাজেট"))),
    ],
)
def test_quotes_and_titles_are_demands(text: str, required: Clause) -> None:
    plan = only(text)
    assert plan.required == (required,)
    assert plan.words == ()
    # The weighted text score, so that a quoted word ranks as the same word without quotes does.
    assert any(clause.field is IndexField.STEM for clause in plan.boosts if isinstance(clause, TermClause))


def test_places_and_grams_only_raise_the_score() -> None:
    [dhaka] = stems("ঢাকা")
    boosts = only("ঢাকার").boosts
    assert TermClause(IndexField.OPENING, dhaka, OPENING_WEIGHT) in boosts
    assert TermClause(IndexField.TITLE, dhaka, TITLE_WEIGHT) in boosts
    assert TermClause(IndexField.HEADLINE, "ঢাকার", HEADLINE_WEIGHT) in boosts
    assert TermClause(IndexField.GRAM, "ঢাকা", GRAM_WEIGHT) in boosts


def pairs(text: str) -> list[str]:
    boosts = only(text).boosts
    return [clause.token for clause in boosts if isinstance(clause, TermClause) and clause.field is IndexField.PAIRS]


def test_neighbours_of_a_sentence_raise_the_score_together() -> None:
    assert pairs("ঢাকায় বৃষ্টির পর যানজট") == pair_tokens(stems("ঢাকা বৃষ্টি পর যানজট"))
    assert pairs("মাদক-বাণিজ্য ঢাকায় বন্ধ") == pair_tokens(stems("মাদক বাণিজ্য ঢাকা বন্ধ"))
    assert len(pairs("মাদক-বাণিজ্য ঢাকায় বন্ধ")) == 3


def test_neighbours_of_a_query_are_found_as_an_article_has_them() -> None:
    document = build_document(article("a", "ঢাকায় বৃষ্টি", "বৃষ্টির পরে যানজট।"))
    assert set(pairs("যানজট ঢাকা বৃষ্টি পরে")) & set(document.pairs.split()) == set(pair_tokens(stems("ঢাকা বৃষ্টি পরে")))


@pytest.mark.parametrize("text", ["ঢাকা বৃষ্টি যানজট", "ঢাকা বৃষ্টি যানজট OR পানি", 'ঢাকা বৃষ্টি যানজট "নতুন বাজেট"'])
def test_keywords_and_operators_say_nothing_about_neighbours(text: str) -> None:
    assert pairs(text) == []


def test_readings_are_alternatives_that_count_less() -> None:
    plan = plan_search(search_for("dhaka"), {"dhaka": ["ঢাকা", "ঢাক", "ঢাকার"]})[0]
    assert plan.words == (BestOf((stem("dhaka"), stem("ঢাকা", 0.9), stem("ঢাক", 0.7))),)


def test_two_words_may_be_read_as_one() -> None:
    plan = plan_search(search_for("jukto rashtro vote"), {"jukto rashtro": ["যুক্তরাষ্ট্র"]})[0]
    together = BestOf((AllOf((stem("jukto"), stem("rashtro"))), stem("যুক্তরাষ্ট্র", 0.9)))
    assert plan.words == (together, stem("vote"))
    assert plan.minimum == 2


def test_both_kinds_of_filters_hold() -> None:
    day = datetime(2026, 11, 20, 0, 0, 0, 400_000, tzinfo=UTC)
    request = search_for("category:খেলা date:2026-11", categories=("জাতীয়", "খেলা"), published_from=day, published_to=day)
    filters = plan_search(request)[0].filters
    assert len(filters.categories) == 2
    assert filters.published_from == int(day.timestamp())
    assert filters.published_to == int(day.timestamp()) + 1
    assert plan_search(search_for("ঢাকা"))[0].filters == Filters()


def test_without_words_there_is_no_relevance() -> None:
    assert sort_of(search_for("")) is Sort.NEWEST
    assert sort_of(search_for("-খেলা")) is Sort.NEWEST
    assert sort_of(search_for("খেলা")) is Sort.RELEVANCE
    assert sort_of(search_for("", sort=Sort.VIEWS)) is Sort.VIEWS


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("ঢাকা বৃষ্টি", DEFAULT),
        ("আজ ঢাকায় বৃষ্টি", BREAKING),
        ("২০১৪ সালের নির্বাচন", DATED),
        ("২০২৬ সালের নির্বাচন", DEFAULT),
        ("নির্বাচন date:2026-11", DATED),
        ('"নতুন বাজেট"', REFERENCE),
        ("বাজেট কেন বাড়ে", REFERENCE),
        ("ঢাকা বৃষ্টি যানজট পানি বাস ট্রেন", REFERENCE),
    ],
)
def test_the_query_says_how_fresh_it_wants_its_news(text: str, recency: Recency) -> None:
    assert recency_of(search_for(text)) is recency


def test_a_filter_of_the_request_is_a_date_as_well() -> None:
    assert recency_of(search_for("ঢাকা", published_from=datetime.now(UTC) - timedelta(days=9))) is DATED
