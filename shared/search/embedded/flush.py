"""Bring what waits in the outbox into the word index, and keep that index usable."""

from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Final

import structlog

from shared.search.embedded.build import build_words
from shared.search.embedded.database import Database
from shared.search.embedded.generations import current_folder
from shared.search.embedded.locks import WRITE_LOCK, HeldLock, is_waited_for, take_lock, try_lock
from shared.search.embedded.merging_threads import make_merging_threads_nice
from shared.search.embedded.prepare import DocumentCache
from shared.search.embedded.word_writer import Tail, WordWriter
from shared.search.embedded.words import is_current, open_index
from shared.search.ports import IndexUnavailableError

# How often the outbox is looked at while the writer is kept.
_LOOK_SECONDS: Final = 0.03

_log = structlog.get_logger(__name__)


class Flusher:
    """Whoever gets the write lock flushes for everybody; the others go on, and nothing is left behind.

    Nobody is kept for others either: a caller returns when what waited at first is flushed. A large merge takes
    seconds, though, and tantivy needs its writer until the end; and others may go on applying. Then a thread keeps
    the writer, and goes on flushing with it, for this process and for the others, until there is nothing to do or a
    rebuild waits for the lock.
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
        self._unreported: SimpleQueue[tuple[str, int]] = SimpleQueue()

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
        flushed = self._flush_with_kept_writer()
        if flushed is None:
            flushed = self._sweep()
        with suppress(Empty):
            while True:
                flushed.append(self._unreported.get_nowait())
        return flushed

    def close(self) -> None:
        """End the keeping thread; a merge that is under way is waited for."""
        self._stopped.set()
        if self._keeper is not None:
            self._keeper.join()

    def _flush_with_kept_writer(self) -> list[tuple[str, int]] | None:
        """None when no writer is kept."""
        if not self._is_kept():
            return None
        with self._turn:
            return self._kept.flush() if self._kept is not None else None

    def _is_kept(self) -> bool:
        """Without the turn, so it may be over a moment later."""
        return self._kept is not None

    def _sweep(self) -> list[tuple[str, int]]:
        """Flush until nothing waits, or somebody else is at it.

        What is applied after the last look of whoever is at it finds the turn, or the lock, taken. So after giving
        them back everybody looks again.
        """
        flushed: list[tuple[str, int]] = []
        while self._has_work() and self._turn.acquire(blocking=False):
            try:
                handed_over = self._flush_once(flushed)
            finally:
                self._turn.release()
            if handed_over:
                break
        return flushed

    def _flush_once(self, flushed: list[tuple[str, int]]) -> bool:
        """Whether somebody else goes on: another process that has the lock, or the thread that keeps the writer."""
        lock = take_lock(self._folder / WRITE_LOCK)
        if lock is None:
            return True
        writer = self._open(lock)
        try:
            flushed += writer.flush()
            busy = writer.is_busy()
        except BaseException:
            writer.close()
            raise
        if busy and not self._stopped.is_set():
            self._keep(writer)
            return True
        writer.close()
        return False

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
            return folder is None or not is_current(folder.name) or session.value("newest_waiting") is not None

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
        self._keeper = Thread(target=self._flush_while_busy, args=(writer,), name="keep-word-writer", daemon=True)
        self._keeper.start()

    def _flush_while_busy(self, writer: WordWriter) -> None:
        lock = self._folder / WRITE_LOCK
        # Only a kept writer merges. Its threads have been there for a while: a new one gets its name a moment later.
        make_merging_threads_nice()
        try:
            try:
                busy = True
                while busy and not is_waited_for(lock) and not self._stopped.wait(_LOOK_SECONDS):
                    with self._turn:
                        self._report(writer.flush())
                        busy = writer.is_busy()
            finally:
                with self._turn:
                    self._kept = None
                    writer.close()
            self._report(self._sweep())
        except IndexUnavailableError as error:
            # What waits stays in the outbox; whoever flushes next meets the same and can say so.
            _log.warning("words.flush_failed", reason=str(error))

    def _report(self, flushed: list[tuple[str, int]]) -> None:
        for article in flushed:
            self._unreported.put(article)
