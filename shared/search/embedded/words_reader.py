"""The word index as this process reads it: always the newest commit, always a whole one."""

from pathlib import Path
from threading import Lock
from typing import Any

from shared.search.embedded.build import current_folder
from shared.search.embedded.database import Database
from shared.search.embedded.words import is_readable, open_index, reported
from shared.search.ports import IndexUnavailableError

_Stamp = tuple[int, int, int]


class WordsReader:
    """Follows commits and rebuilds of other processes; looking costs some microseconds, so every search looks."""

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._lock = Lock()
        self._folder: Path | None = None
        self._index: Any = None
        self._stamp: _Stamp | None = None

    def searcher(self) -> Any:
        """A view of the newest commit; it stays as it is while others write.

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

    def _newest(self) -> Any:
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
            stamp = _stamp_of(folder / "meta.json")
            if stamp != self._stamp:
                self._index.reload()
                self._stamp = stamp
            return self._index.searcher()


def _stamp_of(path: Path) -> _Stamp:
    """Tantivy replaces the file with each commit, so the inode changes even within one tick of the clock."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size
