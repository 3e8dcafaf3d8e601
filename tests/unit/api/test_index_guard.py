"""An engine that hangs is left alone; one that fails at once, or now and then, is not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from services.api.index_guard import GuardedIndex
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import Lookup, LookupResult
from shared.search.ports import IndexUnavailableError


@dataclass
class Hanging(InMemoryArticleIndex):
    """`seconds` pass before it answers, or fails."""

    now: float = 0.0
    seconds: float = 0.0
    fails: bool = True
    asked: int = 0
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def get(self, article_id: str) -> LookupResult:
        self.asked += 1
        self.now += self.seconds
        while self.meanwhile:
            self.meanwhile.pop()()
        if self.fails:
            raise IndexUnavailableError("no answer in time")
        return super().get(article_id)


@pytest.fixture
def engine() -> Hanging:
    return Hanging(seconds=5)


@pytest.fixture
def guarded(engine: Hanging) -> GuardedIndex:
    return GuardedIndex(engine, monotonic=lambda: engine.now)


def ask(guarded: GuardedIndex, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(IndexUnavailableError, match="no answer in time"):
            guarded.get("a")


def test_after_three_slow_failures_nobody_waits_any_more(engine: Hanging, guarded: GuardedIndex) -> None:
    ask(guarded, 20)
    assert engine.asked == 3
    with pytest.raises(IndexUnavailableError, match="not asked, for it has failed 3 times"):
        guarded.stats()


def test_after_a_pause_one_is_the_probe(engine: Hanging, guarded: GuardedIndex) -> None:
    ask(guarded, 3)
    engine.now += 2
    engine.seconds = 1
    engine.meanwhile.append(lambda: ask(guarded, 5))
    ask(guarded, 5)
    assert engine.asked == 4

    engine.now += 2
    engine.fails = False
    for _ in range(2):
        assert guarded.get("a").state is Lookup.UNKNOWN
    assert engine.asked == 6


def test_an_answer_in_between_begins_anew(engine: Hanging, guarded: GuardedIndex) -> None:
    for _ in range(5):
        engine.fails = True
        ask(guarded, 2)
        engine.fails = False
        guarded.get("a")
    assert engine.asked == 15


def test_failures_that_come_at_once_hold_nobody_back(engine: Hanging, guarded: GuardedIndex) -> None:
    engine.seconds = 0.01
    ask(guarded, 20)
    assert engine.asked == 20


def test_a_ping_finds_out_what_is(engine: Hanging, guarded: GuardedIndex) -> None:
    ask(guarded, 3)
    guarded.ping()
