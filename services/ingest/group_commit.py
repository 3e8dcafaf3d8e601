"""Group commit: many requests share one append to the journal, and each learns the fate of its own events.

While an append is under way, the next one gathers; when it returns, what has gathered goes out at once. So a busy
door makes few, large appends, and an idle one answers within the waiting time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from services.ingest.metrics import IngestMetrics
from shared.journal.model import AppendItem, AppendResult, StreamId
from shared.journal.ports import JournalAppender, JournalUnavailableError
from shared.keys import StreamKind, partition_of

StreamItem = tuple[StreamKind, AppendItem]

# One Lua step of 500 views holds Redis for about 2 ms, one of 5,000 for 6-10 ms: others would wait that long.
MAX_APPEND_ITEMS: Final = 500
# The same for articles, of which a single one may have a megabyte.
MAX_APPEND_BYTES: Final = 2_000_000


class CommitError(Exception):
    """The events are not, or not certainly, on disk: the request must be refused."""


class CommitFailedError(CommitError):
    """The journal did not take them, although it was tried again."""


class CommitQueueFullError(CommitError):
    """Too much is waiting for the journal already."""


@dataclass(frozen=True, slots=True)
class CommitPolicy:
    """How long to gather, how much may wait, and how often an uncertain append is repeated.

    `wait` is how long the first event of an idle stream waits for others. An append is tried `attempts` times
    within `budget`, with `pause` before the first repetition and twice as long before each further one.
    """

    wait: timedelta = timedelta(milliseconds=2)
    max_queued_items: int = 50_000
    max_queued_bytes: int = 64_000_000
    attempts: int = 4
    pause: timedelta = timedelta(milliseconds=200)
    budget: timedelta = timedelta(seconds=5)


@dataclass(slots=True)
class _Request:
    """One submit, waiting for all its events."""

    done: asyncio.Future[None]
    open: int
    duplicates: int = 0

    def settle(self) -> None:
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: CommitError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


_Waiting = tuple[_Request, AppendItem]


@dataclass(slots=True)
class _Line:
    """What waits for one stream. One append at a time, so that events keep their order."""

    stream: StreamId
    queue: deque[_Waiting] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None


class GroupCommit:
    """Takes requests' events to the journal, each to the stream of its article. Use it from one event loop."""

    def __init__(
        self,
        appender: JournalAppender,
        policy: CommitPolicy,
        metrics: IngestMetrics,
        *,
        partitions: int,
        new_batch_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._appender = appender
        self._policy = policy
        self._metrics = metrics
        self._new_batch_id = new_batch_id
        self._partitions = partitions
        self._wait = policy.wait.total_seconds()
        self._lines: Mapping[StreamKind, Sequence[_Line]] = {
            kind: [_Line(StreamId(kind, partition)) for partition in range(partitions)] for kind in StreamKind
        }
        self._queued_items = 0
        self._queued_bytes = 0

    async def submit(self, items: Sequence[StreamItem]) -> AppendResult:
        """Return when every event is on disk; the answer counts these events only.

        When one share of a request fails the whole request does, although other shares may be on disk: a
        repetition with the same event ids is absorbed.

        Raises:
            CommitError: see its subclasses.
        """
        if not items:
            return AppendResult(0, 0)
        self._make_sure_of_room(items)
        loop = asyncio.get_running_loop()
        request = _Request(loop.create_future(), open=len(items))
        for kind, item in items:
            self._enqueue(self._lines[kind][partition_of(item.article_id, self._partitions)], request, item, loop)
        await request.done
        return AppendResult(len(items) - request.duplicates, request.duplicates)

    async def close(self) -> None:
        """Commit what waits, and return when nothing is under way. The caller submits nothing any more."""
        lines = [line for kind in self._lines.values() for line in kind]
        for line in lines:
            self._start(line)
        tasks = [line.task for line in lines if line.task is not None]
        if tasks:
            await asyncio.wait(tasks)

    def _make_sure_of_room(self, items: Sequence[StreamItem]) -> None:
        size = sum(len(item.body) for _, item in items)
        # A request that is larger than the queue is let in when it has the queue to itself.
        if self._queued_items and (
            self._queued_items + len(items) > self._policy.max_queued_items
            or self._queued_bytes + size > self._policy.max_queued_bytes
        ):
            raise CommitQueueFullError(f"{self._queued_items:,} events are waiting for the journal")
        self._queued_items += len(items)
        self._queued_bytes += size

    def _enqueue(self, line: _Line, request: _Request, item: AppendItem, loop: asyncio.AbstractEventLoop) -> None:
        line.queue.append((request, item))
        if line.task is None and line.timer is None:
            line.timer = loop.call_later(self._wait, self._start, line)

    def _start(self, line: _Line) -> None:
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        if line.task is None and line.queue:
            line.task = asyncio.get_running_loop().create_task(self._commit_line(line))

    async def _commit_line(self, line: _Line) -> None:
        try:
            while line.queue:
                await self._commit(line, self._take(line))
        finally:
            line.task = None
            # Only after an error that nobody foresaw: whoever waits must not wait for ever.
            self._refuse(line, CommitFailedError("the journal could not be written"))

    def _take(self, line: _Line) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while line.queue and len(batch) < MAX_APPEND_ITEMS:
            size += len(line.queue[0][1].body)
            if batch and size > MAX_APPEND_BYTES:
                break
            batch.append(line.queue.popleft())
        self._forget(batch)
        return batch

    def _forget(self, waiting: Sequence[_Waiting]) -> None:
        self._queued_items -= len(waiting)
        self._queued_bytes -= sum(len(item.body) for _, item in waiting)

    async def _commit(self, line: _Line, batch: list[_Waiting]) -> None:
        error = CommitFailedError("the journal could not be written")
        result = None
        try:
            with self._metrics.commit_seconds.time():
                result = await self._append(line.stream, [item for _, item in batch])
        except JournalUnavailableError as cause:
            error = CommitFailedError(str(cause))
            # Those behind have waited as long; they must not each wait for a time-out of their own.
            self._refuse(line, error)
        finally:
            if result is None:
                for request, _ in batch:
                    request.fail(error)
        if result is not None:
            self._metrics.count_append(line.stream.kind, result)
            for position in result.duplicate_indexes:
                batch[position][0].duplicates += 1
            for request, _ in batch:
                request.settle()

    def _refuse(self, line: _Line, error: CommitError) -> None:
        waiting = list(line.queue)
        line.queue.clear()
        self._forget(waiting)
        for request, _ in waiting:
            request.fail(error)

    async def _append(self, stream: StreamId, items: Sequence[AppendItem]) -> AppendResult:
        """Append under one batch id, so that a repetition after a lost reply changes nothing."""
        loop = asyncio.get_running_loop()
        batch_id = self._new_batch_id()
        deadline = loop.time() + self._policy.budget.total_seconds()
        pause = self._policy.pause.total_seconds()
        attempt = 1
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._appender.append(stream, batch_id, items)
            except TimeoutError:
                raise JournalUnavailableError("the journal did not answer in time") from None
            except JournalUnavailableError:
                if attempt >= self._policy.attempts or loop.time() + pause >= deadline:
                    raise
            self._metrics.commit_retries.inc()
            await asyncio.sleep(pause)
            attempt += 1
            pause *= 2
