"""Writing words: one open tantivy writer with the lock that belongs to it, and what it wrote last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from shared.search.embedded.database import Database
from shared.search.embedded.json_lists import as_json
from shared.search.embedded.locks import HeldLock
from shared.search.embedded.prepare import DocumentCache
from shared.search.embedded.words import (
    SMALL_HEAP_BYTES,
    IndexedArticle,
    add_article,
    delete_article,
    open_index,
    reported,
)
from shared.search.embedded.words_reader import Stamp, stamp_of

_BATCH: Final = 500
# Tantivy merges as soon as there are eight segments of up to 10,000 articles: with one article in each commit, every
# eighth commit writes the whole of a small index again (1.1 s of CPU with 2,000 long articles).
_SEGMENTS_THAT_MERGE: Final = 8
# So the next commit writes the last few articles again with its own, and the segment that held them is dropped: that
# costs some milliseconds, and merges come every hundred articles (with 32, CPU for each commit fell to a quarter).
_TAIL_ARTICLES: Final = 16


@dataclass(slots=True)
class Tail:
    """The articles of the newest segment, by key. `stamp` is the commit that wrote it: any other one ends it."""

    articles: Mapping[int, IndexedArticle] = field(default_factory=dict)
    stamp: Stamp | None = None


class WordWriter:
    """Only one exists at a time, for all processes, since it owns the write lock. Use `close` or lose the merges."""

    def __init__(self, folder: Path, lock: HeldLock, database: Database, documents: DocumentCache, tail: Tail) -> None:
        """Raises IndexUnavailableError when the index cannot be written; the lock is the caller's then."""
        self._meta = folder / "meta.json"
        self._lock = lock
        self._database = database
        self._documents = documents
        self._tail = tail
        self._index = open_index(folder)
        with reported():
            self._writer = self._index.writer(SMALL_HEAP_BYTES, 1)
            # Files are named after the number of the commit. One that a killed writer left before its commit counted
            # would be in the way of the same number now: "FileAlreadyExists", at every attempt.
            self._writer.garbage_collect_files()

    def flush(self) -> list[tuple[str, int]]:
        """Flush what waits now; article ids and versions that became searchable, or that are gone.

        More may come in meanwhile, faster than it can be flushed: ask `is_busy`. A crash at any point repeats a
        batch, which changes nothing: an article is deleted and added by its key, and leaves the outbox after the
        commit.
        """
        flushed: list[tuple[str, int]] = []
        newest: int | None = None
        while True:
            with self._database.session() as session:
                if newest is None:
                    newest = session.value("newest_waiting")
                if newest is None or not session.value("is_waiting", newest=newest):
                    return flushed
                waiting = session.rows("waiting", limit=_BATCH)
                rows = session.rows("articles_by_key", keys=as_json(row["key"] for row in waiting))
            self._write(rows)
            with self._database.session() as session, session.transaction():
                session.run_many("settle", [{"key": row["key"], "change": row["change"]} for row in waiting])
            flushed += [(row["article_id"], row["rank"] // 2) for row in rows]

    def is_busy(self) -> bool:
        """Whether there is more to flush, or tantivy has begun, and not finished, to merge segments."""
        with self._database.session() as session:
            if session.value("newest_waiting") is not None:
                return True
        with reported():
            self._index.reload()
            return bool(self._index.searcher().num_segments >= _SEGMENTS_THAT_MERGE)

    def close(self) -> None:
        """Wait for merges and give the locks back, tantivy's own included."""
        try:
            with reported():
                self._writer.wait_merging_threads()
        finally:
            self._lock.release()

    def _write(self, rows: Sequence[Any]) -> None:
        articles = {
            row["key"]: IndexedArticle(row["key"], row["cluster"], self._documents.take(row))
            if row["article"] is not None
            else None
            for row in rows
        }
        with reported():
            if self._tail.stamp == stamp_of(self._meta):
                together = {**self._tail.articles, **articles}
                articles = together if len(together) <= _TAIL_ARTICLES else articles
            for key, article in articles.items():
                delete_article(self._writer, key)
                if article is not None:
                    add_article(self._writer, article)
            self._writer.commit()
            tail = {key: article for key, article in articles.items() if article is not None}
            self._tail.articles = tail if len(tail) <= _TAIL_ARTICLES else {}
            self._tail.stamp = stamp_of(self._meta)
