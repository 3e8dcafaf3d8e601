"""The embedded index under several processes: killed, racing, starved of disk."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tantivy import Query

from shared.search.embedded.database import Database
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.words import order_of
from shared.search.embedded.words_reader import WordsReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ApplyOutcome
from tests.support import embedded_workers
from tests.support.articles import ids, search_for

pytestmark = pytest.mark.integration


def _lines(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0


class Inspection:
    """What the two halves of an index hold, seen from below."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder, read_only=True)
        self._words = WordsReader(folder, self._database)

    def indexed(self) -> list[int]:
        """The sort keys of all documents of the word index; they tell article and time of publication."""
        return sorted(order for order, _ in self._words.view().newest(Query.all_query(), 100_000))

    def stored(self) -> list[int]:
        with self._database.session() as session:
            rows = session.rows("articles_after", key=0, limit=100_000)
        return sorted(order_of(row["published"], row["key"]) for row in rows)

    def ranks(self) -> dict[str, int]:
        keys = list(range(1, embedded_workers.ARTICLES + 1))
        with self._database.session() as session:
            return {row["article_id"]: row["rank"] for row in session.rows("articles_by_key", keys=str(keys))}

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def inspection(folder: Path) -> Iterator[Inspection]:
    inspection = Inspection(folder)
    yield inspection
    inspection.close()


def test_killed_writers_leave_an_index_that_equals_the_store(
    folder: Path, inspection: Inspection, tmp_path: Path
) -> None:
    random = Random(6)
    EmbeddedArticleWriter(folder).close()
    acknowledged = tmp_path / "acknowledged"
    workers = [
        embedded_workers.start(embedded_workers.write_until_killed, folder, seed, acknowledged) for seed in range(2)
    ]
    kills = 0
    begun = time.monotonic()
    # On a busy machine it takes longer until there is something to lose.
    while time.monotonic() < begun + 8 or (_lines(acknowledged) < 300 and time.monotonic() < begun + 40):
        time.sleep(random.uniform(0.1, 0.7))
        victim = random.randrange(len(workers))
        pid = workers[victim].pid
        assert pid is not None
        assert workers[victim].is_alive()
        os.kill(pid, signal.SIGKILL)
        workers[victim].join()
        kills += 1
        workers[victim] = embedded_workers.start(embedded_workers.write_until_killed, folder, 100 + kills, acknowledged)
    for worker in workers:
        worker.kill()
        worker.join()

    writer = EmbeddedArticleWriter(folder)
    writer.make_searchable()
    assert inspection.indexed() == inspection.stored()
    ranks = inspection.ranks()
    notes = [line.split() for line in acknowledged.read_text().splitlines()]
    assert len(notes) > 100
    assert [note for note in notes if ranks[note[0]] < int(note[1])] == []
    reader = EmbeddedArticleReader(folder)
    assert reader.stats().waiting == 0
    assert writer.make_searchable() == []
    reader.close()
    writer.close()


def test_writers_that_race_leave_nothing_behind(folder: Path, inspection: Inspection) -> None:
    workers = [embedded_workers.start(embedded_workers.write_batches, folder, seed, 15) for seed in range(3)]
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    # Nobody has flushed since: whoever came too late for the lock relied on the one who held it.
    assert inspection.indexed() == inspection.stored()
    expected: dict[str, int] = {}
    for seed in range(3):
        random = Random(seed)
        for change in (embedded_workers.random_change(random) for _ in range(15 * 20)):
            rank = 2 * change.version + (change.article is None)
            expected[change.article_id] = max(rank, expected.get(change.article_id, 0))
    assert inspection.ranks() == expected


def test_a_reader_sees_what_another_process_publishes_within_a_second(folder: Path) -> None:
    here, there = embedded_workers.pipe()
    worker = embedded_workers.start(embedded_workers.publish_on_request, folder, there)
    assert here.recv() == "ready"
    reader = EmbeddedArticleReader(folder)
    seconds: list[float] = []
    for number, word in enumerate(("নদী", "পাহাড়", "আকাশ", "সাগর", "মরুভূমি"), start=1):
        started = time.monotonic()
        here.send(f"{word} নিয়ে খবর")
        while not (found := ids(reader.search(search_for(word)))):
            assert time.monotonic() - started < 20
            time.sleep(0.005)
        seconds.append(time.monotonic() - started)
        assert found == [f"published-{number}"]
        here.recv()
    # The middle one, so that a machine that stands still for a moment proves nothing.
    assert sorted(seconds)[2] < 1.0
    here.send(None)
    worker.join(10)
    reader.close()


def test_a_full_disk_is_an_outage_and_nothing_more(folder: Path) -> None:
    here, there = embedded_workers.pipe()
    worker = embedded_workers.start(embedded_workers.write_with_a_full_disk, folder, there)
    assert "cannot be used" in here.recv()
    assert here.recv() == [ApplyOutcome.APPLIED]
    assert here.recv() == [("large", 1)]
    worker.join(10)
    reader = EmbeddedArticleReader(folder)
    assert ids(reader.search(search_for("খবর"))) == ["large"]
    reader.close()
