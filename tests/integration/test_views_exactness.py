"""Counts and lists are what plain sums over all views give, whatever order, batches and repetitions they came in."""

import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.journal.model import AppendItem, StreamId
from shared.keys import PartitionKeys, StreamKind
from shared.views.model import WINDOW_SECONDS, ListKind, RecordedView, ViewCounts, Window, decode_views, encode_view
from shared.views.redis_counter import RedisViewCounter
from shared.views.viewer_hash import viewer_hash
from tests.support.journals import Journal, memory_journal, redis_journal, views_stream
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 26, 6, 0, tzinfo=UTC)
ARTICLES = [f"article-{number}" for number in range(6)]
CATEGORIES = ["জাতীয়", "খেলা", None]
_SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def a_view(article_id: str, viewer: int, at: datetime, *, countable: bool = True) -> RecordedView:
    viewer_of_article = viewer_hash(b"salt", str(viewer), article_id)
    return RecordedView(article_id, viewer_of_article, round(at.timestamp() * 1_000), countable)


class Sent(NamedTuple):
    """One view event and how often its publisher sends it."""

    article_id: str
    viewer: int
    age_ms: int
    countable: bool
    times: int


sent_views = st.lists(
    st.builds(
        Sent,
        article_id=st.sampled_from(ARTICLES),
        viewer=st.integers(0, 10**6),
        age_ms=st.integers(0, 13 * 86_400_000),
        countable=st.integers(0, 9).map(bool),
        times=st.integers(1, 3),
    ),
    max_size=40,
    unique_by=lambda sent: (sent.article_id, sent.viewer),
)


@pytest.mark.timeout(600)  # when it fails, hypothesis takes minutes to find the smallest example
@given(sent=sent_views, data=st.data())
@_SETTINGS
def test_any_order_any_batches_and_any_repetition_give_the_same_counts(
    valkey: ValkeyServer, sent: list[Sent], data: st.DataObject
) -> None:
    events = [
        AppendItem(
            one.article_id,
            encode_view(
                a_view(one.article_id, one.viewer, NOON - timedelta(milliseconds=one.age_ms), countable=one.countable)
            ),
            event_hash=number,
        )
        for number, one in enumerate(sent)
        for _ in range(one.times)
    ]
    events = data.draw(st.permutations(events))
    with redis_journal(valkey, NOON) as journal:
        journal.empty()
        for number, article_id in enumerate(ARTICLES):
            journal.publish(article_id, category=CATEGORIES[number % 3])
        while events:
            size = data.draw(st.integers(1, len(events)))
            _append_and_maybe_drain(journal, events[:size], data)
            events = events[size:]
        journal.count_all(entries_at_a_time=data.draw(st.integers(1, 5)))

        _assert_equal_to_plain_sums(journal, sent)


def _append_and_maybe_drain(journal: Journal, events: list[AppendItem], data: st.DataObject) -> None:
    by_stream: dict[StreamId, list[AppendItem]] = {}
    for event in events:
        by_stream.setdefault(views_stream(event.article_id), []).append(event)
    for stream, items in by_stream.items():
        batch = f"batch-{data.draw(st.uuids())}"
        for _ in range(data.draw(st.integers(1, 2))):
            journal.append(stream, *items, batch=batch)
        match data.draw(st.sampled_from(["leave it", "count it", "count it twice", "die before counting"])):
            case "count it":
                journal.count_all(entries_at_a_time=3)
            case "count it twice":
                batches = [(entry, decode_views(entry.body)) for entry in journal.drain.read(stream, 3)]
                for _ in range(2):
                    journal.counter.count(stream.partition, batches, now=journal.clock())
            case "die before counting":
                journal.drain.read(stream, 3)
            case _:
                pass


def _assert_equal_to_plain_sums(journal: Journal, sent: list[Sent]) -> None:
    counts = journal.reader.counts(ARTICLES)
    for article_id in ARTICLES:
        its_views = [one for one in sent if one.article_id == article_id]
        countable = [one for one in its_views if one.countable]
        assert counts[article_id] == ViewCounts(counted=len(countable), raw=len(its_views))
    for window, half_life in WINDOW_SECONDS.items():
        for category in (None, *CATEGORIES):
            expected = {
                article_id: math.fsum(
                    math.exp2(-one.age_ms / 1_000 / half_life)
                    for one in sent
                    if one.countable and one.article_id == article_id
                )
                for number, article_id in enumerate(ARTICLES)
                if category in {None, CATEGORIES[number % 3]}
            }
            most = journal.reader.most_read(
                window=Window(window), kind=ListKind.TOP, category=category, limit=10, now=NOON
            )
            listed = {article.article_id: article.window_views for article in most.articles}
            assert listed == pytest.approx({key: value for key, value in expected.items() if value}, rel=1e-9)
            assert most.counted_views == pytest.approx(math.fsum(expected.values()), rel=1e-9)
            scores = [article.score for article in most.articles]
            assert scores == sorted(scores, reverse=True)


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("view"),
            st.lists(
                st.tuples(
                    st.sampled_from(ARTICLES), st.integers(0, 5), st.integers(-3_000, 15 * 86_400), st.integers(0, 5)
                ),
                min_size=1,
                max_size=8,
            ),
        ),
        st.tuples(
            st.just("publish"), st.tuples(st.sampled_from(ARTICLES), st.integers(1, 5), st.sampled_from(CATEGORIES))
        ),
        st.tuples(st.just("retract"), st.tuples(st.sampled_from(ARTICLES), st.integers(1, 5))),
        st.tuples(st.just("wait"), st.integers(1, 30 * 3_600)),
        st.tuples(st.just("count"), st.integers(1, 4)),
    ),
    # Below sixteen counting steps nothing is trimmed, so lists can be compared to the last digit.
    max_size=14,
)


@pytest.mark.timeout(600)
@given(steps=steps)
@_SETTINGS
def test_any_history_gives_what_the_plain_statement_gives(
    valkey: ValkeyServer, steps: list[tuple[str, object]]
) -> None:
    with memory_journal(NOON) as plain, redis_journal(valkey, NOON) as real:
        real.empty()
        for journal in (plain, real):
            for step in steps:
                _take(journal, step)
            journal.count_all()

        assert real.reader.counts(ARTICLES) == plain.reader.counts(ARTICLES)
        assert real.reader.hottest(3) == plain.reader.hottest(3)
        for window in Window:
            for category in (None, *CATEGORIES):
                _assert_same_list(plain, real, window, category)


def _take(journal: Journal, step: tuple[str, object]) -> None:
    match step:
        case ("view", list(views)):
            journal.append_views(
                *(
                    a_view(article_id, viewer, journal.clock() - timedelta(seconds=ago), countable=kind > 0)
                    for article_id, viewer, ago, kind in views
                )
            )
        case ("publish", (str(article_id), int(version), category)):
            journal.publish(article_id, version, category=category)  # type: ignore[arg-type]
        case ("retract", (str(article_id), int(version))):
            journal.retract(article_id, version)
        case ("wait", int(seconds)):
            journal.clock.advance(timedelta(seconds=seconds))
        case ("count", int(entries)):
            journal.count_all(entries_at_a_time=entries)


def _assert_same_list(plain: Journal, real: Journal, window: Window, category: str | None) -> None:
    expected, found = (
        journal.reader.most_read(window=window, kind=ListKind.TOP, category=category, limit=10, now=journal.clock())
        for journal in (plain, real)
    )
    assert {article.article_id: article.window_views for article in found.articles} == pytest.approx(
        {article.article_id: article.window_views for article in expected.articles}, rel=1e-9
    )
    assert {article.article_id: article.counts for article in found.articles} == {
        article.article_id: article.counts for article in expected.articles
    }
    # What leaves a total takes its rounding with it: a billionth of what the total was.
    assert found.counted_views == pytest.approx(expected.counted_views, rel=1e-9, abs=1e-6)


def test_hundreds_of_single_steps_keep_eleven_digits(valkey: ValkeyServer) -> None:
    with redis_journal(valkey, NOON) as journal:
        journal.publish("a")
        ages = [number * 97 for number in range(150)]
        for viewer, age in enumerate(ages):
            journal.view(a_view("a", viewer, NOON - timedelta(seconds=age)))

        for window, half_life in WINDOW_SECONDS.items():
            [article] = journal.reader.most_read(
                window=Window(window), kind=ListKind.TOP, category=None, limit=1, now=NOON
            ).articles
            plain = math.fsum(math.exp2(-age / half_life) for age in ages)
            assert article.window_views == pytest.approx(plain, rel=1e-11)


class TestBounds:
    def test_articles_that_are_never_published_are_kept_to_the_newest(self, valkey: ValkeyServer) -> None:
        junk = [name for number in range(200) if views_stream(name := f"junk-{number}").partition == 0][:30]
        with redis_journal(valkey, unfiled_kept=10) as journal, valkey.client() as client:
            for article_id in junk:
                journal.view(
                    a_view(article_id, 1, journal.clock()), a_view(article_id, 2, journal.clock(), countable=False)
                )
                journal.clock.advance(timedelta(seconds=1))

            keys = PartitionKeys(0)
            assert [client.zcard(keys.unfiled), client.hlen(keys.unfiled_views), client.hlen(keys.raw_views)] == [
                10
            ] * 3
            assert set(journal.reader.counts(junk[:20]).values()) == {ViewCounts(0, 0)}
            assert set(journal.reader.counts(junk[20:]).values()) == {ViewCounts(1, 2)}

            journal.publish(junk[-1])
            assert client.zcard(keys.unfiled) == 9
            journal.view(a_view(junk[-1], 3, journal.clock()))
            assert journal.reader.counts([junk[-1]]) == {junk[-1]: ViewCounts(2, 3)}

    def test_articles_that_nobody_reads_any_more_leave_the_window_lists(self, valkey: ValkeyServer) -> None:
        names = [name for number in range(20) if views_stream(name := f"a{number}").partition == 0]
        old, fresh = names[:2]
        with redis_journal(valkey) as journal, valkey.client() as client:
            journal.publish(old, category="খেলা")
            journal.publish(fresh, category="খেলা")
            journal.view(a_view(old, 1, journal.clock()))
            journal.clock.advance(timedelta(hours=5))
            for viewer in range(16):
                journal.view(a_view(fresh, viewer, journal.clock()))

            keys = PartitionKeys(0)
            for scope in ("", ":খেলা"):
                assert client.zrange(keys.window("1h") + scope, 0, -1) == [fresh.encode()], "1/32 view is left"
                assert set(client.zrange(keys.window("6h") + scope, 0, -1)) == {old.encode(), fresh.encode()}
            assert journal.reader.counts([old]) == {old: ViewCounts(1, 1)}

    def test_what_is_remembered_for_a_time_only_expires(self, valkey: ValkeyServer) -> None:
        with redis_journal(valkey) as journal, valkey.client() as client:
            journal.publish("a", category="খেলা")
            journal.append(
                views_stream("a"),
                AppendItem("a", encode_view(a_view("a", 1, journal.clock())), event_hash=1),
                batch="b",
            )
            journal.count_all()

            lives = {key.decode().partition(":")[2].partition(":")[2]: client.ttl(key) for key in client.scan_iter()}

        days = {name.partition(":")[0]: ttl / 86_400 for name, ttl in lives.items() if ttl > 0}
        assert days == {
            "seen": pytest.approx(3, abs=0.01),
            "viewers": pytest.approx(2, abs=0.01),
            "trail": pytest.approx(7, abs=0.01),
            "day": pytest.approx(2, abs=0.01),
            "day-totals": pytest.approx(2, abs=0.01),
            "batch": pytest.approx(120 / 86_400, abs=0.0005),
            "doorbell": pytest.approx(0, abs=0.001),
        }
        assert all(ttl > 0 for name, ttl in lives.items() if name.partition(":")[0] in days)

    @pytest.mark.parametrize("position", [-1, -2, -3, -4, -5, -7, None])
    def test_wrong_arguments_are_found_before_anything_is_changed(
        self, valkey: ValkeyServer, position: int | None
    ) -> None:
        with redis_journal(valkey) as journal, valkey.client() as client:
            journal.publish("a")
            journal.append_views(a_view("a", 1, journal.clock()), a_view("a", 2, journal.clock()))
            stream = views_stream("a")
            batches = [(entry, decode_views(entry.body)) for entry in journal.drain.read(stream, 1)]
            counter = RedisViewCounter(client)
            script = counter._count

            def with_wrong_arguments(*, keys: list[str], args: list[str]) -> object:
                wrong = args[:-1] if position is None else [*args]
                if position is not None:
                    wrong[position] = "wrong"
                return script(keys=keys, args=wrong)

            counter._count = with_wrong_arguments  # type: ignore[assignment]
            with pytest.raises(redis.ResponseError, match="malformed"):
                counter.count(stream.partition, batches, now=journal.clock())

            assert client.xlen(PartitionKeys(stream.partition).stream(StreamKind.VIEWS)) == 1
            assert journal.reader.counts(["a"]) == {"a": ViewCounts(0, 0)}
            assert journal.counter.count(stream.partition, batches, now=journal.clock()).counted == 2


def test_a_step_takes_whole_entries_of_about_five_hundred_views(valkey: ValkeyServer) -> None:
    with redis_journal(valkey) as journal, valkey.client() as client:
        journal.publish("a")
        for first in range(0, 1_200, 200):
            journal.append_views(*(a_view("a", viewer, journal.clock()) for viewer in range(first, first + 200)))
        client.config_resetstat()
        stream = views_stream("a")
        batches = [(entry, decode_views(entry.body)) for entry in journal.drain.read(stream, 100)]
        calls = client.info("commandstats")["cmdstat_evalsha"]["calls"]

        result = journal.counter.count(stream.partition, batches, now=journal.clock())

        assert result.counted == 1_200
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] - calls in {3, 4}
