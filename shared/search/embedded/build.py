"""Build a word index from the article store, beside the current one, and make it the current one.

A build notes every few thousand articles how far it is, so one that was broken off goes on from there. What changes
meanwhile is flushed into the current words and caught up with in further passes; only the last one, which is short,
keeps others from flushing. Applying goes on all the time.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from shared.search.document import build_document
from shared.search.embedded.database import Database
from shared.search.embedded.generations import (
    Building,
    Earlier,
    articles_in,
    begin_building,
    drop_building,
    note_building,
    switch,
    usable_earlier,
)
from shared.search.embedded.locks import BUILD_LOCK, WRITE_LOCK, try_lock, wait_for_lock
from shared.search.embedded.prepare import article_of
from shared.search.embedded.words import (
    BULK_HEAP_BYTES,
    SMALL_HEAP_BYTES,
    IndexedArticle,
    add_article,
    create_index,
    delete_article,
    open_index,
    reported,
)
from shared.search.ports import IndexMoveError, IndexUnavailableError, Progress

_BATCH: Final = 200
# Some seconds of analysis; each commit is a segment.
_CHECKPOINT: Final = 5_000
# So many changes are caught up with in a moment.
_FEW: Final = 500
_MOST_PASSES: Final = 5

_log = structlog.get_logger(__name__)


def build_words(root: Path, database: Database) -> Path:
    """Build and switch at once; returns the new folder. The caller holds the write lock, so nobody flushes meanwhile.

    A program that comes back finds the words that it left, and brings them up to date instead.

    Raises:
        IndexUnavailableError: somebody else is building already.
    """
    with try_lock(root / BUILD_LOCK) as locked:
        if not locked:
            raise IndexUnavailableError("the word index is being built")
        begun = usable_earlier(root, database) or _build(root, database, None)
        folder = root / begun.folder
        _catch_up(folder, database, begun.since)
        switch(root, database, folder)
    return folder


def rebuild_words(root: Path, database: Database, progress: Progress | None) -> Path:
    """Build while others go on flushing into the current index. The caller holds the build lock."""
    built = _build(root, database, progress)
    return _move(root, database, root / built.folder, built.since, progress)


def return_to(root: Path, database: Database, earlier: Earlier, progress: Progress | None) -> Path:
    """Bring an earlier folder up to date and use it again. The caller holds the build lock."""
    return _move(root, database, root / earlier.folder, earlier.since, progress)


def _move(root: Path, database: Database, folder: Path, since: int, progress: Progress | None) -> Path:
    for _ in range(_MOST_PASSES):
        if _newest_change(database) - since <= _FEW:
            break
        since = _catch_up(folder, database, since, progress)
    with wait_for_lock(root / WRITE_LOCK):
        newest = _catch_up(folder, database, since, progress)
        _check(folder, database, newest)
        switch(root, database, folder)
    _log.info("words.switched", folder=folder.name)
    return folder


def _build(root: Path, database: Database, progress: Progress | None) -> Building:
    """An index of every stored article, as of `since` of the answer or later."""
    begun = begin_building(root, database)
    is_resumed = begun.after > 0
    with database.session() as session:
        total = int(session.row("counts")["articles"])
    folder = root / begun.folder
    index = open_index(folder) if is_resumed else create_index(folder)
    with reported():
        writer = index.writer(BULK_HEAP_BYTES, 1)
        writer.garbage_collect_files()
    done = begun.done
    for row in _live_articles(database, begun.after):
        article = _indexed(row)
        with reported():
            if is_resumed:
                # A commit of which the store does not know yet may have it.
                delete_article(writer, row["key"])
            add_article(writer, article)
        done += 1
        if progress is not None:
            progress(done, max(total, done))
        if done % _CHECKPOINT == 0:
            with reported():
                writer.commit()
            with database.session() as session:
                note_building(session, replace(begun, after=row["key"], done=done))
    with reported():
        writer.commit()
        writer.wait_merging_threads()
    _log.info("words.built", folder=folder.name, articles=done)
    return begun


def _catch_up(folder: Path, database: Database, since: int, progress: Progress | None = None) -> int:
    """Bring what has changed since into a folder; returns the newest change that is in it now.

    Meanwhile articles may change again: those changes are greater, and left for the next time.
    """
    newest = _newest_change(database)
    with reported():
        writer = open_index(folder).writer(SMALL_HEAP_BYTES, 1)
        writer.garbage_collect_files()
    for done, row in enumerate(_changed_articles(database, since, newest), start=1):
        article = _indexed(row) if row["article"] is not None else None
        with reported():
            delete_article(writer, row["key"])
            if article is not None:
                add_article(writer, article)
        if progress is not None:
            progress(done, max(newest - since, done))
    with reported():
        writer.commit()
        writer.wait_merging_threads()
    return newest


def _check(folder: Path, database: Database, newest: int) -> None:
    """Compare how many articles a folder has with the store, before readers get it.

    Whoever changed after `newest` may be in it as before, or not yet.
    """
    with database.session() as session:
        live = session.row("live_counts", newest=newest)
    articles = articles_in(folder)
    if not live["settled"] <= articles <= live["settled"] + live["changed"]:
        with database.session() as session:
            drop_building(session)
        raise IndexMoveError(f"{folder.name} has {articles} articles, the store {live['settled']}; nothing is switched")


def _newest_change(database: Database) -> int:
    with database.session() as session:
        return int(session.value("newest_change"))


def _live_articles(database: Database, after: int) -> Iterator[Any]:
    """In pages, so that no read transaction is open for the whole build."""
    while True:
        with database.session() as session:
            rows = session.rows("articles_after", key=after, limit=_BATCH)
        if not rows:
            return
        yield from rows
        after = rows[-1]["key"]


def _changed_articles(database: Database, since: int, until: int) -> Iterator[Any]:
    """Tombstones as well."""
    while True:
        with database.session() as session:
            rows = session.rows("articles_changed", since=since, until=until, limit=_BATCH)
        if not rows:
            return
        yield from rows
        since = rows[-1]["change"]


def _indexed(row: Any) -> IndexedArticle:
    return IndexedArticle(row["key"], row["cluster"], build_document(article_of(row)))
