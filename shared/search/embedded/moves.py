"""The embedded engine as operators see it: which words are in use, and building them anew."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.search.embedded.build import rebuild_words, return_to
from shared.search.embedded.database import FILE_NAME, Database
from shared.search.embedded.generations import (
    articles_in,
    building_folder,
    current_folder,
    drop_earlier,
    earlier_folder,
)
from shared.search.embedded.locks import BUILD_LOCK, try_lock
from shared.search.embedded.words import is_current
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import IndexState
from shared.search.ports import IndexMoveError, IndexUnavailableError, Progress


class EmbeddedIndexMoves:
    """An IndexMoves over one folder. The articles stay where they are: what is built anew is their words.

    One folder of words is kept for a return. A lock of the kernel lets one move at a time, and ends with its process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = Database(folder, read_only=False)

    def create(self) -> str:
        with closing(EmbeddedArticleWriter(self._folder)) as writer:
            # Builds words that are missing or damaged.
            writer.make_searchable()
        with self._database.session() as session:
            current = current_folder(session, self._folder)
        if current is None:
            raise IndexUnavailableError("the word index is being built")
        return current.name

    def states(self) -> list[IndexState]:
        if not (self._folder / FILE_NAME).exists():
            return []
        with self._database.session() as session:
            current = current_folder(session, self._folder)
            earlier, building = earlier_folder(session), building_folder(session)
        names = [
            *([earlier.folder] if earlier else []),
            *([current.name] if current else []),
            *([building.folder] if building else []),
        ]
        return [
            IndexState(
                name=name,
                articles=articles_in(self._folder / name),
                is_in_use=current is not None and name == current.name,
                is_building=building is not None and name == building.folder,
                is_ours=is_current(name),
            )
            for name in names
            if (self._folder / name).exists()
        ]

    def rebuild(self, progress: Progress | None = None) -> str:
        self._database.prepare()
        with self._alone():
            return rebuild_words(self._folder, self._database, progress).name

    def roll_back(self, progress: Progress | None = None) -> str:
        if not self.states():
            raise IndexMoveError("there is no index")
        with self._alone():
            with self._database.session() as session:
                earlier = earlier_folder(session)
            if earlier is None:
                raise IndexMoveError("there is no earlier index: none has been left yet, or it was pruned")
            if not is_current(earlier.folder):
                raise IndexMoveError(
                    f"{earlier.folder} is of another analyzer: only the program of before returns to it"
                )
            return return_to(self._folder, self._database, earlier, progress).name

    def prune(self, keep: int = 1) -> list[str]:
        if keep or not self.states():
            return []
        with self._alone():
            dropped = drop_earlier(self._folder, self._database)
        return [] if dropped is None else [dropped]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with try_lock(self._folder / BUILD_LOCK) as locked:
            if not locked:
                raise IndexMoveError(f"another move of the index in {self._folder} is under way")
            yield
