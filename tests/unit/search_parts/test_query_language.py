from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.query_language import MAX_CHARACTERS, MAX_TERMS, ParsedQuery, QuerySyntaxError, Term, parse_query

DHAKA = ZoneInfo("Asia/Dhaka")


def word(text: str, field: str | None = None) -> tuple[Term, ...]:
    return (Term(text, field=field),)


def phrase(text: str, field: str | None = None) -> tuple[Term, ...]:
    return (Term(text, phrase=True, field=field),)


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("", ()),
        ("   \n ", ()),
        ("ঢাকায় ডেঙ্গু", (word("ঢাকায়"), word("ডেঙ্গু"))),
        ('"নতুন রাষ্ট্রদূত"', (phrase("নতুন রাষ্ট্রদূত"),)),
        ("“নতুন রাষ্ট্রদূত”", (phrase("নতুন রাষ্ট্রদূত"),)),
        ("”নতুন রাষ্ট্রদূত“", (phrase("নতুন রাষ্ট্রদূত"),)),
        ("‘আয়নাঘর’ তদন্ত", (word("‘আয়নাঘর’"), word("তদন্ত"))),
        ("বিএনপি’র সমাবেশ", (word("বিএনপি’র"), word("সমাবেশ"))),
        ("‘খোলা উদ্ধৃতি", (word("‘খোলা"), word("উদ্ধৃতি"))),
        ('ঢাকা"মেট্রো রেল"চালু', (word("ঢাকা"), phrase("মেট্রো রেল"), word("চালু"))),
        ("চাল OR ডাল", ((Term("চাল"), Term("ডাল")),)),
        ("দাম চাল OR ডাল OR তেল আজ", (word("দাম"), (Term("চাল"), Term("ডাল"), Term("তেল")), word("আজ"))),
        ("চাল অথবা ডাল", ((Term("চাল"), Term("ডাল")),)),
        ("অথবা", (word("অথবা"),)),
        ("চাল অথবা", (word("চাল"), word("অথবা"))),
        ("or চাল", (word("or"), word("চাল"))),
        ("title:বাজেট", (word("বাজেট", "title"),)),
        ('Title:"নতুন বাজেট"', (phrase("নতুন বাজেট", "title"),)),
        ("শিরোনাম:বাজেট", (word("বাজেট", "title"),)),
        ("রাত ৭:৩০", (word("রাত"), word("৭:৩০"))),
        ("https://khobor.example/a:b", (word("https://khobor.example/a:b"),)),
        ("বিষয়:বাজেট", (word("বিষয়:বাজেট"),)),
        ("সূত্র: তাস", (word("সূত্র:"), word("তাস"))),
        ("ঢাকা - চট্টগ্রাম – সিলেট", (word("ঢাকা"), word("চট্টগ্রাম"), word("সিলেট"))),
        ("কোভিড-১৯", (word("কোভিড-১৯"),)),
        ("(চাল OR ডাল) দাম", ((Term("(চাল"), Term("ডাল)")), word("দাম"))),
        ('""', ()),
        ("?!", ()),
    ],
)
def test_words_and_phrases(text: str, required: tuple[tuple[Term, ...], ...]) -> None:
    assert parse_query(text) == ParsedQuery(text=text, required=required)


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("-খেলা", Term("খেলা")),
        ('-"নতুন বাজেট"', Term("নতুন বাজেট", phrase=True)),
        ("-title:বাজেট", Term("বাজেট", field="title")),
        ('-title:"নতুন বাজেট"', Term("নতুন বাজেট", phrase=True, field="title")),
    ],
)
def test_exclusions(text: str, excluded: Term) -> None:
    assert parse_query(text) == ParsedQuery(text=text, excluded=(excluded,))


def test_filters() -> None:
    query = parse_query('category:"জাতীয় খবর" OR category:খেলা বাজেট source:তাস date:২০২৪-১১..2024-12')
    assert query.required == (word("বাজেট"),)
    assert query.categories == ("জাতীয় খবর", "খেলা")
    assert query.sources == ("তাস",)
    assert query.published_from == datetime(2024, 11, 1, tzinfo=DHAKA)
    assert query.published_to == datetime(2025, 1, 1, tzinfo=DHAKA)


def test_dates_narrow_each_other_down() -> None:
    query = parse_query("date:2024 date:..2024-03")
    assert query.published_from == datetime(2024, 1, 1, tzinfo=DHAKA)
    assert query.published_to == datetime(2024, 4, 1, tzinfo=DHAKA)


def test_today_is_a_date_when_the_clock_is_given() -> None:
    now = datetime(2026, 11, 23, 20, 0, tzinfo=DHAKA)
    assert parse_query("date:আজ", now=now).published_from == datetime(2026, 11, 23, tzinfo=DHAKA)
    with pytest.raises(QuerySyntaxError):
        parse_query("date:আজ")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('চাল "ডাল', 4),
        ("চাল OR", 4),
        ("OR চাল", 0),
        ("চাল OR OR ডাল", 7),
        ("চাল OR category:খেলা", 4),
        ("চাল OR -ডাল", 4),
        ("চাল title:", 10),
        ("title: বাজেট", 6),
        ('title:""', 8),
        ("চাল date:কাল", 4),
        ("date:2024-13", 0),
        ("date:2025 date:2024", 10),
        ("-category:খেলা", 0),
        ("-date:2024", 0),
    ],
)
def test_bad_syntax_says_where(text: str, position: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert caught.value.position == position


def test_too_long_and_too_many_are_refused() -> None:
    parse_query("ক" * MAX_CHARACTERS)
    with pytest.raises(QuerySyntaxError, match=str(MAX_CHARACTERS)):
        parse_query("ক" * (MAX_CHARACTERS + 1))
    parse_query("ক " * MAX_TERMS)
    with pytest.raises(QuerySyntaxError, match=str(MAX_TERMS)) as caught:
        parse_query("ক " * (MAX_TERMS + 1))
    assert caught.value.position == 2 * MAX_TERMS


PIECES = st.sampled_from(
    ["ঢাকা", "OR", "অথবা", "-", '"', "“", "”", "‘", "’", "title:", "category:", "date:", "ſource:", "2024", "..", " ", ":"]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_any_string_is_read_or_refused(text: str) -> None:
    with suppress(QuerySyntaxError):
        query = parse_query(text)
        assert query.text == text
        assert all(term.text == term.text.strip() != "" for group in query.required for term in group)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_a_refusal_points_into_the_text(text: str) -> None:
    position = 0
    try:
        parse_query(text)
    except QuerySyntaxError as error:
        position = error.position
    assert 0 <= position <= len(text)
