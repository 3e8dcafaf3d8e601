"""Group commit: many requests share one append to the journal, and each learns the fate of its own events.

While an append is under way, the next one gathers; when it returns, what has gathered goes out at once. So a busy
door makes few, large appends, and an idle one answers within the waiting time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from services.ingest.metrics import IngestMetrics
from services.ingest.shares import MAX_APPEND_BYTES, MAX_APPEND_ITEMS, Shares, cut
from shared.journal.model import AppendItem, AppendResult, StreamId
from shared.journal.ports import JournalAppender, JournalUnavailableError


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
    """One submit, waiting for all its shares."""

    done: asyncio.Future[None]
    open_shares: int
    accepted: int = 0
    duplicates: int = 0

    def settle(self, accepted: int, duplicates: int) -> None:
        self.accepted += accepted
        self.duplicates += duplicates
        self.open_shares -= 1
        if self.open_shares == 0 and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: CommitError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(slots=True)
class _Share:
    request: _Request
    items: Sequence[AppendItem]
    size: int


@dataclass(slots=True)
class _Line:
    """What waits for one stream. One append at a time, so that events keep their order."""

    stream: StreamId
    queue: deque[_Share] = field(default_factory=deque)
    items: int = 0
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None


class GroupCommit:
    """Takes requests' shares to the journal. Use it from one event loop."""

    def __init__(
        self,
        appender: JournalAppender,
        policy: CommitPolicy,
        metrics: IngestMetrics,
        *,
        new_batch_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._appender = appender
        self._policy = policy
        self._metrics = metrics
        self._new_batch_id = new_batch_id
        self._lines: dict[StreamId, _Line] = {}
        self._queued_items = 0
        self._queued_bytes = 0

    async def submit(self, shares: Shares) -> AppendResult:
        """Return when every share is on disk.

        The answer counts this request's events only. When one share fails the whole request does, although other
        shares may be on disk: a repetition with the same event ids is absorbed.

        Raises:
            CommitError: see its subclasses.
        """
        parts = [(stream, items, size) for stream, share in shares.items() for items, size in cut(share)]
        if not parts:
            return AppendResult(0, 0)
        self._make_sure_of_room(sum(len(items) for _, items, _ in parts), sum(size for _, _, size in parts))
        request = _Request(asyncio.get_running_loop().create_future(), open_shares=len(parts))
        for stream, items, size in parts:
            self._enqueue(stream, _Share(request, items, size))
        await request.done
        return AppendResult(request.accepted, request.duplicates)

    async def close(self) -> None:
        """Commit what waits, and return when nothing is under way. The caller submits nothing any more."""
        for line in self._lines.values():
            self._start(line)
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        if tasks:
            await asyncio.wait(tasks)

    def _make_sure_of_room(self, items: int, size: int) -> None:
        # A request that is larger than the queue is let in when it has the queue to itself.
        if self._queued_items and (
            self._queued_items + items > self._policy.max_queued_items
            or self._queued_bytes + size > self._policy.max_queued_bytes
        ):
            raise CommitQueueFullError(f"{self._queued_items:,} events are waiting for the journal")

    def _enqueue(self, stream: StreamId, share: _Share) -> None:
        line = self._lines.get(stream)
        if line is None:
            line = self._lines[stream] = _Line(stream)
        line.queue.append(share)
        line.items += len(share.items)
        self._queued_items += len(share.items)
        self._queued_bytes += share.size
        if line.task is not None:
            return
        if line.items >= MAX_APPEND_ITEMS:
            self._start(line)
        elif line.timer is None:
            loop = asyncio.get_running_loop()
            line.timer = loop.call_later(self._policy.wait.total_seconds(), self._start, line)

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

    def _take(self, line: _Line) -> list[_Share]:
        batch: list[_Share] = []
        items = size = 0
        while line.queue:
            share = line.queue[0]
            if batch and (items + len(share.items) > MAX_APPEND_ITEMS or size + share.size > MAX_APPEND_BYTES):
                break
            batch.append(line.queue.popleft())
            items += len(share.items)
            size += share.size
        self._forget(line, items, size)
        return batch

    def _forget(self, line: _Line, items: int, size: int) -> None:
        line.items -= items
        self._queued_items -= items
        self._queued_bytes -= size

    async def _commit(self, line: _Line, batch: list[_Share]) -> None:
        error = CommitFailedError("the journal could not be written")
        items = [item for share in batch for item in share.items]
        result = None
        try:
            with self._metrics.commit_seconds.time():
                result = await self._append(line.stream, items)
        except JournalUnavailableError as cause:
            error = CommitFailedError(str(cause))
            # Those behind have waited as long; they must not each wait for a time-out of their own.
            self._refuse(line, error)
        finally:
            if result is None:
                for share in batch:
                    share.request.fail(error)
        if result is not None:
            self._count(line.stream, result)
            _settle(batch, result)

    def _count(self, stream: StreamId, result: AppendResult) -> None:
        self._metrics.commit_events.observe(result.accepted + result.duplicates)
        self._metrics.events.labels(stream.kind, "accepted").inc(result.accepted)
        self._metrics.events.labels(stream.kind, "duplicate").inc(result.duplicates)

    def _refuse(self, line: _Line, error: CommitError) -> None:
        while line.queue:
            share = line.queue.popleft()
            self._forget(line, len(share.items), share.size)
            share.request.fail(error)

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


def _settle(batch: Sequence[_Share], result: AppendResult) -> None:
    """Tell each request how many of its own events were duplicates."""
    duplicates = deque(result.duplicate_indexes)
    end = 0
    for share in batch:
        end += len(share.items)
        mine = 0
        while duplicates and duplicates[0] < end:
            duplicates.popleft()
            mine += 1
        share.request.settle(len(share.items) - mine, mine)
