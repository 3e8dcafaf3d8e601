"""Connections to the SQLite file of an index, and the statements in statements.sql by their names."""

import re
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from shared.search.ports import IndexUnavailableError

FILE_NAME: Final = "articles.sqlite3"
# A batch of 500 articles holds the write lock for a fraction of a second; ten such queue up before this is over.
_BUSY_SECONDS: Final = 10.0
# STRICT tables; RETURNING is older.
_OLDEST_SQLITE: Final = (3, 37)
_NAMED: Final = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Session:
    """One connection, used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, file: tuple[int, int]) -> None:
        self._connection = connection
        self.file = file

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        return self._connection.execute(_statements()[statement], parameters).fetchall()

    def row(self, statement: str, **parameters: Any) -> Any:
        """The first row, or None."""
        rows = self.rows(statement, **parameters)
        return rows[0] if rows else None

    def value(self, statement: str, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, **parameters)
        return None if row is None else row[0]

    def run(self, statement: str, **parameters: Any) -> None:
        self._connection.execute(_statements()[statement], parameters)

    def run_many(self, statement: str, parameters: Sequence[Mapping[str, Any]]) -> None:
        self._connection.executemany(_statements()[statement], parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything or nothing; on disk when it ends (synchronous=FULL)."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            # After some errors, a full disk for instance, SQLite has rolled back by itself.
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def close(self) -> None:
        self._connection.close()


class Database:
    """A pool of connections, as many as threads use it at once. Only writers create the file.

    Every error that passes may be over later (locked, disk full, file gone), so it is an IndexUnavailableError.
    """

    def __init__(self, folder: Path, *, read_only: bool) -> None:
        self._path = folder / FILE_NAME
        self._read_only = read_only
        self._idle: deque[Session] = deque()

    def prepare(self) -> None:
        """Create the file and its tables where they are missing."""
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise IndexUnavailableError(f"SQLite {sqlite3.sqlite_version} is too old, 3.37 is needed")
        with _reported():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            session = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                session.execute("pragma journal_mode=wal")
                session.executescript(f"begin immediate; {_read('schema.sql')} commit;")
            finally:
                session.close()

    @contextmanager
    def session(self) -> Iterator[Session]:
        with _reported():
            session = self._take()
            try:
                yield session
            finally:
                self._idle.append(session)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Session:
        file = self._file()
        while self._idle:
            try:
                session = self._idle.pop()
            except IndexError:
                break
            if session.file == file:
                return session
            # Somebody has removed the folder and begun a new one.
            session.close()
        return self._open(file)

    def _file(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_dev, status.st_ino

    def _open(self, file: tuple[int, int]) -> Session:
        # Not mode=ro: the first reader after a crash must be able to bring the write-ahead log in order.
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        if self._read_only:
            connection.execute("pragma query_only=on")
        connection.row_factory = sqlite3.Row
        # WAL's default, NORMAL, may lose the last commits with the power.
        connection.execute("pragma synchronous=full")
        return Session(connection, file)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise IndexUnavailableError(f"the article store cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise IndexUnavailableError(f"the article store is damaged: {error}") from error


@cache
def _statements() -> Mapping[str, str]:
    _, *parts = _NAMED.split(_read("statements.sql"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
