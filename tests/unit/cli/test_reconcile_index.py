"""Reconciling, with everything in memory: whatever state both are in, it ends in the right one."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.errors import CommandError
from services.cli.requeue import Requeue
from services.cli.use_cases.reconcile_index import HOPELESS, Difference, Finding, ReconcileIndex, Remedy
from shared.events import article_event_from_journal
from shared.journal.memory import InMemoryJournal
from shared.journal.memory_article_record import InMemoryArticleRecord
from shared.journal.model import RecordedArticle, StreamId
from shared.keys import StreamKind
from shared.search.labels import canonical_label
from shared.search.memory import InMemoryArticleIndex
from shared.search.memory_inventory import InMemoryArticleInventory
from shared.search.model import ArticleChange
from tests.support.articles import article, publish_change, retract_change


class Bench:
    """A record, an index, another index that may have what this one lost, and a journal without workers."""

    def __init__(self) -> None:
        self.journal = InMemoryJournal(partitions=2)
        self.record = InMemoryArticleRecord(self.journal)
        self.index = InMemoryArticleIndex()
        self.other = InMemoryArticleIndex()
        self.now = 0.0
        self.slept = 0.0

    def reconcile(self, *, dry_run: bool = False) -> list[Difference]:
        with asyncio.Runner() as runner:
            requeue = Requeue(
                runner, self.journal, self.journal, partitions=2, monotonic=lambda: self.now, sleep=self.sleep
            )
            use_case = ReconcileIndex(
                record=self.record,
                index=InMemoryArticleInventory(self.index),
                sources={"other": InMemoryArticleInventory(self.other)},
                requeue=None if dry_run else requeue,
                monotonic=lambda: self.now,
                sleep=self.sleep,
            )
            return list(use_case.run(lambda _done, _total: None))

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def applied(self, *changes: ArticleChange) -> None:
        """By a worker: in the index and in the record."""
        self.index.apply(changes)
        self.recorded(*changes)

    def recorded(self, *changes: ArticleChange) -> None:
        self.record.note([_recorded(change) for change in changes])

    def work(self) -> int:
        """Apply what is in the journal, as workers do; returns how many events that were."""
        done = 0
        streams = [StreamId(kind, number) for kind in StreamKind if kind.holds_articles for number in range(2)]
        for stream in streams:
            for entry in self.journal.read(stream, 10_000):
                event = article_event_from_journal(entry.body)
                published = getattr(event.data, "title", None) is not None
                change = ArticleChange(event.subject, event.data.version, event.data if published else None)  # type: ignore[arg-type]
                self.applied(change)
                self.journal.acknowledge(stream, entry.id)
                done += 1
        return done


def _recorded(change: ArticleChange) -> RecordedArticle:
    category = change.article.category if change.article else None
    return RecordedArticle(change.article_id, change.version, change.article is None, category)


def news(article_id: str, version: int = 1) -> ArticleChange:
    return publish_change(article(article_id, f"খবর {version}", version=version, category="খেলা"))


def told(differences: Sequence[Difference]) -> dict[str, tuple[Finding, Remedy]]:
    return {each.article_id: (each.finding, each.remedy) for each in differences}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_when_both_agree_nothing_differs(bench: Bench) -> None:
    bench.applied(news("a"), news("b", 3), retract_change("gone", 2))
    assert bench.reconcile() == []
    assert bench.work() == 0


def test_what_is_lost_is_taken_from_what_has_it(bench: Bench) -> None:
    bench.applied(news("kept"))
    bench.recorded(news("missing", 2), news("stale", 3), retract_change("retracted", 4))
    bench.index.apply([news("stale", 1), news("retracted", 4)])
    bench.other.apply([news("missing", 2), news("stale", 5), news("unrelated")])
    assert bench.reconcile() == [
        Difference("missing", Finding.MISSING, 2, None, False, Remedy.REQUEUED, "other"),
        Difference("stale", Finding.STALE, 3, 1, False, Remedy.REQUEUED, "other"),
        Difference("retracted", Finding.STALE, 4, 4, True, Remedy.REQUEUED, "the record"),
    ]
    assert bench.work() == 3
    assert bench.reconcile() == []
    assert {article_id: change.version for article_id, change in bench.index.newest.items()} == {
        "kept": 1,
        "missing": 2,
        "stale": 5,
        "retracted": 4,
    }
    assert bench.index.newest["retracted"].article is None


def test_what_nothing_has_is_said_and_an_older_text_is_not_published(bench: Bench) -> None:
    bench.recorded(news("nowhere", 2), news("older", 2))
    bench.other.apply([news("older", 1)])
    differences = bench.reconcile()
    assert told(differences) == {
        "nowhere": (Finding.MISSING, Remedy.NOWHERE),
        "older": (Finding.MISSING, Remedy.ONLY_OLDER),
    }
    assert bench.work() == 0


def test_what_waits_in_the_journal_is_under_way(bench: Bench) -> None:
    bench.recorded(news("a", 2), news("b", 5))
    bench.other.apply([news("a", 2), news("b", 5)])
    with asyncio.Runner() as runner:
        # A correction of one; of the other an event that came late.
        Requeue(runner, bench.journal, bench.journal, partitions=2)([news("a", 3), news("b", 1)])
    assert told(bench.reconcile()) == {
        "a": (Finding.MISSING, Remedy.UNDER_WAY),
        "b": (Finding.MISSING, Remedy.REQUEUED),
    }


def test_what_only_the_index_knows_is_recorded_and_filed(bench: Bench) -> None:
    bench.applied(news("known"), news("ahead", 1))
    bench.index.apply([news("orphan", 7), news("ahead", 2), retract_change("gone", 3)])
    assert told(bench.reconcile()) == {
        "orphan": (Finding.ORPHANED, Remedy.NOTED),
        "ahead": (Finding.AHEAD, Remedy.NOTED),
        "gone": (Finding.ORPHANED, Remedy.NOTED),
    }
    assert bench.journal.articles["orphan"].category == canonical_label("খেলা")
    assert bench.journal.articles["gone"].retracted
    assert bench.reconcile() == []


def test_what_is_settled_in_this_moment_is_no_orphan(bench: Bench) -> None:
    bench.index.apply([news("in-flight")])
    sleep = bench.sleep

    def settle_meanwhile(seconds: float) -> None:
        sleep(seconds)
        bench.recorded(news("in-flight"))

    bench.sleep = settle_meanwhile  # type: ignore[method-assign]
    assert bench.reconcile() == []
    assert bench.slept >= 1


def test_a_dry_run_tells_the_same_and_changes_nothing(bench: Bench) -> None:
    bench.recorded(news("missing"), retract_change("retracted", 2))
    bench.other.apply([news("missing")])
    bench.index.apply([news("orphan")])
    planned = bench.reconcile(dry_run=True)
    assert bench.work() == 0
    assert "orphan" not in bench.journal.articles
    assert bench.reconcile() == planned


_STATES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(min_value=1, max_value=4), st.booleans()), max_size=8
)


def changes_of(states: dict[str, tuple[int, bool]]) -> list[ArticleChange]:
    return [
        retract_change(article_id, version) if retracted else news(article_id, version)
        for article_id, (version, retracted) in states.items()
    ]


@given(_STATES, _STATES, _STATES)
def test_whatever_was_lost_it_ends_at_the_newest_that_anything_has(
    recorded: dict[str, tuple[int, bool]], indexed: dict[str, tuple[int, bool]], other: dict[str, tuple[int, bool]]
) -> None:
    bench = Bench()
    bench.recorded(*changes_of(recorded))
    bench.index.apply(changes_of(indexed))
    bench.other.apply(changes_of(other))
    before = dict(bench.index.newest)

    first = bench.reconcile()
    bench.work()
    second = bench.reconcile()

    hopeless = {each.article_id for each in first if each.remedy in HOPELESS}
    assert {each.article_id for each in second} == hopeless
    for article_id in {*recorded, *indexed}:
        known = max(recorded.get(article_id, (0, False)), indexed.get(article_id, (0, False)))
        if article_id in hopeless:
            assert other.get(article_id, (0, False)) < known
            assert bench.index.newest.get(article_id) == before.get(article_id)
        else:
            change = bench.index.newest[article_id]
            assert (change.version, change.article is None) >= known
            state = bench.journal.articles[article_id]
            assert (state.version, state.retracted) == (change.version, change.article is None)


def test_no_more_is_re_queued_than_workers_take_out(bench: Bench) -> None:
    worked: list[int] = []

    def work_while_it_waits(seconds: float) -> None:
        bench.now += seconds
        worked.append(bench.work())

    bench.sleep = work_while_it_waits  # type: ignore[method-assign]
    lost = [news(f"a{number}") for number in range(2_600)]
    bench.recorded(*lost)
    bench.other.apply(lost)
    assert len(bench.reconcile()) == 2_600
    assert worked[0] == 2_002, "pages are small here: it waits as soon as more than 2,000 are there"


def test_when_nobody_works_it_gives_up_and_says_so(bench: Bench) -> None:
    lost = [news(f"a{number}") for number in range(2_600)]
    bench.recorded(*lost)
    bench.other.apply(lost)
    with pytest.raises(CommandError, match="nobody applies them") as caught:
        bench.reconcile()
    assert caught.value.exit_code == 1
    assert timedelta(seconds=bench.slept) >= timedelta(minutes=2)
