"""The embedded engine where its lists are longer than the candidates that it scores at first."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from shared.search.embedded.ranked import CANDIDATES
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.snapshots import MOST_SNAPSHOTS, SNAPSHOT_SECONDS
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import SearchRequest, Sort
from shared.search.ports import CursorError
from tests.support.articles import Engine, article, ids, publish_change, search_for

pytestmark = pytest.mark.integration

COUNT = 2 * CANDIDATES + 150


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index in which one word is in more articles than are scored at first."""
    folder = tmp_path_factory.mktemp("ranking") / "index"
    random = Random(3)
    changes = [
        publish_change(
            article(
                f"n{number}",
                f"{'নদী ' * random.randrange(4)}খবর {number}",
                # Short, or hundreds of them would be near-duplicates.
                f"{'নদী ' * random.randrange(1, 9)}{'কথা ' * random.randrange(10)}",
                age=timedelta(hours=random.expovariate(1 / 200)),
            )
        )
        for number in range(COUNT)
    ]
    with closing(EmbeddedArticleWriter(folder)) as writer:
        writer.apply(changes)
        writer.make_searchable()
    return folder


@pytest.fixture
def engine(folder: Path, clock: Clock) -> Iterator[Engine]:
    with (
        closing(EmbeddedArticleWriter(folder)) as writer,
        closing(EmbeddedArticleReader(folder, clock=clock)) as reader,
    ):
        yield Engine(writer, reader)


HOTTEST = {f"n{number}": 40_000 // (number + 1) for number in range(0, 600, 3)}


def everything(engine: Engine, request: SearchRequest, limit: int) -> list[tuple[str, float]]:
    pages = engine.pages(replace(request, limit=limit))
    assert {page.total for page in pages} == {COUNT}
    return [(hit.stored.article.id, hit.score) for page in pages for hit in page.hits]


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.VIEWS])
def test_paging_reaches_every_hit_exactly_once(engine: Engine, sort: Sort) -> None:
    found = everything(engine, search_for("নদী", sort=sort, hottest=HOTTEST), 170)
    assert sorted(article_id for article_id, _ in found) == sorted(f"n{number}" for number in range(COUNT))


def test_the_best_are_those_that_scoring_everything_finds(engine: Engine) -> None:
    request = search_for("নদী", hottest=HOTTEST)
    everyone = everything(engine, request, COUNT)
    exact = sorted(everyone, key=lambda hit: -hit[1])[:20]
    first = engine.reader.search(replace(request, limit=20))
    assert ids(first) == [article_id for article_id, _ in exact]
    assert [hit.score for hit in first.hits] == pytest.approx([score for _, score in exact], rel=1e-5)


def test_a_cursor_expires_when_nobody_reads_on(engine: Engine, clock: Clock) -> None:
    request = search_for("নদী")
    cursor = engine.reader.search(request).next_cursor
    for _ in range(3):
        clock.seconds += SNAPSHOT_SECONDS - 1
        assert ids(engine.reader.search(replace(request, cursor=cursor)))
    clock.seconds += SNAPSHOT_SECONDS + 1
    with pytest.raises(CursorError, match="expired"):
        engine.reader.search(replace(request, cursor=cursor))


def test_the_memory_for_cursors_is_bounded(engine: Engine) -> None:
    request = search_for("নদী")
    oldest = engine.reader.search(request).next_cursor
    for _ in range(MOST_SNAPSHOTS):
        engine.reader.search(request)
    with pytest.raises(CursorError, match="expired"):
        engine.reader.search(replace(request, cursor=oldest))


def test_a_cursor_by_date_never_expires(engine: Engine, clock: Clock, folder: Path) -> None:
    request = search_for("নদী", sort=Sort.NEWEST)
    first = engine.reader.search(request)
    clock.seconds += 1_000_000
    with closing(EmbeddedArticleReader(folder)) as another:
        second = another.search(replace(request, cursor=first.next_cursor))
    assert len({*ids(first), *ids(second)}) == 20
