"""Build a word index from the article store, beside the current one, and make it the current one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import structlog

from shared.search.document import build_document
from shared.search.embedded.database import Database, Session
from shared.search.embedded.locks import BUILD_LOCK, WRITE_LOCK, try_lock, wait_for_lock
from shared.search.embedded.prepare import article_of
from shared.search.embedded.words import (
    BULK_HEAP_BYTES,
    FOLDERS,
    SMALL_HEAP_BYTES,
    IndexedArticle,
    add_article,
    create_index,
    delete_article,
    new_folder_name,
    open_index,
    reported,
)
from shared.search.ports import IndexUnavailableError

_BATCH: Final = 200
_FOLDER: Final = "folder"

_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Takes how many articles are done, and how many there are."""


def current_folder(session: Session, root: Path) -> Path | None:
    """Where the store says that the words are; None for a new store."""
    name = session.value("fact", name=_FOLDER)
    return None if name is None else root / name


def build_words(root: Path, database: Database) -> Path:
    """Build and switch at once; returns the new folder. The caller holds the write lock, so nobody flushes meanwhile.

    Raises:
        IndexUnavailableError: somebody else is building already.
    """
    with try_lock(root / BUILD_LOCK) as locked:
        if not locked:
            raise IndexUnavailableError("the word index is being built")
        folder, _ = _build(root, database, None)
        _switch(root, database, folder)
    return folder


def rebuild_words(root: Path, database: Database, progress: Progress | None = None) -> None:
    """Build while others go on flushing into the current index; only what changed meanwhile needs their lock."""
    with wait_for_lock(root / BUILD_LOCK):
        folder, since = _build(root, database, progress)
        with wait_for_lock(root / WRITE_LOCK):
            _catch_up(folder, database, since)
            _switch(root, database, folder)


def _build(root: Path, database: Database, progress: Progress | None) -> tuple[Path, int]:
    """A new index of every stored article, and the newest change that is surely in it."""
    with database.session() as session:
        since = int(session.value("newest_change"))
        total = int(session.row("counts")["articles"])
    folder = root / new_folder_name()
    index = create_index(folder)
    done = 0
    with reported():
        writer = index.writer(BULK_HEAP_BYTES, 1)
    for row in _live_articles(database):
        article = _indexed(row)
        with reported():
            add_article(writer, article)
        done += 1
        if progress is not None:
            progress(done, max(total, done))
    with reported():
        writer.commit()
        writer.wait_merging_threads()
    _log.info("words.built", folder=folder.name, articles=done)
    return folder, since


def _catch_up(folder: Path, database: Database, since: int) -> None:
    with reported():
        writer = open_index(folder).writer(SMALL_HEAP_BYTES, 1)
    for row in _changed_articles(database, since):
        article = _indexed(row) if row["article"] is not None else None
        with reported():
            delete_article(writer, row["key"])
            if article is not None:
                add_article(writer, article)
    with reported():
        writer.commit()
        writer.wait_merging_threads()


def _switch(root: Path, database: Database, folder: Path) -> None:
    with database.session() as session, session.transaction():
        session.run("set_fact", name=_FOLDER, value=folder.name)
    # Readers that have the old one open keep it: the kernel removes files when nobody maps them any more.
    for other in root.glob(FOLDERS):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _live_articles(database: Database) -> Iterator[Any]:
    """In pages, so that no read transaction is open for the whole build."""
    after = 0
    while True:
        with database.session() as session:
            rows = session.rows("articles_after", key=after, limit=_BATCH)
        if not rows:
            return
        yield from rows
        after = rows[-1]["key"]


def _changed_articles(database: Database, since: int) -> Iterator[Any]:
    """Tombstones as well. One that changes again meanwhile comes again."""
    while True:
        with database.session() as session:
            rows = session.rows("articles_changed_since", change=since, limit=_BATCH)
        if not rows:
            return
        yield from rows
        since = rows[-1]["change"]


def _indexed(row: Any) -> IndexedArticle:
    return IndexedArticle(row["key"], row["cluster"], build_document(article_of(row)))
