"""What a worker does with the entries of a partition, over the journal and counters in memory."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.indexer.burial import Burial
from services.indexer.circuit import FIRST_WAIT
from services.indexer.drain_articles import DrainArticles
from services.indexer.drain_backfill import LONGEST_WAIT, DrainBackfill
from services.indexer.drain_views import DrainViews
from services.indexer.lease import LeaseKeeper, Steps, Turn
from services.indexer.metrics import IndexerMetrics
from services.indexer.ring_doorbells import RingDoorbells
from shared.events import Article, ArticlePublished, ArticleRetracted, Priority, Retraction, encode_event
from shared.journal.memory import InMemoryJournal, SilentDoorbell
from shared.journal.memory_trail import InMemoryTrail
from shared.journal.model import AppendItem, StreamId, TrailStage
from shared.keys import StreamKind
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange, Lookup
from shared.search.ports import IndexUnavailableError
from shared.views.memory import InMemoryViews
from shared.views.model import RecordedView, encode_view

ARTICLES = StreamId(StreamKind.ARTICLES, 0)
BACKFILL = StreamId(StreamKind.BACKFILL, 0)
VIEWS = StreamId(StreamKind.VIEWS, 0)
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


class FakeCircuit:
    """Stays open until it is told otherwise."""

    def __init__(self) -> None:
        self.reason: str | None = None

    def open_reason(self) -> str | None:
        return self.reason

    def fail(self, reason: str) -> timedelta | None:
        was_open, self.reason = self.reason is not None, reason
        return None if was_open else FIRST_WAIT

    def succeed(self) -> bool:
        was_open, self.reason = self.reason is not None, None
        return was_open


class TroubledIndex(InMemoryArticleIndex):
    """An index that can be down, and that refuses articles whose title says so."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.shows = True

    def make_searchable(self) -> list[tuple[str, int]]:
        if self.down or not self.shows:
            raise IndexUnavailableError("the disk is full")
        return super().make_searchable()

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        if self.down:
            raise IndexUnavailableError("the index is down")
        good = [change for change in changes if not _is_refused(change)]
        results = iter(super().apply(good))
        return [
            ApplyResult(change.article_id, change.version, ApplyOutcome.REJECTED, "mapping")
            if _is_refused(change)
            else next(results)
            for change in changes
        ]


def _is_refused(change: ArticleChange) -> bool:
    return change.article is not None and "অগ্রাহ্য" in change.article.title


class Bench:
    """A worker with everything in memory and a clock that the test turns."""

    def __init__(self, *, budget: timedelta = timedelta(seconds=5), partitions: int = 1) -> None:
        self.now = NOW
        self.while_asleep: Callable[[], object] = lambda: None
        self.monotonic = 0.0
        self.doorbell = SilentDoorbell()
        self.journal = InMemoryJournal(partitions=partitions, doorbell=self.doorbell, now=lambda: self.now)
        self.trail = InMemoryTrail(self.journal)
        self.views = InMemoryViews(self.journal)
        self.index = TroubledIndex()
        self.circuit = FakeCircuit()
        self.registry = CollectorRegistry()
        metrics = IndexerMetrics(self.registry)
        keeper = LeaseKeeper(self.journal, monotonic=lambda: self.monotonic)
        turn = Turn(self.journal, self.doorbell, keeper, Steps(), budget=budget, monotonic=lambda: self.monotonic)
        burial = Burial(self.journal, metrics, max_deliveries=4)
        self.drain_articles = DrainArticles(
            journal=self.journal,
            turn=turn,
            writer=self.index,
            trail=self.trail,
            circuit=self.circuit,
            burial=burial,
            metrics=metrics,
            now=lambda: self.now,
        )
        self.drain_backfill = DrainBackfill(
            journal=self.journal,
            drain_articles=self.drain_articles,
            batch=3,
            budget=budget,
            monotonic=lambda: self.monotonic,
            sleep=self._sleep,
        )
        self.drain_views = DrainViews(
            turn=turn,
            counter=self.views,
            burial=burial,
            metrics=metrics,
            now=lambda: self.now,
            batch=2,
        )
        self.ring_doorbells = RingDoorbells(journal=self.journal, doorbell=self.doorbell)
        self._batch_ids = count()

    def _sleep(self, seconds: float) -> None:
        self.monotonic += seconds
        self.now += timedelta(seconds=seconds)
        self.while_asleep()

    def append(self, stream: StreamId, *items: AppendItem) -> None:
        asyncio.run(self.journal.append(stream, f"batch {next(self._batch_ids)}", items))

    def backlog(self, stream: StreamId) -> int:
        return next(backlog.entries for backlog in self.journal.backlogs() if backlog.stream == stream)

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    def stages(self, article_id: str) -> set[TrailStage]:
        return {mark.stage for mark in self.trail.marks(article_id)}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def published(article_id: str, version: int = 1, **changes: Any) -> AppendItem:
    given = {
        "id": article_id,
        "version": version,
        "title": "চলনবিলে অতিথি পাখির মেলা",
        "body": "শীতের শুরুতে চলনবিলে অতিথি পাখি আসতে শুরু করেছে।",
        "category": "পরিবেশ",
        "published_at": "2026-11-23T09:00:00+06:00",
    } | changes
    article = Article.model_validate(given)
    event = ArticlePublished(id=f"{article_id}@{version}", source="test", subject=article_id, data=article)
    return AppendItem(article_id, encode_event(event), event_id=event.id, version=version)


def retracted(article_id: str, version: int) -> AppendItem:
    event = ArticleRetracted(
        id=f"{article_id}-{version}", source="test", subject=article_id, data=Retraction(version=version)
    )
    return AppendItem(article_id, encode_event(event), event_id=event.id, version=version)


def view(article_id: str, viewer: int) -> AppendItem:
    recorded = RecordedView(article_id, viewer, round(NOW.timestamp() * 1000), countable=True)
    return AppendItem(article_id, encode_view(recorded))


def test_articles_become_searchable_and_leave_a_trail(bench: Bench) -> None:
    bench.append(ARTICLES, *(published(f"a{number}") for number in range(7)))
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.backlog(ARTICLES) == 0
    assert all(bench.index.get(f"a{number}").state is Lookup.FOUND for number in range(7))
    assert bench.stages("a3") == {TrailStage.RECEIVED, TrailStage.APPLIED, TrailStage.SEARCHABLE}
    assert bench.metric("khobor_articles_total", outcome="applied") == 7


def test_a_retraction_stays_when_an_older_version_comes_late(bench: Bench) -> None:
    bench.append(ARTICLES, published("a", 1), retracted("a", 3))
    bench.drain_articles.run(ARTICLES, 3)
    bench.append(ARTICLES, published("a", 2))
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.index.get("a").state is Lookup.RETRACTED
    assert bench.metric("khobor_articles_total", outcome="stale") == 2
    assert bench.journal.articles["a"].retracted


def test_a_refused_document_goes_to_the_dead_letters_alone(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"), published("b", title="অগ্রাহ্য প্রতিবেদন"), published("c"))
    bench.drain_articles.run(ARTICLES, 3)
    letters = list(bench.journal.letters.values())
    assert [(letter.article_id, letter.reason) for letter, _ in letters] == [("b", "refused by the index: mapping")]
    assert {identifier for identifier in "abc" if bench.index.get(identifier).state is Lookup.FOUND} == {"a", "c"}
    assert bench.backlog(ARTICLES) == 0


def test_an_event_that_is_none_goes_to_the_dead_letters_with_its_faults(bench: Bench) -> None:
    bench.append(ARTICLES, AppendItem("a", b'{"type": "khobor.article.published.v1"}'), published("b"))
    bench.drain_articles.run(ARTICLES, 3)
    [(letter, _item)] = bench.journal.letters.values()
    assert "not a valid article event" in letter.reason
    assert letter.body == b'{"type": "khobor.article.published.v1"}'
    assert bench.index.get("b").state is Lookup.FOUND


def test_an_outage_opens_the_circuit_and_costs_no_delivery(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"), published("b"))
    bench.index.down = True
    for _ in range(10):
        bench.circuit.succeed()
        bench.drain_articles.run(ARTICLES, 3)
    assert bench.circuit.open_reason() == "the index is down"
    assert bench.backlog(ARTICLES) == 2
    assert bench.journal.letters == {}

    bench.index.down = False
    bench.circuit.succeed()
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.backlog(ARTICLES) == 0
    assert bench.index.get("a").state is Lookup.FOUND


def test_an_open_circuit_leaves_the_journal_alone(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"))
    bench.circuit.fail("down")
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.backlog(ARTICLES) == 1
    [backlog] = [backlog for backlog in bench.journal.backlogs() if backlog.stream == ARTICLES]
    assert backlog.pending == 0


def test_the_schedule_does_not_keep_an_open_circuit_open(bench: Bench) -> None:
    """It looks every five seconds, and the longest wait is thirty: no drain would ever find out that all is well."""
    bench.circuit.fail("down")
    bench.index.down = True
    bench.drain_articles.make_searchable()
    assert bench.circuit.open_reason() == "down"
    assert bench.metric("khobor_index_failures_total") == 0


def test_a_failure_to_show_what_was_applied_opens_the_circuit(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"))
    bench.index.shows = False
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.circuit.open_reason() == "the disk is full"
    assert bench.backlog(ARTICLES) == 0

    bench.index.shows = True
    bench.circuit.succeed()
    bench.drain_articles.make_searchable()
    assert TrailStage.SEARCHABLE in bench.stages("a")


def test_an_entry_that_kills_its_worker_is_buried_after_four_deliveries(bench: Bench) -> None:
    bench.append(ARTICLES, published("deadly"), published("innocent"))
    for number in range(4):
        # Each of these workers takes the lease, reads, and dies without a word.
        owner = f"worker {number}"
        assert bench.journal.acquire(ARTICLES, owner)
        assert bench.journal.read(ARTICLES, 1)[0].deliveries == number + 1
        bench.now += timedelta(minutes=1)
    bench.drain_articles.run(ARTICLES, 3)
    [(letter, _item)] = bench.journal.letters.values()
    assert letter.article_id == "deadly"
    assert "4 times" in letter.reason
    assert bench.index.get("innocent").state is Lookup.FOUND


def test_a_stream_that_another_worker_holds_is_left_to_it(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"))
    assert bench.journal.acquire(ARTICLES, "another worker")
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.backlog(ARTICLES) == 1
    assert bench.index.get("a").state is Lookup.UNKNOWN


def test_a_spent_budget_hands_over_to_a_fresh_ticket() -> None:
    bench = Bench(budget=timedelta(seconds=0))
    bench.append(ARTICLES, *(published(f"a{number}") for number in range(7)))
    bench.doorbell.rings.clear()
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.backlog(ARTICLES) == 4
    assert bench.doorbell.rings == [ARTICLES]
    assert bench.journal.acquire(ARTICLES, "the next worker")


def test_a_category_typed_on_another_keyboard_is_the_same_category(bench: Bench) -> None:
    bench.append(ARTICLES, published("a", category="বা\u09dcি"), published("b", category="বা\u09a1\u09bcি"))
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.journal.articles["a"].category == bench.journal.articles["b"].category


def test_backfill_is_applied_and_says_so(bench: Bench) -> None:
    bench.append(BACKFILL, *(published(f"a{number}") for number in range(7)))
    bench.drain_backfill.run(0)
    assert bench.backlog(BACKFILL) == 0
    assert all(bench.index.get(f"a{number}").state is Lookup.FOUND for number in range(7))
    assert {mark.priority for mark in bench.trail.marks("a3")} == {Priority.BACKFILL, None}
    assert bench.metric("khobor_article_searchable_seconds_count", stream="backfill") == 7


def test_what_another_drain_has_settled_meanwhile_is_not_counted_again(bench: Bench) -> None:
    """The lease runs out in the middle of a step; whoever takes it over does all of the work once more."""
    bench.append(ARTICLES, published("a"), published("b", title="অগ্রাহ্য প্রতিবেদন"), published("c"))
    apply = bench.index.apply

    def lose_the_lease(changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        bench.index.apply = apply  # type: ignore[method-assign]
        bench.now += timedelta(minutes=1)
        bench.drain_articles.run(ARTICLES, 3)
        assert bench.backlog(ARTICLES) == 0
        return apply(changes)

    bench.index.apply = lose_the_lease  # type: ignore[method-assign]
    bench.drain_articles.run(ARTICLES, 3)
    assert bench.metric("khobor_articles_total", outcome="applied") == 2
    assert bench.metric("khobor_articles_total", outcome="dead_lettered") == 1
    assert bench.metric("khobor_dead_lettered_total", stream="articles") == 1
    assert bench.metric("khobor_article_searchable_seconds_count", stream="articles") == 2
    assert len(bench.journal.letters) == 1


def test_an_old_version_of_the_archive_does_not_undo_what_is_live(bench: Bench) -> None:
    bench.append(BACKFILL, published("a", 1), published("b", 1))
    bench.append(ARTICLES, retracted("a", 2), published("b", 3, title="হাওরে পানি নামছে"))
    bench.drain_articles.run(ARTICLES, 3)
    bench.drain_backfill.run(0)
    assert bench.index.get("a").state is Lookup.RETRACTED
    assert bench.journal.articles["b"].version == 3
    assert bench.metric("khobor_articles_total", outcome="stale") == 2


def test_backfill_waits_while_live_events_are_applied(bench: Bench) -> None:
    bench.append(BACKFILL, published("old"))
    bench.append(ARTICLES, published("new"))
    assert bench.journal.acquire(ARTICLES, "a worker at work")
    seen_waiting: list[int] = []

    def work() -> None:
        seen_waiting.append(bench.backlog(BACKFILL))
        if len(seen_waiting) == 10:
            [entry] = bench.journal.read(ARTICLES, 1)
            bench.journal.acknowledge(ARTICLES, entry.id)

    bench.while_asleep = work
    bench.drain_backfill.run(0)
    assert seen_waiting == [1] * 10
    assert bench.backlog(BACKFILL) == 0


def test_backfill_goes_on_slowly_when_live_events_never_end(bench: Bench) -> None:
    bench.append(BACKFILL, *(published(f"old{number}") for number in range(7)))
    bench.append(ARTICLES, published("new"))
    assert bench.journal.acquire(ARTICLES, "a worker at work")
    bench.while_asleep = lambda: bench.journal.renew(ARTICLES, "a worker at work")
    bench.drain_backfill.run(0)
    assert bench.backlog(BACKFILL) == 0
    assert bench.monotonic >= 3 * LONGEST_WAIT.total_seconds()


def test_backfill_leaves_its_thread_to_live_events_that_wait_for_one(bench: Bench) -> None:
    bench.append(BACKFILL, published("old"))
    bench.append(ARTICLES, published("new"))
    bench.drain_backfill.run(0)
    assert bench.backlog(BACKFILL) == 1
    assert bench.journal.acquire(BACKFILL, "a later ticket")


def test_backfill_that_becomes_second_in_the_middle_stops_after_its_batch(bench: Bench) -> None:
    bench.append(BACKFILL, *(published(f"old{number}") for number in range(7)))
    apply = bench.index.apply

    def news_break(changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        bench.append(ARTICLES, published("new"))
        return apply(changes)

    bench.index.apply = news_break  # type: ignore[method-assign]
    bench.drain_backfill.run(0)
    assert bench.backlog(BACKFILL) == 4
    assert bench.journal.acquire(BACKFILL, "a later ticket")


def test_one_backfill_at_a_time_takes_all_partitions_in_turn() -> None:
    bench = Bench(partitions=3)
    for partition in range(3):
        bench.append(StreamId(StreamKind.BACKFILL, partition), published(f"old{partition}"))
    live = StreamId(StreamKind.ARTICLES, 0)
    bench.append(live, published("new"))
    assert bench.journal.acquire(live, "a worker at work")
    done: list[int] = []

    def second_ticket() -> None:
        bench.drain_backfill.run(0)
        done.append(bench.backlog(StreamId(StreamKind.BACKFILL, 0)))
        bench.drain_articles.run(live, 3)
        bench.journal.release(live, "a worker at work", only_if_empty=False)
        bench.drain_articles.run(live, 3)

    bench.while_asleep = second_ticket
    bench.drain_backfill.run(1)
    assert done == [1], "the second ticket found the process busy and ended"
    assert [bench.backlog(StreamId(StreamKind.BACKFILL, partition)) for partition in range(3)] == [0, 0, 0]


def test_a_refused_document_of_backfill_is_a_dead_letter_of_backfill(bench: Bench) -> None:
    bench.append(BACKFILL, published("a"), published("b", title="অগ্রাহ্য প্রতিবেদন"))
    bench.drain_backfill.run(0)
    [(letter, _item)] = bench.journal.letters.values()
    assert (letter.stream, letter.article_id) == (BACKFILL, "b")
    assert bench.metric("khobor_dead_lettered_total", stream="backfill") == 1
    assert bench.metric("khobor_articles_total", outcome="dead_lettered") == 1


def test_views_are_counted_once_each(bench: Bench) -> None:
    for viewer in (1, 2, 2, 3):
        bench.append(VIEWS, view("a", viewer))
    bench.drain_views.run(0)
    assert bench.backlog(VIEWS) == 0
    counts = bench.views.counts(["a"])["a"]
    assert (counts.counted, counts.raw) == (3, 4)
    assert bench.metric("khobor_views_total", outcome="repeat") == 1


def test_an_unreadable_entry_of_views_is_buried_and_its_neighbours_are_counted(bench: Bench) -> None:
    bench.append(VIEWS, view("a", 1))
    bench.journal.put(VIEWS, b'[["a", "no number"]]', None)
    bench.append(VIEWS, view("a", 2))
    bench.drain_views.run(0)
    assert bench.views.counts(["a"])["a"].counted == 2
    assert len(bench.journal.letters) == 1
    assert bench.backlog(VIEWS) == 0


def test_the_schedule_rings_where_something_waits_and_nobody_works(bench: Bench) -> None:
    bench.append(ARTICLES, published("a"))
    bench.append(VIEWS, view("a", 1))
    assert bench.journal.acquire(VIEWS, "a worker at work")
    bench.doorbell.rings.clear()
    assert bench.ring_doorbells.run() == 1
    assert bench.doorbell.rings == [ARTICLES]


def test_what_a_dead_worker_left_unsearchable_is_shown_by_the_schedule(bench: Bench) -> None:
    event = published("a")
    article = Article.model_validate_json(event.body[event.body.index(b'"data":') + 7 : -1])
    bench.index.apply([ArticleChange("a", 1, article)])
    bench.drain_articles.make_searchable()
    assert TrailStage.SEARCHABLE in bench.stages("a")


def test_backfill_does_not_go_round_in_circles_while_the_index_is_gone() -> None:
    """From one partition to the next, for its whole budget: an open circuit takes no time at all."""
    bench = Bench(partitions=2)
    for partition in range(2):
        bench.append(StreamId(StreamKind.BACKFILL, partition), published("a"))
    bench.circuit.fail("down")
    bench.drain_backfill.run(0)
    assert sum(backlog.entries for backlog in bench.journal.backlogs()) == 2
