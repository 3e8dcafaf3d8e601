"""What every view counter, reader and list editor does: `shared.views.ports`."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from shared.journal.model import Outcome, StreamId
from shared.keys import StreamKind
from shared.views.model import (
    CountResult,
    ListKind,
    MostRead,
    RecordedView,
    ViewCounts,
    Window,
    decode_views,
)
from shared.views.viewer_hash import viewer_hash
from tests.support.journals import Journal, article_item, articles_stream, settled, views_stream

# Afternoon in Dhaka, so that hours back and forth stay on the day.
NOON = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)
# Of article "a": one in its partition, whose totals it shares, and one in another.
NEIGHBOURS = [
    next(name for name in map(str, range(100)) if (views_stream(name) == views_stream("a")) is same)
    for same in (True, False)
]


@pytest.fixture(autouse=True)
def _at_noon(journal: Journal) -> None:
    journal.clock.at = NOON


def seen(
    journal: Journal, article_id: str, *viewers: int, ago: timedelta = timedelta(), countable: bool = True
) -> list[RecordedView]:
    at_ms = journal.clock.milliseconds - round(ago.total_seconds() * 1_000)
    return [RecordedView(article_id, viewer_hash(b"salt", str(v), article_id), at_ms, countable) for v in viewers]


def most_read(
    journal: Journal,
    window: Window = Window.HOUR,
    *,
    kind: ListKind = ListKind.TOP,
    category: str | None = None,
    limit: int = 10,
    published_at: dict[str, datetime] | None = None,
) -> MostRead:
    return journal.reader.most_read(
        window=window, kind=kind, category=category, limit=limit, now=journal.clock(), published_at=published_at
    )


def listed(journal: Journal, window: Window = Window.HOUR, category: str | None = None) -> dict[str, float]:
    """Article ids in the list's order, with their views in the window."""
    most = most_read(journal, window, category=category, limit=100)
    return {article.article_id: article.window_views for article in most.articles}


class TestCounting:
    def test_a_reader_counts_once_a_day_for_an_article_and_always_in_raw(self, journal: Journal) -> None:
        journal.publish("a")
        journal.append_views(*seen(journal, "a", 1, 1, 2))
        journal.append_views(*seen(journal, "a", 2, 3, ago=timedelta(hours=2)))

        results = journal.count_all(entries_at_a_time=1)

        assert results == [CountResult(2, 1, 0, 0), CountResult(1, 1, 0, 0)]
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=3, raw=5)}

    def test_bots_and_prefetches_count_in_raw_only(self, journal: Journal) -> None:
        journal.publish("a")
        journal.append_views(*seen(journal, "a", 1), *seen(journal, "a", 2, 3, countable=False))

        assert journal.count_all() == [CountResult(counted=1, repeats=0, raw_only=2, refused=0)]
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=1, raw=3)}

    def test_a_view_that_was_raw_only_does_not_use_up_its_reader(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", 1, countable=False))
        journal.view(*seen(journal, "a", 1))

        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=1, raw=2)}

    def test_an_entry_is_counted_once_however_often_it_is_handed_in(self, journal: Journal) -> None:
        journal.publish("a")
        journal.append_views(*seen(journal, "a", 1, 2))
        stream = views_stream("a")
        batches = [(entry, decode_views(entry.body)) for entry in journal.drain.read(stream, 10)]

        first = journal.counter.count(stream.partition, batches, now=journal.clock())
        second = journal.counter.count(stream.partition, batches, now=journal.clock())

        assert first == CountResult(counted=2, repeats=0, raw_only=0, refused=0)
        assert second == CountResult(counted=0, repeats=0, raw_only=0, refused=2)
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=2, raw=2)}
        assert listed(journal) == {"a": pytest.approx(2)}
        assert journal.drain.read(stream, 10) == []

    def test_an_entry_without_views_is_acknowledged(self, journal: Journal) -> None:
        journal.append_views(*seen(journal, "a", 1))
        stream = views_stream("a")
        [entry] = journal.drain.read(stream, 1)

        assert journal.counter.count(stream.partition, [(entry, [])], now=journal.clock()) == CountResult(0, 0, 0, 0)
        assert journal.drain.read(stream, 1) == []

    def test_thousands_of_views_and_articles_in_one_call(self, journal: Journal) -> None:
        articles = [name for number in range(9_000) if views_stream(name := f"a{number}").partition == 0]
        stream = StreamId(StreamKind.VIEWS, 0)
        journal.publish(articles[0])
        journal.append_views(*(view for article in articles for view in seen(journal, article, 1)))
        [entry] = journal.drain.read(stream, 10)

        result = journal.counter.count(0, [(entry, decode_views(entry.body))], now=journal.clock())

        assert result.counted == len(articles) > 2_500
        assert set(journal.reader.counts(articles).values()) == {ViewCounts(1, 1)}

    def test_articles_that_nobody_viewed(self, journal: Journal) -> None:
        assert journal.reader.counts(["a", "b"]) == {"a": ViewCounts(0, 0), "b": ViewCounts(0, 0)}
        assert journal.reader.counts([]) == {}

    def test_the_same_reader_counts_again_on_another_day(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", 1))
        journal.clock.advance(timedelta(days=1))
        journal.view(*seen(journal, "a", 1))

        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=2, raw=2)}


class TestClocks:
    def test_a_view_from_the_future_weighs_no_more_than_five_seconds_allow(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", 1, ago=-timedelta(days=400)))

        assert listed(journal) == {"a": pytest.approx(math.exp2(5 / 3_600))}
        assert listed(journal, Window.TODAY) == {"a": 1}

    def test_a_view_older_than_two_weeks_counts_in_totals_only(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", 1, ago=timedelta(days=14, seconds=1)), RecordedView("a", 2, -(10**15), True))

        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=2, raw=2)}
        assert [listed(journal, window) for window in Window] == [{}] * len(Window)
        assert journal.reader.hottest(1) == {"a": 2}

    def test_late_views_are_exact(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", 1))
        journal.view(*seen(journal, "a", 2, ago=timedelta(hours=6)))

        assert listed(journal, Window.HOUR) == {"a": pytest.approx(1 + 1 / 64)}
        assert listed(journal, Window.SIX_HOURS) == {"a": pytest.approx(1.5)}


class TestLists:
    def test_counts_halve_with_every_half_life(self, journal: Journal) -> None:
        journal.publish("a")
        journal.view(*seen(journal, "a", *range(8)))
        journal.clock.advance(timedelta(hours=2))

        assert listed(journal, Window.HOUR) == {"a": pytest.approx(2)}
        assert listed(journal, Window.SIX_HOURS) == {"a": pytest.approx(8 * math.exp2(-1 / 3))}

    def test_the_partitions_are_merged_in_order(self, journal: Journal) -> None:
        for number in range(12):
            journal.publish(f"a{number:02}", category="খেলা" if number % 2 else None)
            journal.view(*seen(journal, f"a{number:02}", *range(number + 1)))
        assert len({views_stream(f"a{number:02}").partition for number in range(12)}) > 1

        assert list(listed(journal)) == [f"a{number:02}" for number in range(11, -1, -1)]
        top = most_read(journal, category="খেলা", limit=2)
        assert [article.article_id for article in top.articles] == ["a11", "a09"]
        assert top.articles[0].counts == ViewCounts(12, 12)
        assert (top.window, top.kind, top.category, top.as_of) == (Window.HOUR, ListKind.TOP, "খেলা", NOON)

    def test_the_total_is_of_the_whole_scope_not_of_the_shown_part(self, journal: Journal) -> None:
        for number, category in enumerate(["খেলা", "খেলা", "অর্থনীতি", None], start=1):
            journal.publish(f"a{number}", category=category)
            journal.view(*seen(journal, f"a{number}", *range(number)))

        for window in Window:
            assert most_read(journal, window, limit=1).counted_views == pytest.approx(10)
            assert most_read(journal, window, category="খেলা", limit=1).counted_views == pytest.approx(3)

    def test_nothing_was_viewed(self, journal: Journal) -> None:
        journal.publish("a", category="খেলা")

        for kind in ListKind:
            assert most_read(journal, kind=kind, category="খেলা").articles == ()
            assert most_read(journal, Window.TODAY, kind=kind).counted_views == 0

    def test_today_begins_at_midnight_in_dhaka(self, journal: Journal) -> None:
        journal.publish("a", category="খেলা")
        journal.clock.at = datetime(2026, 3, 26, 17, 59, tzinfo=UTC)  # 23:59 in Dhaka
        journal.view(*seen(journal, "a", 1, 2))
        assert listed(journal, Window.TODAY) == {"a": 2}

        journal.clock.advance(timedelta(minutes=2))
        assert listed(journal, Window.TODAY) == {}

        late = seen(journal, "a", 3, ago=timedelta(minutes=5))
        journal.view(*late, *seen(journal, "a", 4))
        assert listed(journal, Window.TODAY, "খেলা") == {"a": 1}
        assert most_read(journal, Window.TODAY).counted_views == 1

    def test_the_hottest_of_all_time(self, journal: Journal) -> None:
        for number in range(1, 6):
            journal.publish(f"a{number}")
            journal.view(*seen(journal, f"a{number}", *range(number)))
        journal.retract("a4", 2)
        journal.view(*seen(journal, "never-published", *range(9)))

        assert journal.reader.hottest(3) == {"a5": 5, "a3": 3, "a2": 2}


class TestFiling:
    def test_views_before_the_article_are_listed_when_it_comes(self, journal: Journal) -> None:
        journal.view(*seen(journal, "a", 1, 2, ago=timedelta(hours=1)))
        journal.view(*seen(journal, "a", 3))
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(3, 3)}
        assert [listed(journal, window) for window in Window] == [{}] * len(Window)
        assert most_read(journal).counted_views == 0

        journal.publish("a", category="জাতীয়")

        for category in (None, "জাতীয়"):
            assert listed(journal, Window.HOUR, category) == {"a": pytest.approx(2)}
            assert listed(journal, Window.TODAY, category) == {"a": 3}
            assert most_read(journal, category=category).counted_views == pytest.approx(2)
            assert most_read(journal, Window.TODAY, category=category).counted_views == 3
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(3, 3)}
        assert journal.reader.hottest(1) == {"a": 3}

    def test_views_go_on_where_they_were_before_the_article(self, journal: Journal) -> None:
        journal.view(*seen(journal, "a", 1))
        journal.publish("a", category="জাতীয়")
        journal.view(*seen(journal, "a", 1, 2))

        assert listed(journal, category="জাতীয়") == {"a": pytest.approx(2)}
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(2, 3)}

    @pytest.mark.parametrize("other", NEIGHBOURS)
    def test_an_article_moves_with_its_category(self, journal: Journal, other: str) -> None:
        journal.publish("a", 1, category="জাতীয়")
        journal.publish(other, 1, category="জাতীয়")
        journal.view(*seen(journal, "a", 1, 2), *seen(journal, other, 1))

        journal.publish("a", 2, category="রাজনীতি")
        journal.view(*seen(journal, "a", 3))

        for window in Window:
            assert listed(journal, window) == {"a": pytest.approx(3), other: pytest.approx(1)}
            assert listed(journal, window, "জাতীয়") == {other: pytest.approx(1)}
            assert listed(journal, window, "রাজনীতি") == {"a": pytest.approx(3)}
            assert most_read(journal, window, category="জাতীয়").counted_views == pytest.approx(1)
            assert most_read(journal, window, category="রাজনীতি").counted_views == pytest.approx(3)
            assert most_read(journal, window).counted_views == pytest.approx(4)

    def test_a_category_can_be_given_and_taken_away(self, journal: Journal) -> None:
        journal.publish("a", 1)
        journal.view(*seen(journal, "a", 1))

        journal.publish("a", 2, category="খেলা")
        assert listed(journal, category="খেলা") == {"a": pytest.approx(1)}

        journal.publish("a", 3)
        assert listed(journal, category="খেলা") == {}
        assert most_read(journal, category="খেলা").counted_views == pytest.approx(0)
        assert listed(journal) == {"a": pytest.approx(1)}

    def test_an_older_version_moves_nothing(self, journal: Journal) -> None:
        journal.publish("a", 5, category="খেলা")
        journal.view(*seen(journal, "a", 1))
        journal.publish("a", 4, category="বিনোদন")
        journal.retract("a", 3)

        assert listed(journal, category="খেলা") == {"a": pytest.approx(1)}

    def test_a_stale_event_moves_nothing_even_when_it_is_the_first_one_seen(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a"))
        [entry] = journal.drain.read(stream, 1)
        journal.drain.settle_articles(stream, [settled(entry, "a", outcome=Outcome.STALE, category="খেলা")])
        journal.view(*seen(journal, "a", 1))

        assert listed(journal) == {}

    @pytest.mark.parametrize("other", NEIGHBOURS)
    def test_a_retracted_article_leaves_every_list_and_counts_in_raw_only(self, journal: Journal, other: str) -> None:
        journal.publish("a", 1, category="খেলা")
        journal.publish(other, 1, category="খেলা")
        journal.view(*seen(journal, "a", 1, 2), *seen(journal, other, 1))

        journal.retract("a", 2)
        journal.append_views(*seen(journal, "a", 3))
        assert journal.count_all() == [CountResult(counted=0, repeats=0, raw_only=1, refused=0)]

        for window in Window:
            for category in (None, "খেলা"):
                assert listed(journal, window, category) == {other: pytest.approx(1)}
                assert most_read(journal, window, category=category).counted_views == pytest.approx(1)
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=2, raw=3)}

    def test_a_newer_version_brings_a_retracted_article_back(self, journal: Journal) -> None:
        journal.publish("a", 1, category="খেলা")
        journal.view(*seen(journal, "a", 1, 2))
        journal.retract("a", 2)
        journal.publish("a", 3, category="বিনোদন")
        assert listed(journal) == {}, "its lists begin anew"

        journal.view(*seen(journal, "a", 1, 3))

        assert listed(journal) == listed(journal, category="বিনোদন") == {"a": pytest.approx(1)}
        assert listed(journal, category="খেলা") == {}
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=3, raw=4)}

    def test_a_retraction_that_comes_first_keeps_earlier_views_off_the_lists(self, journal: Journal) -> None:
        journal.view(*seen(journal, "a", 1))
        journal.retract("a", 2)
        journal.publish("a", 1, category="খেলা")

        assert listed(journal) == {}
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(counted=1, raw=1)}


class TestEditing:
    def test_a_hidden_article_is_counted_and_not_listed(self, journal: Journal) -> None:
        journal.publish("a")
        journal.editor.hide("a")
        journal.view(*seen(journal, "a", *range(6)))

        assert listed(journal) == {}
        assert most_read(journal, kind=ListKind.RISING).articles == ()
        assert journal.editor.hidden() == ["a"]
        assert journal.reader.counts(["a"]) == {"a": ViewCounts(6, 6)}

        journal.editor.unhide("a")
        assert listed(journal) == {"a": pytest.approx(6)}
        assert journal.editor.hidden() == []

    def test_hidden_articles_do_not_shorten_a_list(self, journal: Journal) -> None:
        for number in range(60):
            journal.publish(f"a{number:02}")
        journal.view(*(view for number in range(60) for view in seen(journal, f"a{number:02}", *range(60 - number))))
        for number in range(55):
            journal.editor.hide(f"a{number:02}")

        top = most_read(journal, limit=4)

        assert [article.article_id for article in top.articles] == ["a55", "a56", "a57", "a58"]


class TestRising:
    def test_an_old_article_that_is_read_again_rises_above_the_steady_ones(self, journal: Journal) -> None:
        for article_id in ("steady", "again", "quiet"):
            journal.publish(article_id, category="খেলা")
        for hour in range(12):
            first = hour * 1_000
            journal.view(*seen(journal, "steady", *range(first, first + 20), ago=timedelta(hours=12 - hour)))
        journal.view(*seen(journal, "steady", *range(20_000, 20_020)), *seen(journal, "quiet", 1, 2, 3, 4))
        journal.view(*seen(journal, "again", *range(15)))

        rising = most_read(journal, Window.DAY, kind=ListKind.RISING, category="খেলা")

        assert [article.article_id for article in rising.articles] == ["again", "steady"], "four views are chance"
        again, steady = rising.articles
        assert again.score > 1.5
        assert steady.score < 1.1
        assert again.window_views == pytest.approx(15), "the window's views are told, whatever orders the list"
        assert again.counts == ViewCounts(15, 15)

    def test_a_young_article_does_not_rise_for_being_young(self, journal: Journal) -> None:
        for article_id in ("young", "old"):
            journal.publish(article_id)
        for minutes in range(0, 60, 5):
            ago = timedelta(minutes=minutes)
            journal.view(*seen(journal, "young", minutes, ago=ago), *seen(journal, "old", minutes, ago=ago))
        ages = {"young": NOON - timedelta(hours=1), "old": NOON - timedelta(days=3)}

        rising = most_read(journal, kind=ListKind.RISING, published_at=ages)
        as_unknown = most_read(journal, kind=ListKind.RISING, published_at={"young": ages["young"]})

        assert [article.article_id for article in rising.articles] == ["old", "young"], "all its views are recent"
        old, young = rising.articles
        assert old.score > 1.5 * young.score
        assert [article.score for article in as_unknown.articles] == pytest.approx([old.score, young.score], rel=1e-3)
