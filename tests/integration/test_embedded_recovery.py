"""The embedded index after a crash, damage, another analyzer, and while it is built anew."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from shared.search.embedded import database, word_writer
from shared.search.embedded.database import FILE_NAME
from shared.search.embedded.locks import WRITE_LOCK, try_lock
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ApplyOutcome, Lookup
from shared.search.ports import IndexUnavailableError
from tests.support.articles import Engine, article, ids, publish_change, search_for

pytestmark = pytest.mark.integration

NEWS = [article(f"n{number}", f"নদীর খবর {number}") for number in range(5)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    writer, reader = EmbeddedArticleWriter(folder), EmbeddedArticleReader(folder)
    engine = Engine(writer, reader)
    engine.publish(*NEWS)
    yield engine
    writer.close()
    reader.close()


def words_folder(folder: Path) -> Path:
    [found] = folder.glob("words-*")
    return found


def store(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / FILE_NAME, isolation_level=None)


def restarted(folder: Path) -> list[str]:
    """What a new worker and a new reader make of the folder."""
    with closing(EmbeddedArticleWriter(folder)) as writer, closing(EmbeddedArticleReader(folder)) as reader:
        writer.make_searchable()
        return sorted(ids(reader.search(search_for("নদী"))))


ALL = [news.id for news in NEWS]


def test_a_commit_that_did_not_count_is_made_again(engine: Engine, folder: Path) -> None:
    meta = words_folder(folder) / "meta.json"
    before = meta.read_bytes()
    engine.publish(article("n0", "নদীর টাটকা খবর", version=2))
    # As if the writer had been killed when the files of the commit were written, but not yet the list of them.
    meta.write_bytes(before)
    with closing(store(folder)) as connection:
        connection.execute("insert into outbox (key) select key from articles where article_id = 'n0'")
    engine.writer.make_searchable()
    assert sorted(engine.find("নদী")) == ALL
    assert engine.find("টাটকা") == ["n0"]


@pytest.mark.parametrize("pattern", ["meta.json", "*.term", "*.idx", "*.fast"])
def test_a_damaged_word_index_is_built_again(engine: Engine, folder: Path, pattern: str) -> None:
    damaged = words_folder(folder)
    for file in damaged.glob(pattern):
        file.write_bytes(file.read_bytes()[:10])
    assert restarted(folder) == ALL
    assert not damaged.exists()
    # The reader that had it open follows.
    assert sorted(engine.find("নদী")) == ALL


def test_a_missing_word_index_is_built_again(engine: Engine, folder: Path) -> None:
    shutil.rmtree(words_folder(folder))
    assert restarted(folder) == ALL
    assert engine.writer.make_searchable() == []


def test_words_of_another_analyzer_serve_until_new_ones_are_built(engine: Engine, folder: Path) -> None:
    current = words_folder(folder)
    words, schema, analyzer, unique = current.name.split("-")
    older = current.with_name(f"{words}-{schema}-older{analyzer}-{unique}")
    current.rename(older)
    with closing(store(folder)) as connection:
        connection.execute("update facts set value = ?", (older.name,))
    with closing(EmbeddedArticleReader(folder)) as reader:
        assert sorted(ids(reader.search(search_for("নদী")))) == ALL
        engine.writer.make_searchable()
        assert sorted(ids(reader.search(search_for("নদী")))) == ALL
    assert older.exists(), "kept for a return"


def test_words_of_another_schema_do_not_serve(engine: Engine, folder: Path) -> None:
    current = words_folder(folder)
    older = current.with_name("words-0-1-abc")
    current.rename(older)
    with closing(store(folder)) as connection:
        connection.execute("update facts set value = ?", (older.name,))
    with closing(EmbeddedArticleReader(folder)) as reader:
        with pytest.raises(IndexUnavailableError):
            reader.search(search_for("নদী"))
        engine.writer.make_searchable()
        assert sorted(ids(reader.search(search_for("নদী")))) == ALL


def test_while_another_flushes_one_returns_at_once(engine: Engine, folder: Path) -> None:
    with try_lock(folder / WRITE_LOCK) as locked:
        assert locked
        engine.writer.apply([publish_change(article("late", "নদীর দেরির খবর"))])
        assert engine.writer.make_searchable() == []
        assert engine.reader.stats().waiting == 1
        # Applied is applied: looked up by its id it is there before it can be searched.
        assert engine.reader.get("late").state is Lookup.FOUND
    assert engine.writer.make_searchable() == [("late", 1)]
    assert "late" in engine.find("নদী")


def test_more_than_one_batch_is_flushed_in_one_go(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_writer, "_BATCH", 3)
    engine.writer.apply([publish_change(article(f"m{number}", "পাহাড়ের খবর")) for number in range(10)])
    assert len(engine.writer.make_searchable()) == 10
    assert len(engine.find("পাহাড়")) == 10


def test_nobody_is_kept_for_what_others_apply_meanwhile(engine: Engine) -> None:
    stop = Event()

    def go_on_applying() -> None:
        for number in count():
            engine.writer.apply([publish_change(article(f"other{number}", "আকাশের খবর"))])
            if stop.is_set():
                return

    other = Thread(target=go_on_applying)
    other.start()
    try:
        seconds = []
        reported = []
        for number in range(5):
            engine.writer.apply([publish_change(article(f"own{number}", "সাগরের খবর"))])
            started = time.monotonic()
            reported += engine.writer.make_searchable()
            seconds.append(time.monotonic() - started)
            assert f"own{number}" in engine.find("সাগর")
    finally:
        stop.set()
        other.join()
    assert sorted(seconds)[2] < 5
    assert {f"own{number}" for number in range(5)} <= {article_id for article_id, _ in reported}


def test_threads_may_share_a_writer_and_a_reader(engine: Engine) -> None:
    def work(thread: int) -> None:
        for number in range(10):
            engine.publish(article(f"t{thread}-{number}", "আকাশের খবর"))
            engine.search("আকাশ")

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever came while another one was flushing has left his articles to him.
    until = time.monotonic() + 10
    while engine.reader.stats().waiting and time.monotonic() < until:
        time.sleep(0.02)
    assert engine.search("আকাশ").total == 40


def test_a_locked_store_is_an_outage(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with closing(EmbeddedArticleWriter(folder)) as writer, closing(store(folder)) as other:
        other.execute("begin immediate")
        with pytest.raises(IndexUnavailableError, match="locked"):
            writer.apply([publish_change(article("x", "খবর"))])
        # Readers do not mind.
        assert sorted(engine.find("নদী")) == ALL
        other.execute("rollback")
        [result] = writer.apply([publish_change(article("x", "খবর"))])
        assert result.outcome is ApplyOutcome.APPLIED


def test_without_an_index_the_reader_says_so(folder: Path) -> None:
    with closing(EmbeddedArticleReader(folder)) as reader:
        for ask in (reader.ping, reader.stats, lambda: reader.search(search_for("নদী")), lambda: reader.get("a")):
            with pytest.raises(IndexUnavailableError):
                ask()
        # As soon as a worker is there, it works; it need not be opened again.
        EmbeddedArticleWriter(folder).close()
        reader.ping()
        assert reader.search(search_for("নদী")).total == 0


def test_a_reader_follows_when_the_folder_was_removed_and_begun_anew(engine: Engine, folder: Path) -> None:
    assert sorted(engine.find("নদী")) == ALL
    shutil.rmtree(folder)
    with pytest.raises(IndexUnavailableError):
        engine.find("নদী")
    with closing(EmbeddedArticleWriter(folder)) as writer:
        writer.apply([publish_change(article("fresh", "নদীর নতুন খবর"))])
        writer.make_searchable()
    assert engine.find("নদী") == ["fresh"]
    assert engine.reader.get("n0").state is Lookup.UNKNOWN


def test_a_damaged_store_is_an_outage(folder: Path) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(IndexUnavailableError):
        EmbeddedArticleWriter(folder)
    with closing(EmbeddedArticleReader(folder)) as reader, pytest.raises(IndexUnavailableError):
        reader.stats()


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnavailableError):
        EmbeddedArticleWriter(tmp_path / "file" / "index")
