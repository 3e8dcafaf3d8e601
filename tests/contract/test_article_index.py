"""The contract of the article index: what workers and readers may rely on, whatever the engine."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.search.labels import canonical_label
from shared.search.model import (
    ApplyOutcome,
    ArticleChange,
    Facet,
    FacetCount,
    Lookup,
    ReadAs,
    Sort,
)
from shared.search.ports import CursorError
from tests.support.article_engines import ENGINES, EVERY_ENGINE, NewEngine
from tests.support.articles import NOW, Engine, article, ids, publish_change, retract_change, search_for

LAVROV = article(
    "lavrov",
    "ঢাকায় আসছেন রাশিয়ার নতুন রাষ্ট্রদূত",
    "মস্কোর নতুন দূত আগামী সপ্তাহে পরিচয়পত্র পেশ করবেন। ল্যাভরভের সঙ্গে তাঁর বৈঠক হয়েছে।",
    category="আন্তর্জাতিক",
    sources=("তাস", "আনাদোলু এজেন্সি"),
    age=timedelta(days=1),
)
DENGUE = article(
    "dengue",
    "ডেঙ্গুতে আরও ১২ জনের মৃত্যু",
    "রাজধানীর হাসপাতালগুলোতে ডেঙ্গু রোগীর চাপ বেড়েছে। সিটি করপোরেশন মশা নিধনে অভিযান শুরু করেছে।",
    category="জাতীয়",
    sources=("ইউএনবি",),
    age=timedelta(days=2),
)
METRO = article(
    "metro",
    "মেট্রোরেলের নতুন সময়সূচি",
    "আগামী মাস থেকে মেট্রোরেল রাত দশটা পর্যন্ত চলবে। ঢাকার যাত্রীরা এতে খুশি।",
    category="জাতীয়",
    sources=("বাসস",),
    age=timedelta(days=30),
)
CRICKET = article(
    "cricket",
    "মিরপুরে বাংলাদেশের জয়",
    "শেষ ওভারে নাটকীয় জয় পেয়েছে বাংলাদেশ ক্রিকেট দল। অধিনায়ক দর্শকদের ধন্যবাদ জানিয়েছেন।",
    category="খেলা",
    age=timedelta(days=300),
)
# Facets show labels in canonical spelling, whatever keyboard wrote them.
NATIONAL = canonical_label("জাতীয়")
NEWS = (LAVROV, DENGUE, METRO, CRICKET)


@pytest.fixture(params=EVERY_ENGINE)
def new_engine(request: pytest.FixtureRequest) -> Iterator[NewEngine]:
    with ENGINES[request.param](request) as new:
        yield new


@pytest.fixture
def engine(new_engine: NewEngine) -> Engine:
    return new_engine()


@pytest.fixture
def news(engine: Engine) -> Engine:
    engine.publish(*NEWS)
    return engine


class TestVersions:
    def test_an_article_is_found_once_it_is_made_searchable(self, engine: Engine) -> None:
        [result] = engine.writer.apply([publish_change(DENGUE)])
        assert (result.article_id, result.version, result.outcome) == ("dengue", 1, ApplyOutcome.APPLIED)
        assert engine.writer.make_searchable() == [("dengue", 1)]
        assert engine.find("ডেঙ্গু") == ["dengue"]
        assert engine.writer.make_searchable() == []

    def test_what_was_analysed_beforehand_is_applied_as_ever(self, engine: Engine) -> None:
        engine.publish(article("b", "পুরোনো শিরোনাম", version=5))
        changes = [
            publish_change(DENGUE),
            publish_change(article("b", "আরও পুরোনো শিরোনাম", version=4)),
            retract_change("c", 1),
        ]
        engine.writer.analyse(changes)
        assert engine.find("ডেঙ্গু") == []
        outcomes = [result.outcome for result in engine.writer.apply(changes)]
        assert outcomes == [ApplyOutcome.APPLIED, ApplyOutcome.STALE, ApplyOutcome.APPLIED]
        engine.writer.make_searchable()
        assert (engine.find("ডেঙ্গু"), engine.find("শিরোনাম")) == (["dengue"], ["b"])
        # Other articles than those that were analysed, although they are called the same.
        engine.writer.analyse([publish_change(METRO)])
        engine.publish(article("metro", "পাহাড়ে বৃষ্টি", version=2))
        assert (engine.find("মেট্রোরেল"), engine.find("পাহাড়")) == ([], ["metro"])

    def test_an_edit_replaces_the_article(self, engine: Engine) -> None:
        engine.publish(article("a", "নদীভাঙনে ঘর হারাল শত পরিবার", version=1))
        engine.publish(article("a", "বন্যায় তলিয়ে গেছে ফসলের মাঠ", version=2))
        assert engine.find("নদীভাঙন") == []
        assert engine.find("বন্যা") == ["a"]

    def test_an_older_version_changes_nothing(self, engine: Engine) -> None:
        engine.publish(article("a", "বন্যায় তলিয়ে গেছে ফসলের মাঠ", version=5))
        [result] = engine.writer.apply([publish_change(article("a", "পুরোনো শিরোনাম", version=4))])
        assert result.outcome is ApplyOutcome.STALE
        engine.writer.make_searchable()
        assert engine.find("পুরোনো") == []
        assert engine.find("বন্যা") == ["a"]

    def test_the_same_version_applies_again(self, engine: Engine) -> None:
        engine.publish(DENGUE)
        [result] = engine.writer.apply([publish_change(DENGUE)])
        assert result.outcome is ApplyOutcome.APPLIED
        engine.writer.make_searchable()
        assert engine.find("ডেঙ্গু") == ["dengue"]

    def test_a_retraction_leaves_a_tombstone(self, engine: Engine) -> None:
        engine.publish(article("a", "ভুল খবর", version=3))
        engine.change(retract_change("a", 3))
        assert engine.find("ভুল") == []
        assert engine.reader.get("a").state is Lookup.RETRACTED
        results = engine.writer.apply([publish_change(article("a", "ভুল খবর", version=version)) for version in (2, 3)])
        assert [result.outcome for result in results] == [ApplyOutcome.STALE, ApplyOutcome.STALE]
        engine.writer.make_searchable()
        assert engine.find("ভুল") == []

    def test_a_newer_version_brings_a_retracted_article_back(self, engine: Engine) -> None:
        engine.change(retract_change("a", 3))
        engine.publish(article("a", "সংশোধিত খবর", version=4))
        assert engine.find("সংশোধিত") == ["a"]

    def test_within_a_call_the_newest_wins_and_results_keep_their_order(self, engine: Engine) -> None:
        results = engine.writer.apply(
            [
                publish_change(article("a", "প্রথম খসড়া", version=1)),
                publish_change(article("b", "অন্য খবর", version=1)),
                publish_change(article("a", "শেষ সংস্করণ", version=3)),
                publish_change(article("a", "মাঝের খসড়া", version=2)),
            ]
        )
        assert [(result.article_id, result.version) for result in results] == [("a", 1), ("b", 1), ("a", 3), ("a", 2)]
        assert [results[index].outcome for index in (1, 2)] == [ApplyOutcome.APPLIED, ApplyOutcome.APPLIED]
        assert sorted(engine.writer.make_searchable()) == [("a", 3), ("b", 1)]
        assert engine.find("শেষ সংস্করণ") == ["a"]
        assert engine.find('"প্রথম খসড়া"') == []

    def test_nothing_to_apply(self, engine: Engine) -> None:
        assert engine.writer.apply([]) == []
        assert engine.writer.make_searchable() == []


CHANGES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=12
)
TITLES = ("নদী শান্ত", "পাহাড় সবুজ", "আকাশ নীল", "মাঠ ফাঁকা", "শহর ব্যস্ত")


def _change(article_id: str, version: int, *, retracted: bool) -> ArticleChange:
    if retracted:
        return retract_change(article_id, version)
    return publish_change(article(article_id, TITLES[version], version=version))


def _state(engine: Engine) -> dict[str, object]:
    lookups = engine.reader.get_many(["a", "b", "c"])
    return {
        article_id: (lookup.state, lookup.stored and lookup.stored.article.version)
        for article_id, lookup in lookups.items()
    }


class TestAnyOrder:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(changes=CHANGES)
    def test_any_order_and_any_batches_of_changes_end_in_one_state(
        self, new_engine: NewEngine, changes: list[tuple[str, int, bool, int]]
    ) -> None:
        engine = new_engine()
        batches: dict[int, list[ArticleChange]] = {}
        for article_id, version, retracted, number in changes:
            batches.setdefault(number, []).append(_change(article_id, version, retracted=retracted))
        for batch in batches.values():
            engine.change(*batch)
        expected: dict[str, object] = dict.fromkeys("abc", (Lookup.UNKNOWN, None))
        for article_id, version, retracted, _ in sorted(changes, key=lambda change: (change[1], change[2])):
            expected[article_id] = (Lookup.RETRACTED, None) if retracted else (Lookup.FOUND, version)
        assert _state(engine) == expected
        for version in range(1, 5):
            found = sorted(engine.find(f'"{TITLES[version]}"'))
            assert found == [name for name in "abc" if expected[name] == (Lookup.FOUND, version)]


class TestMatching:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("ডেঙ্গু", ["dengue"]),
            ("রাষ্ট্রদূতের রাশিয়া", ["lavrov"]),
            ("ঢাকা", ["lavrov", "metro"]),
            ("ঢাকা -মেট্রোরেল", ["lavrov"]),
            ('-"নতুন রাষ্ট্রদূত" নতুন', ["metro"]),
            ("ক্রিকেট OR মশা", ["cricket", "dengue"]),
            ("নতুন ক্রিকেট OR মেট্রোরেল", ["metro"]),
            ("title:নতুন", ["lavrov", "metro"]),
            ("title:ক্রিকেট", []),
            ('title:"রাশিয়ার নতুন রাষ্ট্রদূত"', ["lavrov"]),
            ('title:"নতুন রাশিয়া"', []),
            ('"নতুন দূত"', ["lavrov"]),
            ('"দূত নতুন"', []),
            ("-ক্রিকেট", ["dengue", "lavrov", "metro"]),
            ("-title:নতুন", ["cricket", "dengue"]),
            ("category:জাতীয়", ["dengue", "metro"]),
            ("category:জাতীয় category:খেলা", ["cricket", "dengue", "metro"]),
            ('source:"আনাদোলু এজেন্সি"', ["lavrov"]),
            ("source:তাস ডেঙ্গু", []),
            ("date:2026-11", ["dengue", "lavrov"]),
            ("date:২০২৬-১১-২২", ["lavrov"]),
            ("date:..2026-01", ["cricket"]),
            ("?!", ["cricket", "dengue", "lavrov", "metro"]),
        ],
    )
    def test_a_query_finds(self, news: Engine, query: str, found: list[str]) -> None:
        assert sorted(news.find(query)) == found

    def test_no_phrase_crosses_from_title_to_body(self, engine: Engine) -> None:
        engine.publish(article("a", "নদীর পানি বাড়ছে", "হাওরে ফসল ডুবছে।"))
        assert engine.find('"বাড়ছে হাওরে"') == []
        assert engine.find('"পানি বাড়ছে"') == ["a"]

    def test_both_encodings_of_a_letter_are_one(self, engine: Engine) -> None:
        engine.publish(article("a", "সম\u09af\u09bcের দাবি", category="জাতী\u09af\u09bc"))
        assert engine.find("সম\u09dfের") == ["a"]
        assert engine.find("category:জাতী\u09df") == ["a"]
        assert engine.find("", categories=("জাতী\u09af\u09bc",)) == ["a"]

    def test_filters_of_the_request_hold_beside_those_of_the_query(self, news: Engine) -> None:
        assert news.find("category:জাতীয়", sources=("বাসস",)) == ["metro"]
        assert news.find("category:জাতীয়", categories=("খেলা",)) == []
        day = datetime(2026, 11, 22, tzinfo=UTC)
        assert news.find("", published_from=day, published_to=day + timedelta(days=1)) == ["lavrov"]

    def test_the_end_of_a_range_is_outside_and_its_begin_inside(self, engine: Engine) -> None:
        moment = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
        engine.publish(article("a", "ঠিক ছয়টার খবর", published_at=moment))
        assert engine.find("", published_from=moment) == ["a"]
        assert engine.find("", published_to=moment) == []


class TestRelaxing:
    def test_all_words_first(self, news: Engine) -> None:
        page = news.search("রাশিয়ার নতুন রাষ্ট্রদূত")
        assert (page.read_as, ids(page)) == (ReadAs.ALL_WORDS, ["lavrov"])

    def test_then_most_words(self, news: Engine) -> None:
        page = news.search("রাশিয়ার নতুন রাষ্ট্রদূত ক্রিকেট")
        assert (page.read_as, ids(page)) == (ReadAs.MOST_WORDS, ["lavrov"])

    def test_then_any_words(self, news: Engine) -> None:
        page = news.search("ক্রিকেট মশা পাহাড়")
        assert page.read_as is ReadAs.ANY_WORDS
        assert sorted(ids(page)) == ["cricket", "dengue"]

    def test_a_long_query_finds_whatever_shares_a_word(self, news: Engine) -> None:
        page = news.search("ডেঙ্গু রোগীর চাপ কেন এত বাড়ছে পাহাড়ে")
        assert page.read_as is ReadAs.ANY_WORDS
        assert ids(page)[0] == "dengue"

    def test_phrases_and_exclusions_never_give_way(self, news: Engine) -> None:
        page = news.search('"নতুন রাষ্ট্রদূত" ক্রিকেট -ঢাকা')
        assert page.total == 0

    def test_nothing_at_all(self, news: Engine) -> None:
        page = news.search("উটপাখি")
        assert (page.total, page.hits, page.next_cursor) == (0, (), None)

    def test_without_words_everything(self, news: Engine) -> None:
        page = news.search("")
        assert (page.read_as, page.total, page.total_is_exact) == (ReadAs.EVERYTHING, 4, True)


class TestOrder:
    def test_a_word_in_the_title_counts_more(self, engine: Engine) -> None:
        engine.publish(
            article("body", "রাজধানীর খবর", "সারা দিন বৃষ্টি হয়েছে। পথে পানি জমেছে। যানজটে নাকাল মানুষ।"),
            article("title", "দিনভর বৃষ্টি", "পথে পানি জমেছে। যানজটে নাকাল মানুষ। অফিস ফেরত যাত্রীরা ভোগান্তিতে।"),
        )
        assert engine.find("বৃষ্টি") == ["title", "body"]

    def test_of_two_alike_the_fresh_one_comes_first(self, engine: Engine) -> None:
        engine.publish(
            article("old", "বৃষ্টির পূর্বাভাস", age=timedelta(days=20)),
            article("new", "বৃষ্টির পূর্বাভাস", age=timedelta(hours=1)),
        )
        assert engine.find("বৃষ্টি") == ["new", "old"]

    def test_a_date_in_the_query_ends_the_bonus_for_fresh_ones(self, engine: Engine) -> None:
        engine.publish(
            article("old", "বৃষ্টি বৃষ্টি বৃষ্টি", age=timedelta(days=20)),
            article("new", "ঢাকায় আজ বিকেলে হালকা বৃষ্টি", age=timedelta(hours=1)),
        )
        assert engine.find("বৃষ্টি date:2026") == ["old", "new"]

    def test_much_read_articles_rise(self, engine: Engine) -> None:
        engine.publish(
            article("quiet", "বৃষ্টির পূর্বাভাস", age=timedelta(days=19)),
            article("hot", "বৃষ্টির পূর্বাভাস", age=timedelta(days=20)),
        )
        assert engine.find("বৃষ্টি") == ["quiet", "hot"]
        assert engine.find("বৃষ্টি", hottest={"hot": 5_000, "gone": 9_000}) == ["hot", "quiet"]

    def test_a_date_in_the_future_counts_as_now(self, engine: Engine) -> None:
        engine.publish(article("a", "বৃষ্টির পূর্বাভাস", age=timedelta(days=-400)))
        page = engine.search("বৃষ্টি", explain=True)
        assert page.hits[0].explanation is not None
        assert page.hits[0].explanation["recency"] == pytest.approx(1.0)

    def test_the_explanation_adds_up(self, news: Engine) -> None:
        [hit] = news.search("ডেঙ্গু", explain=True, hottest={"dengue": 1_023}).hits
        assert hit.explanation is not None
        parts = hit.explanation
        assert parts["recency"] == pytest.approx(0.5, rel=1e-3)
        assert parts["popularity"] == pytest.approx(0.5, rel=1e-3)
        assert hit.score == pytest.approx(parts["text"] * (1 + parts["recency"] + parts["popularity"]), rel=1e-3)

    def test_newest_first(self, news: Engine) -> None:
        assert news.find("", sort=Sort.NEWEST) == ["lavrov", "dengue", "metro", "cricket"]
        assert news.find("নতুন", sort=Sort.NEWEST) == ["lavrov", "metro"]

    def test_without_words_relevance_means_newest(self, news: Engine) -> None:
        assert news.find("", hottest={"cricket": 10_000}) == ["lavrov", "dengue", "metro", "cricket"]

    def test_by_views_then_newest(self, news: Engine) -> None:
        hottest = {"cricket": 900, "metro": 20, "gone": 5_000}
        assert news.find("", sort=Sort.VIEWS, hottest=hottest) == ["cricket", "metro", "lavrov", "dengue"]


class TestFacets:
    ALL = frozenset(Facet)

    def test_counts_are_of_all_hits(self, news: Engine) -> None:
        facets = news.search("", facets=self.ALL, limit=1).facets
        assert facets.category == (FacetCount(NATIONAL, 2), FacetCount("আন্তর্জাতিক", 1), FacetCount("খেলা", 1))
        assert facets.source is not None
        assert Counter({count.value: count.count for count in facets.source}) == Counter(
            ["তাস", "আনাদোলু এজেন্সি", "ইউএনবি", "বাসস"]
        )

    def test_days_of_a_short_span_are_days_in_dhaka(self, engine: Engine) -> None:
        late_evening_in_london = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
        engine.publish(
            article("a", "ভোরের খবর", published_at=late_evening_in_london),
            article("b", "রাতের খবর", published_at=late_evening_in_london - timedelta(hours=5)),
        )
        days = engine.search("খবর", facets=self.ALL).facets.date
        assert days is not None
        assert [(count.start, count.count) for count in days] == [(date(2026, 11, 20), 1), (date(2026, 11, 21), 1)]

    def test_a_long_span_is_counted_by_month(self, news: Engine) -> None:
        months = news.search("", facets=self.ALL).facets.date
        assert months is not None
        assert [(count.start, count.count) for count in months] == [
            (date(2026, 1, 1), 1),
            (date(2026, 10, 1), 1),
            (date(2026, 11, 1), 2),
        ]

    def test_only_what_is_asked_for(self, news: Engine) -> None:
        facets = news.search("", facets=frozenset({Facet.CATEGORY})).facets
        assert facets.category is not None
        assert (facets.source, facets.date) == (None, None)

    def test_of_nothing(self, news: Engine) -> None:
        facets = news.search("উটপাখি", facets=self.ALL).facets
        assert (facets.category, facets.source, facets.date) == ((), (), ())


def _many(count: int) -> list[ArticleChange]:
    return [
        publish_change(
            article(f"n{number:03d}", f"নদীর খবর {number}", "নদী " * (number % 7 + 1), age=timedelta(hours=number * 5))
        )
        for number in range(count)
    ]


class TestPaging:
    @pytest.mark.parametrize("sort", list(Sort))
    def test_the_pages_sum_to_the_total_without_repeats(self, engine: Engine, sort: Sort) -> None:
        engine.change(*_many(47))
        hottest = {"n040": 77, "n003": 5, "n017": 900}
        pages = engine.pages(search_for("নদী", sort=sort, limit=7, hottest=hottest))
        found = [article_id for page in pages for article_id in ids(page)]
        assert sorted(found) == [f"n{number:03d}" for number in range(47)]
        assert {page.total for page in pages} == {47}
        assert [len(page.hits) for page in pages] == [7, 7, 7, 7, 7, 7, 5]
        assert found == engine.find("নদী", sort=sort, limit=50, hottest=hottest)

    @pytest.mark.parametrize("sort", list(Sort))
    def test_no_skips_and_no_repeats_while_the_index_changes(self, engine: Engine, sort: Sort) -> None:
        engine.change(*_many(30))
        request = search_for("নদী", sort=sort, limit=4, hottest={"n020": 50})
        page = engine.reader.search(request)
        found = ids(page)
        for step in range(1, 20):
            if page.next_cursor is None:
                break
            engine.publish(
                article(f"new{step}", "নদীর টাটকা খবর", "নদী নদী নদী", age=timedelta(minutes=-step)),
                article(f"late{step}", "নদীর পুরোনো খবর", "নদী", age=timedelta(days=400 + step)),
            )
            later = replace(
                request,
                cursor=page.next_cursor,
                now=NOW + timedelta(days=step),
                hottest={"n020": 50, f"n{step:03d}": 10_000},
            )
            page = engine.reader.search(later)
            found += ids(page)
        originals = [article_id for article_id in found if article_id.startswith("n0")]
        assert sorted(originals) == [f"n{number:03d}" for number in range(30)]
        assert len(found) == len(set(found))

    def test_a_retracted_article_leaves_the_pages_that_are_to_come(self, engine: Engine) -> None:
        engine.change(*_many(9))
        request = search_for("নদী", sort=Sort.RELEVANCE, limit=3)
        first = engine.reader.search(request)
        gone = next(f"n{number:03d}" for number in range(9) if f"n{number:03d}" not in ids(first))
        engine.change(retract_change(gone, 1))
        found = ids(first)
        page = first
        while page.next_cursor is not None:
            page = engine.reader.search(replace(request, cursor=page.next_cursor))
            found += ids(page)
        assert sorted([*found, gone]) == [f"n{number:03d}" for number in range(9)]

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(limits=st.lists(st.integers(1, 12), min_size=1), sort=st.sampled_from(Sort))
    def test_pages_of_any_size_sum_to_the_total(self, news: Engine, limits: list[int], sort: Sort) -> None:
        news.change(*_many(15))
        request = search_for("নদী", sort=sort, limit=limits[0])
        page = news.reader.search(request)
        found = ids(page)
        turn = 0
        while page.next_cursor is not None:
            turn += 1
            request = replace(request, cursor=page.next_cursor, limit=limits[turn % len(limits)])
            page = news.reader.search(request)
            found += ids(page)
        assert sorted(found) == [f"n{number:03d}" for number in range(15)]

    def test_a_cursor_is_good_for_its_own_search_only(self, engine: Engine) -> None:
        engine.change(*_many(9))
        request = search_for("নদী", limit=3)
        cursor = engine.reader.search(request).next_cursor
        assert cursor is not None
        for other in (
            search_for("খবর", limit=3, cursor=cursor),
            replace(request, cursor=cursor, categories=("খেলা",)),
            replace(request, cursor=cursor, sort=Sort.NEWEST),
            replace(request, cursor=cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")),
            replace(request, cursor="nonsense!"),
            replace(request, cursor=""),
        ):
            with pytest.raises(CursorError):
                engine.reader.search(other)

    def test_the_relaxation_of_the_first_page_stays(self, engine: Engine) -> None:
        engine.change(*_many(9))
        request = search_for("নদী পাহাড়", limit=4)
        first = engine.reader.search(request)
        assert first.read_as is ReadAs.ANY_WORDS
        engine.publish(article("both", "পাহাড়ি নদী পাহাড়"))
        second = engine.reader.search(replace(request, cursor=first.next_cursor))
        assert second.read_as is ReadAs.ANY_WORDS
        assert len(second.hits) == 4


STORY = (
    "পদ্মা সেতুতে গতকাল রাতে একটি বাস ও একটি ট্রাকের মুখোমুখি সংঘর্ষে তিনজন নিহত হয়েছেন। আহত অন্তত বিশজনকে "
    "নিকটবর্তী হাসপাতালে ভর্তি করা হয়েছে। পুলিশ জানায়, ঘন কুয়াশার কারণে চালক সামনের গাড়ি দেখতে পাননি। "
    "ফায়ার সার্ভিসের তিনটি দল দুই ঘণ্টা চেষ্টা চালিয়ে উদ্ধারকাজ শেষ করে। নিহতদের পরিচয় এখনো জানা যায়নি।"
)


def _story(article_id: str, hours: int, tail: str = "") -> ArticleChange:
    return publish_change(
        article(article_id, f"পদ্মা সেতুতে দুর্ঘটনায় তিনজন নিহত {tail}", f"{STORY} {tail}", age=timedelta(hours=hours))
    )


class TestCopies:
    def test_copies_are_counted_and_folded_on_request(self, engine: Engine) -> None:
        other = article("other", "সেতুর টোল বাড়ছে", "পদ্মা সেতুর টোল আগামী মাসে বাড়তে পারে বলে জানিয়েছে কর্তৃপক্ষ।")
        engine.change(_story("first", 30), _story("second", 20, "শরীয়তপুর"), _story("third", 10), publish_change(other))
        engine.writer.make_searchable()
        page = engine.search("পদ্মা সেতু", limit=10)
        assert page.total == 4
        assert {hit.stored.article.id: hit.stored.copies for hit in page.hits} == {
            "first": 2,
            "second": 2,
            "third": 2,
            "other": 0,
        }
        for sort in Sort:
            folded = engine.search("পদ্মা সেতু", limit=10, collapse=True, sort=sort)
            assert folded.total == 2
            assert len(folded.hits) == 2
            assert "other" in ids(folded)
        newest = engine.find("পদ্মা সেতু", collapse=True, sort=Sort.NEWEST)
        assert newest == ["other", "third"]

    def test_any_order_of_arrival_makes_the_same_clusters(self, new_engine: NewEngine) -> None:
        changes = [_story("first", 30), _story("second", 20, "শরীয়তপুর"), _story("third", 10, "মুন্সিগঞ্জ")]
        for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
            engine = new_engine()
            for index in order:
                engine.change(changes[index])
            engine.writer.make_searchable()
            assert engine.search("পদ্মা সেতু", collapse=True).total == 1

    def test_a_retracted_or_rewritten_copy_is_none_any_more(self, engine: Engine) -> None:
        engine.change(_story("first", 30), _story("second", 20), _story("third", 10))
        engine.change(retract_change("first", 2))
        rewritten = article("third", "নতুন বিষয়", "এখন একেবারে অন্য কথা লেখা হয়েছে।", version=2, age=timedelta(hours=10))
        engine.publish(rewritten)
        engine.writer.make_searchable()
        page = engine.search("পদ্মা সেতু", collapse=True)
        assert (ids(page), page.total, page.hits[0].stored.copies) == (["second"], 1, 0)

    def test_old_news_told_again_is_no_copy(self, engine: Engine) -> None:
        engine.change(_story("first", 24 * 30), _story("second", 20))
        engine.writer.make_searchable()
        assert engine.search("পদ্মা সেতু", collapse=True).total == 2

    def test_folded_pages_sum_to_the_folded_total(self, engine: Engine) -> None:
        engine.change(*[_story(f"s{number}", number) for number in range(5)], *_many(6))
        engine.writer.make_searchable()
        for sort in Sort:
            pages = engine.pages(search_for("নদী OR সেতু", collapse=True, sort=sort, limit=2))
            found = [article_id for page in pages for article_id in ids(page)]
            assert len(found) == len(set(found)) == pages[0].total == 7


class TestRelated:
    def test_similar_articles_without_copies_of_the_same_story(self, engine: Engine) -> None:
        similar = article("similar", "কুয়াশায় সেতুতে ধীরগতি", "ঘন কুয়াশার কারণে পদ্মা সেতুতে গাড়ি ধীরে চলছে। চালক ও যাত্রীরা ভোগান্তিতে।")
        engine.change(_story("first", 30), _story("copy", 20), publish_change(similar), *map(publish_change, NEWS))
        engine.writer.make_searchable()
        related = [hit.stored.article.id for hit in engine.reader.related("first", 5)]
        assert related[0] == "similar"
        assert not {"first", "copy"} & set(related)
        assert len(engine.reader.related("first", 1)) == 1

    def test_of_an_unknown_or_retracted_article_nothing(self, news: Engine) -> None:
        assert news.reader.related("unknown", 5) == []
        news.change(retract_change("dengue", 2))
        assert news.reader.related("dengue", 5) == []


class TestSuggest:
    @pytest.mark.parametrize(
        ("typed", "titles"),
        [
            ("ডেঙ", [DENGUE.title]),
            ("ডেঙ্গু", [DENGUE.title]),
            ("নতুন রা", [LAVROV.title]),
            ("নতুন", [LAVROV.title, METRO.title]),
            ("ঢাকায়", [LAVROV.title]),
            ("উটপাখি", []),
            ("", []),
            ("…", []),
        ],
    )
    def test_titles_that_hold_the_words_so_far(self, news: Engine, typed: str, titles: list[str]) -> None:
        completions = news.reader.suggest(typed, 5)
        assert [completion.text for completion in completions if completion.kind == "title"] == titles

    def test_the_same_title_once(self, engine: Engine) -> None:
        engine.publish(article("a", "বৃষ্টির পূর্বাভাস"), article("b", "বৃষ্টির পূর্বাভাস"), article("c", "বৃষ্টিতে স্বস্তি"))
        texts = [completion.text for completion in engine.reader.suggest("বৃষ্টি", 5)]
        assert sorted(texts) == ["বৃষ্টিতে স্বস্তি", "বৃষ্টির পূর্বাভাস"]
        assert len(engine.reader.suggest("বৃষ্টি", 1)) == 1


class TestLookups:
    def test_an_article_comes_back_as_it_was_published(self, engine: Engine) -> None:
        published = article(
            "full",
            "পুরো খবর",
            "প্রথম অনুচ্ছেদ।\nদ্বিতীয় অনুচ্ছেদ।",
            version=9_007_199_254_740_991,
            lead="সূচনা",
            url="https://khobor.example/full",
            category="জাতীয়",
            byline="ডেস্ক নিউজ",
            sources=("তাস",),
            tags=("কূটনীতি",),
            updated_at=NOW,
            page_views=104,
            related=("আরও খবর",),
        )
        engine.publish(published)
        lookup = engine.reader.get("full")
        assert lookup.state is Lookup.FOUND
        assert lookup.stored is not None
        assert lookup.stored.article == published

    def test_many_at_once(self, news: Engine) -> None:
        news.change(retract_change("metro", 2))
        lookups = news.reader.get_many(["dengue", "metro", "nobody"])
        assert {article_id: lookup.state for article_id, lookup in lookups.items()} == {
            "dengue": Lookup.FOUND,
            "metro": Lookup.RETRACTED,
            "nobody": Lookup.UNKNOWN,
        }
        assert news.reader.get_many([]) == {}

    def test_stats(self, news: Engine) -> None:
        news.change(retract_change("metro", 2))
        stats = news.reader.stats()
        assert (stats.articles, stats.retracted, stats.waiting) == (3, 1, 0)
        assert {(count.value, count.count) for count in stats.categories} == {
            (NATIONAL, 1),
            ("আন্তর্জাতিক", 1),
            ("খেলা", 1),
        }
        news.reader.ping()
