"""Small batches of several threads go into the index together; each gets the answers to its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Semaphore

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.grouped_writer import GroupedArticleWriter
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.ports import IndexUnavailableError
from tests.support.articles import article, publish_change

INTERVAL = timedelta(seconds=1)
PATIENCE = 10
Batch = Sequence[ArticleChange]
Waiting = list[Future[list[ApplyResult]]]


def change(number: int, version: int = 1) -> ArticleChange:
    return publish_change(article(f"n{number}", f"নদীর খবর {number}", version=version))


class RecordingIndex(InMemoryArticleIndex):
    """Notes the ids of each batch, and can be down."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.is_down = False

    def apply(self, changes: Batch) -> list[ApplyResult]:
        self.batches.append([change.article_id for change in changes])
        if self.is_down:
            raise IndexUnavailableError("the index is down")
        return super().apply(changes)


class Announced(Sequence[ArticleChange]):
    """A batch that tells when the writer has taken it."""

    def __init__(self, changes: Batch, taken: Semaphore) -> None:
        self._changes = changes
        self._taken = taken

    def __iter__(self) -> Iterator[ArticleChange]:
        yield from self._changes
        self._taken.release()

    def __len__(self) -> int:
        return len(self._changes)

    def __getitem__(self, index: object) -> object:  # type: ignore[override]
        raise NotImplementedError


class Stage:
    """A grouped writer whose clock moves only while it waits; others apply then."""

    def __init__(self) -> None:
        self.index = RecordingIndex()
        self.now = 100.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.writer = GroupedArticleWriter(self.index, interval=INTERVAL, monotonic=lambda: self.now, sleep=self._sleep)

    def apply_together(self, first: Batch, *others: Batch) -> Waiting:
        """`first` waits for its turn, and the others come while it does; in the order of the arguments."""
        waiting: Waiting = []
        with ThreadPoolExecutor(len(others) + 1) as threads:

            def come() -> None:
                taken = Semaphore(0)
                for batch in others:
                    waiting.append(threads.submit(self.writer.apply, Announced(batch, taken)))
                    assert taken.acquire(timeout=PATIENCE)

            self.meanwhile = come
            leader = threads.submit(self.writer.apply, first)
            # No others can come once the block ends.
            leader.exception(PATIENCE)
        return [leader, *waiting]

    def _sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.now += seconds
            self.meanwhile()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_after_a_quiet_time_a_batch_goes_at_once(stage: Stage) -> None:
    stage.writer.apply([change(1)])
    stage.now += INTERVAL.total_seconds()
    stage.writer.apply([change(2)])
    assert stage.index.batches == [["n1"], ["n2"]]
    assert stage.slept == []


def test_the_next_one_waits_for_what_is_left_of_the_interval(stage: Stage) -> None:
    stage.writer.apply([change(1)])
    stage.now += 0.25
    stage.writer.apply([change(2)])
    assert stage.slept == [pytest.approx(0.75)]


def test_what_comes_meanwhile_goes_with_it_and_each_gets_its_own_answers(stage: Stage) -> None:
    stage.writer.apply([change(1, version=5)])
    waiting = stage.apply_together([change(2)], [change(1, version=4), change(3)], [change(4)])
    assert stage.index.batches == [["n1"], ["n2", "n1", "n3", "n4"]]
    answers = [[(result.article_id, result.outcome) for result in each.result(PATIENCE)] for each in waiting]
    assert answers == [
        [("n2", ApplyOutcome.APPLIED)],
        [("n1", ApplyOutcome.STALE), ("n3", ApplyOutcome.APPLIED)],
        [("n4", ApplyOutcome.APPLIED)],
    ]


def test_a_large_batch_waits_for_nobody(stage: Stage) -> None:
    stage.writer.apply([change(1)])
    large = [change(number) for number in range(2, 202)]
    assert len(stage.writer.apply(large)) == len(large)
    assert stage.slept == []


def test_an_outage_reaches_everyone_in_the_group_and_ends_with_it(stage: Stage) -> None:
    stage.writer.apply([change(1)])
    stage.index.is_down = True
    for each in stage.apply_together([change(2)], [change(3)]):
        with pytest.raises(IndexUnavailableError):
            each.result(PATIENCE)
    stage.index.is_down = False
    again = stage.apply_together([change(2)], [change(3)])
    assert [result.outcome for each in again for result in each.result(PATIENCE)] == [ApplyOutcome.APPLIED] * 2


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=6), min_size=1, max_size=5)
)
def test_together_is_the_same_as_one_after_the_other(batches: list[list[tuple[int, int]]]) -> None:
    changes = [[change(number, version) for number, version in batch] for batch in batches]
    stage, alone = Stage(), InMemoryArticleIndex()
    stage.writer.apply([change(1_000)])
    alone.apply([change(1_000)])
    answers = [each.result(PATIENCE) for each in stage.apply_together(*changes)]
    for batch in changes:
        alone.apply(batch)
    numbers = [f"n{number}" for number in range(6)]
    assert stage.index.get_many(numbers) == alone.get_many(numbers)
    assert [[result.article_id for result in each] for each in answers] == [
        [one.article_id for one in batch] for batch in changes
    ]
