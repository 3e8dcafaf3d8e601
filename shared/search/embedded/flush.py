"""Bring what waits in the outbox into the word index, and keep that index usable."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from shared.search.embedded.build import build_words, current_folder
from shared.search.embedded.database import Database
from shared.search.embedded.json_lists import as_json
from shared.search.embedded.locks import WRITE_LOCK, try_lock
from shared.search.embedded.prepare import DocumentCache
from shared.search.embedded.words import (
    SMALL_HEAP_BYTES,
    IndexedArticle,
    add_article,
    delete_article,
    is_current,
    open_index,
    reported,
)
from shared.search.ports import IndexUnavailableError

# One commit costs 25 to 140 ms for 1 to 500 articles.
_BATCH: Final = 500

_log = structlog.get_logger(__name__)


class Flusher:
    """Whoever gets the write lock flushes for everybody; the others go on, and nothing is left behind.

    A crash at any point repeats the batch, which changes nothing: an article is deleted and added by its key, and
    leaves the outbox after the commit.
    """

    def __init__(self, folder: Path, database: Database, documents: DocumentCache) -> None:
        self._folder = folder
        self._database = database
        self._documents = documents
        # The first flush opens the index even if nothing waits, so damage shows soon.
        self._checked = False

    def prepare(self) -> None:
        """Give a new store its word index, so that readers can begin."""
        with self._database.session() as session:
            if current_folder(session, self._folder) is not None or session.value("newest_change"):
                return
        with try_lock(self._folder / WRITE_LOCK) as locked:
            if locked:
                self._usable_index()

    def flush(self) -> list[tuple[str, int]]:
        """Article ids and versions that became searchable, or that are gone now."""
        flushed: list[tuple[str, int]] = []
        # What is applied after the last look and before the lock is free finds the lock taken: so look again.
        while self._has_work():
            with try_lock(self._folder / WRITE_LOCK) as locked:
                if not locked:
                    break
                flushed += self._flush_all()
        return flushed

    def _has_work(self) -> bool:
        if not self._checked:
            return True
        with self._database.session() as session:
            folder = current_folder(session, self._folder)
            return folder is None or not is_current(folder.name) or bool(session.value("is_waiting"))

    def _flush_all(self) -> list[tuple[str, int]]:
        index = self._usable_index()
        self._checked = True
        with reported():
            writer = index.writer(SMALL_HEAP_BYTES, 1)
            # Files are named after the number of the commit. One that a killed writer left before its commit counted
            # would be in the way of the same number now: "FileAlreadyExists", at every attempt.
            writer.garbage_collect_files()
        flushed: list[tuple[str, int]] = []
        try:
            while batch := self._flush_batch(writer):
                flushed += batch
        finally:
            # Also gives tantivy's lock back. Without the wait no merge would ever end, and searches slow down.
            with reported():
                writer.wait_merging_threads()
        return flushed

    def _flush_batch(self, writer: Any) -> list[tuple[str, int]]:
        with self._database.session() as session:
            waiting = session.rows("waiting", limit=_BATCH)
            if not waiting:
                return []
            rows = session.rows("articles_by_key", keys=as_json([row["key"] for row in waiting]))
        self._write(writer, rows)
        with self._database.session() as session, session.transaction():
            session.run_many("settle", [{"key": row["key"], "change": row["change"]} for row in waiting])
        return [(row["article_id"], row["rank"] // 2) for row in rows]

    def _write(self, writer: Any, rows: Sequence[Any]) -> None:
        articles = [
            IndexedArticle(row["key"], row["cluster"], self._documents.take(row))
            for row in rows
            if row["article"] is not None
        ]
        with reported():
            for row in rows:
                delete_article(writer, row["key"])
            for article in articles:
                add_article(writer, article)
            writer.commit()

    def _usable_index(self) -> Any:
        """The current word index; built from the store when it is missing, damaged or of another analyzer."""
        with self._database.session() as session:
            folder = current_folder(session, self._folder)
        if folder is not None and is_current(folder.name):
            try:
                return open_index(folder)
            except IndexUnavailableError as error:
                _log.warning("words.damaged", folder=folder.name, reason=str(error))
        build_words(self._folder, self._database)
        with self._database.session() as session:
            folder = current_folder(session, self._folder)
        if folder is None:
            raise IndexUnavailableError("the word index has gone while it was built")
        return open_index(folder)
