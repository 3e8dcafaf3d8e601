"""Copying an index, with both in memory: nothing is lost, nothing is made older, whatever happens meanwhile."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.use_cases.copy_index import CopyIndex, CopyReport
from shared.search.memory import InMemoryArticleIndex
from shared.search.memory_inventory import InMemoryArticleInventory
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.ports import IndexUnavailableError
from shared.search.versions import rank_of_change
from tests.support.articles import article, publish_change, retract_change


class Target(InMemoryArticleIndex):
    """Refuses what its title says, and lets a test do something before each `apply`."""

    def __init__(self) -> None:
        super().__init__()
        self.before_apply: Callable[[], object] = lambda: None

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        self.before_apply()
        good = [change for change in changes if change.article is None or "অগ্রাহ্য" not in change.article.title]
        results = {result.article_id: result for result in super().apply(good)}
        return [
            results.get(change.article_id)
            or ApplyResult(change.article_id, change.version, ApplyOutcome.REJECTED, "mapping")
            for change in changes
        ]


def copy(source: InMemoryArticleIndex, target: InMemoryArticleIndex) -> CopyReport:
    use_case = CopyIndex(
        source=InMemoryArticleInventory(source), target=InMemoryArticleInventory(target), writer=target
    )
    return use_case.run(lambda _done, _total: None)


def news(article_id: str, version: int = 1, title: str = "নদীর খবর") -> ArticleChange:
    return publish_change(article(article_id, title, version=version))


@pytest.fixture
def source() -> InMemoryArticleIndex:
    index = InMemoryArticleIndex()
    index.apply([news("a"), news("b", 4), news("c", 2), retract_change("gone", 3)])
    return index


def test_everything_arrives(source: InMemoryArticleIndex) -> None:
    target = Target()
    report = copy(source, target)
    assert target.newest == source.newest
    assert (report.articles, report.tombstones, report.held_before, report.late) == (3, 1, 0, 0)
    assert report.is_complete
    assert copy(source, target) == CopyReport(held_before=4)


def test_what_the_target_has_newer_stays(source: InMemoryArticleIndex) -> None:
    target = Target()
    newer = [news("a", 9), retract_change("b", 4)]
    target.apply(newer)
    assert copy(source, target).held_before == 2
    assert [target.newest["a"], target.newest["b"]] == newer


def test_what_the_source_gets_meanwhile_arrives_too(source: InMemoryArticleIndex) -> None:
    target = Target()
    later = iter([news("later"), news("a", 2), retract_change("c", 3)])
    target.before_apply = lambda: source.apply([change] if (change := next(later, None)) else [])
    report = copy(source, target)
    assert target.newest == source.newest
    assert report.late == 0


def test_a_source_that_never_rests_is_told_of(source: InMemoryArticleIndex) -> None:
    target = Target()
    target.before_apply = lambda: source.apply([news(f"n{len(source.newest)}")])
    report = copy(source, target)
    assert report.late > 0
    assert report.is_complete, "what came late is the next copy's"
    target.before_apply = lambda: None
    copy(source, target)
    assert target.newest == source.newest


def test_what_is_refused_is_named_and_its_neighbours_arrive(source: InMemoryArticleIndex) -> None:
    source.apply([news("bad", 1, "অগ্রাহ্য প্রতিবেদন")])
    target = Target()
    report = copy(source, target)
    assert report.refused == {"bad": "mapping"}
    assert not report.is_complete
    assert set(target.newest) == {"a", "b", "c", "gone"}


def test_another_text_at_the_same_version_is_noticed(source: InMemoryArticleIndex) -> None:
    """One article of each page is compared whole; here that is every second one."""
    target = Target()
    target.apply([news("b", 4, "সাগরের খবর")])
    report = copy(source, target)
    assert report.differing == ["b"]
    assert not report.is_complete


_STATES = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.integers(1, 4), st.booleans()), max_size=8)


def index_of(states: dict[str, tuple[int, bool]]) -> Target:
    index = Target()
    index.apply(
        [retract_change(name, number) if gone else news(name, number) for name, (number, gone) in states.items()]
    )
    return index


@given(_STATES, _STATES, st.integers(0, 4))
def test_broken_off_anywhere_and_run_again_it_ends_at_the_newest_of_both(
    here: dict[str, tuple[int, bool]], there: dict[str, tuple[int, bool]], survives: int
) -> None:
    source, target = index_of(here), index_of(there)
    left = iter(range(survives))

    def break_off() -> None:
        if next(left, None) is None:
            raise IndexUnavailableError("the engine is gone")

    target.before_apply = break_off
    try:
        copy(source, target)
    except IndexUnavailableError:
        target.before_apply = lambda: None
        copy(source, target)
    ranks = {name: rank_of_change(change) for name, change in target.newest.items()}
    wanted = {name: max(here.get(name, (0, False)), there.get(name, (0, False))) for name in {*here, *there}}
    assert ranks == {name: 2 * version + gone for name, (version, gone) in wanted.items()}
