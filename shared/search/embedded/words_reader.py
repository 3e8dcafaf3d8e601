"""The word index as this process reads it: always the newest commit, always a whole one."""

from collections.abc import Hashable
from pathlib import Path
from threading import Lock
from typing import Any

from shared.search.embedded.database import Database
from shared.search.embedded.generations import current_folder
from shared.search.embedded.words import is_readable, open_index, reported
from shared.search.ports import IndexUnavailableError

Stamp = tuple[int, int, int]


class WordsView:
    """One commit of the word index. Its methods raise IndexUnavailableError when files are gone or damaged."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher

    @property
    def articles(self) -> int:
        return int(self._searcher.num_docs)

    def count(self, query: Any) -> int:
        with reported():
            return int(self._searcher.search(query, 1).count)

    def best(self, query: Any, limit: int) -> list[tuple[float, Any]]:
        """Scores and addresses, best first."""
        with reported():
            return list(self._searcher.search(query, limit, count=False).hits)

    def newest(self, query: Any, limit: int) -> list[tuple[int, Any]]:
        """Values of the field `order` and addresses, newest first."""
        with reported():
            return list(self._searcher.search(query, limit, count=False, order_by_field="order").hits)

    def values(self, field: str, addresses: list[Any]) -> list[Any]:
        """A number of each document, None where it has none."""
        if not addresses:
            return []
        with reported():
            return list(self._searcher.fast_field_values(field, addresses))

    def aggregate(self, query: Any, wanted: dict[str, Any]) -> Any:
        with reported():
            return self._searcher.aggregate(query, wanted)

    def articles_with(self, field: str, token: str) -> int:
        with reported():
            return int(self._searcher.doc_freq(field, token))

    def terms(self, field: str, prefix: str, limit: int | None = None) -> list[tuple[str, int]]:
        """Terms that begin with `prefix` and how many articles have each, in the order of their bytes."""
        with reported():
            return list(self._searcher.terms_with_prefix(field, prefix, limit=limit))


class WordsReader:
    """Follows commits and rebuilds of other processes; looking costs some microseconds, so every search looks."""

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._lock = Lock()
        self._folder: Path | None = None
        self._index: Any = None
        self._stamp: Stamp | None = None

    @property
    def commit(self) -> Hashable:
        """Changes with every commit, and when another index becomes the current one."""
        self.view()
        return self._folder, self._stamp

    def view(self) -> "WordsView":
        """The newest commit; the view stays as it is while others write.

        Raises:
            IndexUnavailableError: there is no index yet, or it is damaged and not rebuilt yet.
        """
        with self._lock:
            try:
                return self._newest()
            except IndexUnavailableError:
                # A rebuild may have removed the folder between the two steps; then the store names another one.
                self._folder = None
                return self._newest()

    def _newest(self) -> "WordsView":
        with self._database.session() as session:
            folder = current_folder(session, self._root)
        if folder is None or not is_readable(folder.name):
            raise IndexUnavailableError("no word index has been built yet")
        if folder != self._folder:
            self._index = open_index(folder)
            # Otherwise a thread looks for commits every half second, and searches see them when it has.
            self._index.config_reader("manual")
            self._folder, self._stamp = folder, None
        with reported():
            # Taken before the reload: a commit in between is then seen twice rather than missed.
            stamp = stamp_of(folder / "meta.json")
            if stamp != self._stamp:
                self._index.reload()
                self._stamp = stamp
            return WordsView(self._index.searcher())


def stamp_of(path: Path) -> Stamp:
    """Tantivy replaces the file with each commit, so the inode changes even within one tick of the clock."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size
