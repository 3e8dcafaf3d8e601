"""Building the words of the embedded index anew: readers see either, whole; nothing is lost; kills are survived."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from shared.search.embedded import build, generations
from shared.search.embedded.locks import BUILD_LOCK, try_lock
from shared.search.embedded.moves import EmbeddedIndexMoves
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import Lookup
from shared.search.ports import IndexMoveError
from tests.support.articles import Engine, article, ids, publish_change, retract_change, search_for
from tests.support.embedded_workers import start
from tests.support.meanwhile import meanwhile

pytestmark = pytest.mark.integration

ARTICLES = 40
NEWS = [article(f"n{number}", f"নদীর খবর {number}") for number in range(ARTICLES)]
ALL = sorted(news.id for news in NEWS)


@dataclass(frozen=True)
class Installation:
    folder: Path
    engine: Engine
    moves: EmbeddedIndexMoves

    def found(self, text: str = "নদী") -> list[str]:
        return sorted(self.engine.find(text))

    def in_use(self) -> str:
        [name] = [state.name for state in self.moves.states() if state.is_in_use]
        return name


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "index"
    with closing(EmbeddedArticleWriter(folder)) as writer, closing(EmbeddedArticleReader(folder)) as reader:
        engine = Engine(writer, reader)
        engine.publish(*NEWS)
        yield Installation(folder, engine, EmbeddedIndexMoves(folder))


class TestCreate:
    def test_a_new_folder_gets_an_empty_index(self, tmp_path: Path) -> None:
        moves = EmbeddedIndexMoves(tmp_path / "new")
        assert moves.states() == []
        name = moves.create()
        assert [(state.name, state.articles, state.is_in_use) for state in moves.states()] == [(name, 0, True)]

    def test_an_index_that_is_there_stays_as_it_is(self, installation: Installation) -> None:
        before = installation.in_use()
        assert installation.moves.create() == before
        assert installation.found() == ALL


class TestRebuild:
    def test_nothing_that_is_written_meanwhile_is_lost(self, installation: Installation) -> None:
        seen: list[tuple[int, int]] = []

        def write_meanwhile(done: int, total: int) -> None:
            seen.append((done, total))
            if done == 3 and total == ARTICLES:
                installation.engine.publish(article("n1", "পাহাড়ের খবর", version=2), article("new", "নদীর নতুন খবর"))
                installation.engine.change(retract_change("n4", 2))
            assert ("new" in installation.found()) == (len(seen) >= 3)

        old = installation.in_use()
        new = installation.moves.rebuild(write_meanwhile)
        assert seen[0] == (1, ARTICLES)
        assert (installation.in_use(), new == old) == (new, False)
        assert installation.found() == sorted({*ALL, "new"} - {"n1", "n4"})
        assert installation.found("পাহাড়") == ["n1"]
        installation.engine.publish(article("after", "নদীর শেষ খবর"))
        assert "after" in installation.found()

    def test_words_that_lack_articles_are_not_switched_to(self, installation: Installation) -> None:
        old = installation.in_use()
        with patch.object(build, "_live_articles", lambda *_: iter(())), pytest.raises(IndexMoveError, match="has 0"):
            installation.moves.rebuild()
        assert installation.in_use() == old
        assert installation.found() == ALL
        assert installation.moves.rebuild() != old
        assert installation.found() == ALL

    def test_it_waits_for_nobody_who_moves_already(self, installation: Installation) -> None:
        with try_lock(installation.folder / BUILD_LOCK):
            for move in (installation.moves.rebuild, installation.moves.roll_back):
                with pytest.raises(IndexMoveError, match="under way"):
                    move()

    def test_a_writer_that_is_kept_while_articles_keep_coming_gives_way_to_it(self, installation: Installation) -> None:
        number = count()

        def publish_more() -> None:
            installation.engine.publish(article(f"more{next(number)}", "নদীর আরও খবর"))

        def is_kept() -> bool:
            return any(thread.name == "keep-word-writer" for thread in threading.enumerate())

        def keep_busy() -> None:
            # Something always waits in the outbox, so the writer is never given back for want of work.
            installation.engine.writer.apply([publish_change(article(f"busy{next(number)}", "নদীর আরও খবর"))])

        while not is_kept():
            publish_more()
        old = installation.in_use()
        with meanwhile(keep_busy, every=0.005):
            assert installation.moves.rebuild() != old

    def test_pages_go_on_across_a_rebuild(self, installation: Installation) -> None:
        first = installation.engine.search("নদী", limit=2)
        installation.moves.rebuild()
        rest = installation.engine.reader.search(search_for("নদী", limit=100, cursor=first.next_cursor))
        assert sorted([*ids(first), *ids(rest)]) == ALL


class TestRollBack:
    def test_what_was_written_since_comes_along(self, installation: Installation) -> None:
        old = installation.in_use()
        installation.moves.rebuild()
        installation.engine.publish(article("n0", "পাহাড়ের খবর", version=2), article("new", "নদীর নতুন খবর"))
        installation.engine.change(retract_change("n4", 2))
        # Applied, and not flushed when the return begins.
        installation.engine.writer.apply([publish_change(article("waits", "নদীর দেরির খবর"))])
        assert installation.moves.roll_back() == old
        installation.engine.writer.make_searchable()
        assert installation.found() == sorted({*ALL, "new", "waits"} - {"n0", "n4"})
        assert installation.found("পাহাড়") == ["n0"]

    def test_one_may_go_back_and_forth(self, installation: Installation) -> None:
        old = installation.in_use()
        new = installation.moves.rebuild()
        assert [installation.moves.roll_back() for _ in range(3)] == [old, new, old]
        assert installation.found() == ALL
        assert [state.name for state in installation.moves.states()] == [new, old]

    def test_without_an_earlier_index_there_is_nothing_to_return_to(self, installation: Installation) -> None:
        with pytest.raises(IndexMoveError, match="no earlier index"):
            installation.moves.roll_back()
        installation.moves.rebuild()
        [earlier, _] = installation.moves.states()
        assert installation.moves.prune() == []
        assert installation.moves.prune(keep=0) == [earlier.name]
        assert not (installation.folder / earlier.name).exists()
        with pytest.raises(IndexMoveError, match="no earlier index"):
            installation.moves.roll_back()

    def test_words_of_another_analyzer_are_left_to_its_program(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = installation.in_use()
        monkeypatch.setattr("shared.search.embedded.words.ANALYZER_VERSION", "new")
        installation.engine.writer.make_searchable()
        assert "-new-" in installation.in_use()
        with pytest.raises(IndexMoveError, match="another analyzer"):
            installation.moves.roll_back()
        installation.engine.publish(article("new", "নদীর নতুন খবর"))
        monkeypatch.undo()
        # The program of before is back: its workers take the words that it left, and what was written since.
        with closing(EmbeddedArticleWriter(installation.folder)) as writer:
            writer.make_searchable()
        assert installation.in_use() == old
        assert installation.found() == sorted([*ALL, "new"])


def rebuild_and_die(folder: Path, stage: str) -> None:
    """Rebuild in this process, which ends without a word at one stage."""

    def die(*_arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def after(name: str) -> Callable[..., None]:
        function = getattr(build, name)

        def done_then_die(*arguments: object) -> None:
            function(*arguments)
            die()

        return done_then_die

    places = {
        "before the new folder": (build, "create_index", die),
        "after it was made": (build, "create_index", after("create_index")),
        "after a checkpoint": (build, "note_building", after("note_building")),
        "before the switch": (build, "switch", die),
        "between the switch and the tidying up": (generations, "remove_unused", die),
        "after the switch": (build, "switch", after("switch")),
    }
    with patch.object(build, "_CHECKPOINT", 10):
        if stage == "while analysing":
            EmbeddedIndexMoves(folder).rebuild(lambda done, _total: die() if done == 25 else None)
        else:
            with patch.object(*places[stage]):
                EmbeddedIndexMoves(folder).rebuild()


class TestKilled:
    @pytest.mark.parametrize(
        "stage",
        [
            "before the new folder",
            "after it was made",
            "after a checkpoint",
            "while analysing",
            "before the switch",
            "between the switch and the tidying up",
            "after the switch",
        ],
    )
    def test_running_it_again_finishes(self, installation: Installation, stage: str) -> None:
        process = start(rebuild_and_die, installation.folder, stage)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert installation.found() == ALL
        installation.engine.publish(article("n1", "পাহাড়ের খবর", version=2), article("new", "নদীর নতুন খবর"))
        installation.engine.change(retract_change("n2", 2))
        seen: list[int] = []
        installation.moves.rebuild(lambda done, _total: seen.append(done))
        if stage in {"after a checkpoint", "while analysing"}:
            assert seen[0] > 10, "it goes on where it was"
        assert installation.found() == sorted({*ALL, "new"} - {"n1", "n2"})
        assert installation.found("পাহাড়") == ["n1"]
        assert installation.engine.reader.get("n2").state is Lookup.RETRACTED
        states = installation.moves.states()
        assert [state.is_building for state in states] == [False, False]
        assert sorted(folder.name for folder in installation.folder.glob("words-*")) == sorted(
            state.name for state in states
        )
