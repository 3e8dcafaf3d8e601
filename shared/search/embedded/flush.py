"""Bring what waits in the outbox into the word index, and keep that index usable."""

import time
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

import structlog

from shared.search.embedded.build import build_words, current_folder
from shared.search.embedded.database import Database
from shared.search.embedded.locks import WRITE_LOCK, HeldLock, take_lock, try_lock
from shared.search.embedded.prepare import DocumentCache
from shared.search.embedded.word_writer import Tail, WordWriter
from shared.search.embedded.words import is_current, open_index
from shared.search.ports import IndexUnavailableError

# How often the outbox is looked at while segments merge, and for how long at most.
_LOOK_SECONDS: Final = 0.03
_LONGEST_MERGE_SECONDS: Final = 60.0

_log = structlog.get_logger(__name__)


class Flusher:
    """Whoever gets the write lock flushes for everybody; the others go on, and nothing is left behind.

    A large merge takes seconds, and tantivy needs its writer until the end. So a thread keeps the writer open then,
    and goes on flushing with it, for this process and for the others.
    """

    def __init__(self, folder: Path, database: Database, documents: DocumentCache) -> None:
        self._folder = folder
        self._database = database
        self._documents = documents
        self._tail = Tail()
        # The first flush opens the index even if nothing waits, so damage shows soon.
        self._checked = False
        self._turn = Lock()
        self._kept: WordWriter | None = None
        self._keeper: Thread | None = None
        self._stopped = Event()
        # What the keeping thread made searchable, for the next one who asks.
        self._unreported: list[tuple[str, int]] = []

    def prepare(self) -> None:
        """Give a new store its word index, so that readers can begin."""
        with self._database.session() as session:
            if current_folder(session, self._folder) is not None or session.value("newest_change"):
                return
        with try_lock(self._folder / WRITE_LOCK) as locked:
            if locked:
                self._usable_folder()

    def flush(self) -> list[tuple[str, int]]:
        """Article ids and versions that became searchable, or that are gone now."""
        # Another thread that flushes will look again when it is done; one that keeps a writer is soon back.
        if not self._turn.acquire(blocking=self._kept is not None):
            return []
        try:
            flushed = self._flush_alone() if self._kept is None else self._kept.flush()
            flushed, self._unreported = self._unreported + flushed, []
            return flushed
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the keeping thread; a merge that is under way is waited for."""
        self._stopped.set()
        if self._keeper is not None:
            self._keeper.join()

    def _flush_alone(self) -> list[tuple[str, int]]:
        flushed: list[tuple[str, int]] = []
        # What is applied after the last look and before the lock is free finds the lock taken: so look again.
        while self._has_work():
            lock = take_lock(self._folder / WRITE_LOCK)
            if lock is None:
                break
            writer = self._open(lock)
            try:
                flushed += writer.flush()
                merging = writer.is_merging()
            except BaseException:
                writer.close()
                raise
            if merging and not self._stopped.is_set():
                self._keep(writer)
                break
            writer.close()
        return flushed

    def _open(self, lock: HeldLock) -> WordWriter:
        try:
            folder = self._usable_folder()
            self._checked = True
            return WordWriter(folder, lock, self._database, self._documents, self._tail)
        except BaseException:
            lock.release()
            raise

    def _has_work(self) -> bool:
        if not self._checked:
            return True
        with self._database.session() as session:
            folder = current_folder(session, self._folder)
            return folder is None or not is_current(folder.name) or bool(session.value("is_waiting"))

    def _usable_folder(self) -> Path:
        """The current word index; built from the store when it is missing, damaged or of another analyzer."""
        with self._database.session() as session:
            folder = current_folder(session, self._folder)
        if folder is not None and is_current(folder.name):
            try:
                open_index(folder)
            except IndexUnavailableError as error:
                _log.warning("words.damaged", folder=folder.name, reason=str(error))
            else:
                return folder
        return build_words(self._folder, self._database)

    def _keep(self, writer: WordWriter) -> None:
        self._kept = writer
        self._keeper = Thread(target=self._flush_while_merging, args=(writer,), name="keep-word-writer", daemon=True)
        self._keeper.start()

    def _flush_while_merging(self, writer: WordWriter) -> None:
        until = time.monotonic() + _LONGEST_MERGE_SECONDS
        try:
            merging = True
            while merging and time.monotonic() < until and not self._stopped.wait(_LOOK_SECONDS):
                with self._turn:
                    self._unreported += writer.flush()
                    merging = writer.is_merging()
        except IndexUnavailableError as error:
            # What waits stays in the outbox; whoever flushes next meets the same and can say so.
            _log.warning("words.flush_failed", reason=str(error))
        finally:
            with self._turn:
                self._kept = None
                self._close_kept(writer)

    def _close_kept(self, writer: WordWriter) -> None:
        try:
            writer.close()
            self._unreported += self._flush_alone()
        except IndexUnavailableError as error:
            _log.warning("words.flush_failed", reason=str(error))
