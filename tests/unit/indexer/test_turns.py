"""An entry that was handed out too often is tried alone in its process, so that its neighbours survive it."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from services.indexer.lease import LeaseKeeper, Steps, Turn
from shared.journal.memory import InMemoryJournal
from shared.journal.model import AppendItem, StreamId
from shared.keys import StreamKind

SUSPECT, OTHER = StreamId(StreamKind.VIEWS, 0), StreamId(StreamKind.VIEWS, 1)


class Worker:
    """Two streams with an entry each; one was handed out three times, and nothing came of it."""

    def __init__(self) -> None:
        self.journal = InMemoryJournal(partitions=2)
        for stream in (SUSPECT, OTHER):
            asyncio.run(self.journal.append(stream, f"batch {stream.partition}", [AppendItem("a", b"{}")]))
        for _ in range(3):
            self.journal.read(SUSPECT, 1)
        keeper = LeaseKeeper(self.journal, monotonic=time.monotonic)
        self.is_stopping = False
        self.turn = Turn(
            self.journal,
            self.journal._doorbell,
            keeper,
            Steps(),
            budget=timedelta(seconds=5),
            monotonic=time.monotonic,
            is_stopping=lambda: self.is_stopping,
        )
        self.at_work: list[StreamId] = []

    def drain(self, stream: StreamId, until: threading.Event) -> threading.Thread:
        """In a thread: each step lasts until it is told to end."""

        def run() -> None:
            with closing(self.turn.batches(stream, 10)) as batches:
                for entries in batches:
                    self.at_work.append(stream)
                    assert until.wait(5)
                    for entry in entries:
                        self.journal.acknowledge(stream, entry.id)
                    self.at_work.remove(stream)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def deliveries(self, stream: StreamId) -> int:
        return max(self.journal._streams[stream].pending.values(), default=0)


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_a_suspect_waits_for_the_others_and_its_delivery_does_not_count_until_then(worker: Worker) -> None:
    end_other, end_suspect = threading.Event(), threading.Event()
    other = worker.drain(OTHER, end_other)
    _until(lambda: worker.at_work == [OTHER])
    suspect = worker.drain(SUSPECT, end_suspect)
    _until(lambda: worker.deliveries(SUSPECT) == 3)
    assert worker.at_work == [OTHER]

    end_other.set()
    _until(lambda: worker.at_work == [SUSPECT])
    assert worker.deliveries(SUSPECT) == 4

    end_suspect.set()
    for thread in (other, suspect):
        thread.join(5)
    assert not any(backlog.entries for backlog in worker.journal.backlogs())


def test_nothing_is_handed_out_beside_a_suspect(worker: Worker) -> None:
    end_other, end_suspect = threading.Event(), threading.Event()
    suspect = worker.drain(SUSPECT, end_suspect)
    _until(lambda: worker.at_work == [SUSPECT])
    other = worker.drain(OTHER, end_other)
    time.sleep(0.05)
    assert worker.deliveries(OTHER) == 0, "its death would be counted against this one"

    end_suspect.set()
    _until(lambda: worker.at_work == [OTHER])
    end_other.set()
    for thread in (other, suspect):
        thread.join(5)


def test_a_worker_that_is_told_to_stop_ends_its_turn_after_the_step(worker: Worker) -> None:
    for number in range(3):
        asyncio.run(worker.journal.append(OTHER, f"more {number}", [AppendItem("a", b"{}")]))
    steps = 0
    with closing(worker.turn.batches(OTHER, 1)) as batches:
        for [entry] in batches:
            steps += 1
            worker.is_stopping = True
            worker.journal.acknowledge(OTHER, entry.id)

    assert steps == 1
    [backlog] = [backlog for backlog in worker.journal.backlogs() if backlog.stream == OTHER]
    assert (backlog.entries, backlog.leased) == (3, False)
    assert worker.journal._doorbell.rings[-1] == OTHER, "another worker goes on at once"  # type: ignore[attr-defined]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
