"""Group commit: many requests share one round trip to the journal, and each learns the fate of its own events.

While a round trip is under way, the next one gathers; when it returns, what has gathered goes out at once. So a busy
door makes few, large appends, and an idle one answers within the waiting time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from services.ingest.commit_batches import (
    CommitError,
    CommitFailedError,
    CommitQueueFullError,
    OpenBatch,
    StreamQueue,
    WaitingRequest,
)
from services.ingest.metrics import IngestMetrics
from shared.journal.model import AppendBatch, AppendItem, AppendResult, StreamId
from shared.journal.ports import JournalAppender, JournalUnavailableError
from shared.keys import StreamKind, partition_of

_log = structlog.get_logger(__name__)

StreamItem = tuple[StreamKind, AppendItem]

# One Lua step of 500 views holds Redis for about 2 ms, one of 5,000 for 6-10 ms: others would wait that long.
MAX_APPEND_ITEMS: Final = 500
# The same for articles, of which a single one may have a megabyte.
MAX_APPEND_BYTES: Final = 2_000_000
# Packing that many items takes the event loop about 10 ms.
MAX_ROUND_ITEMS: Final = 2_000


@dataclass(frozen=True, slots=True)
class CommitPolicy:
    """How long to gather, how much may wait, and how often an uncertain append is repeated.

    `wait` is how long the first event of an idle door waits for others. An append is tried `attempts` times within
    `budget`, with `pause` before the first repetition and twice as long before each further one.
    """

    wait: timedelta = timedelta(milliseconds=2)
    max_queued_items: int = 50_000
    max_queued_bytes: int = 64_000_000
    attempts: int = 4
    pause: timedelta = timedelta(milliseconds=200)
    budget: timedelta = timedelta(seconds=5)


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
        self._lines = {kind: [StreamQueue(StreamId(kind, part)) for part in range(partitions)] for kind in StreamKind}
        # The order in which lines are served; whoever was served goes to its end.
        self._turns = deque(line for lines in self._lines.values() for line in lines)
        self._queued_items = 0
        self._queued_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def submit(self, items: Sequence[StreamItem]) -> AppendResult:
        """Return when every event is on disk; the answer counts these events only.

        When one share of a request fails the whole request does, although other shares may be on disk: a
        repetition with the same event ids is absorbed.

        Raises:
            CommitError: see its subclasses.
        """
        if not items:
            return AppendResult(0, 0)
        self._take_in(items)
        loop = asyncio.get_running_loop()
        request = WaitingRequest(loop.create_future(), open=len(items))
        for kind, item in items:
            self._lines[kind][partition_of(item.article_id, self._partitions)].queue.append((request, item))
        self._news.set()
        if self._task is None and self._timer is None:
            self._timer = loop.call_later(self._policy.wait.total_seconds(), self._start)
        await request.done
        return AppendResult(len(items) - request.duplicates, request.duplicates)

    async def close(self) -> None:
        """Commit what waits, and return when nothing is under way. The caller submits nothing any more."""
        self._start()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _take_in(self, items: Sequence[StreamItem]) -> None:
        size = 0
        for _, item in items:
            size += len(item.body)
        # A request that is larger than the queue is let in when it has the queue to itself.
        if self._queued_items and (
            self._queued_items + len(items) > self._policy.max_queued_items
            or self._queued_bytes + size > self._policy.max_queued_bytes
        ):
            raise CommitQueueFullError(f"{self._queued_items:,} events are waiting for the journal")
        self._queued_items += len(items)
        self._queued_bytes += size

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is None and self._queued_items:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._queued_items:
                self._news.clear()
                batches = self._due()
                if batches:
                    await self._commit(batches)
                else:
                    await self._wait_for_repetition()
        finally:
            self._task = None
            # Something is left only after an error that nobody foresaw: whoever waits must not wait for ever.
            for line in self._turns:
                self._refuse(line, CommitFailedError("the journal could not be written"))

    def _due(self) -> list[OpenBatch]:
        """One batch for each line that has something to append now, up to the size of a round."""
        now = asyncio.get_running_loop().time()
        batches: list[OpenBatch] = []
        items = 0
        for _ in range(len(self._turns)):
            line = self._turns[0]
            if line.batch is None and line.queue:
                line.batch = self._next_batch(line, now)
            if line.batch is not None and line.batch.not_before <= now:
                if batches and items + len(line.batch.requests) > MAX_ROUND_ITEMS:
                    break
                batches.append(line.batch)
                items += len(line.batch.requests)
            self._turns.rotate(-1)
        return batches

    def _next_batch(self, line: StreamQueue, now: float) -> OpenBatch:
        requests: list[WaitingRequest] = []
        items: list[AppendItem] = []
        size = 0
        while line.queue and len(items) < MAX_APPEND_ITEMS:
            size += len(line.queue[0][1].body)
            if items and size > MAX_APPEND_BYTES:
                break
            request, item = line.queue.popleft()
            requests.append(request)
            items.append(item)
        return OpenBatch(
            AppendBatch(line.stream, self._new_batch_id(), items),
            requests,
            deadline=now + self._policy.budget.total_seconds(),
            pause=self._policy.pause.total_seconds(),
        )

    async def _wait_for_repetition(self) -> None:
        """Until the first uncertain batch may be tried again, or something new comes in."""
        first = min(line.batch.not_before for line in self._turns if line.batch is not None)
        try:
            async with asyncio.timeout_at(first):
                await self._news.wait()
        except TimeoutError:
            return

    async def _commit(self, batches: Sequence[OpenBatch]) -> None:
        results: Sequence[AppendResult | JournalUnavailableError]
        try:
            with self._metrics.commit_seconds.time():
                async with asyncio.timeout_at(max(batch.deadline for batch in batches)):
                    results = await self._appender.append_many([batch.append for batch in batches])
        except TimeoutError:
            results = [JournalUnavailableError("the journal did not answer in time")] * len(batches)
        except JournalUnavailableError as error:
            results = [error] * len(batches)
        for batch, result in zip(batches, results, strict=True):
            stream = batch.append.stream
            line = self._lines[stream.kind][stream.partition]
            if isinstance(result, AppendResult):
                self._forget(batch.append.items)
                line.batch = None
                self._metrics.count_append(stream.kind, result)
                batch.settle(result)
            elif not self._put_off(batch):
                _log.warning(
                    "commit.refused",
                    stream=str(stream.kind),
                    partition=stream.partition,
                    events=len(batch.requests) + len(line.queue),
                    attempts=batch.attempt,
                    reason=str(result),
                )
                # Those behind have waited as long; they must not each wait for a time-out of their own.
                self._refuse(line, CommitFailedError(str(result)))

    def _put_off(self, batch: OpenBatch) -> bool:
        """Try again later, under the same id, so that a repetition after a lost reply changes nothing."""
        again_at = asyncio.get_running_loop().time() + batch.pause
        if batch.attempt >= self._policy.attempts or again_at >= batch.deadline:
            return False
        batch.attempt += 1
        batch.not_before = again_at
        batch.pause *= 2
        self._metrics.commit_retries.inc()
        return True

    def _refuse(self, line: StreamQueue, error: CommitError) -> None:
        if line.batch is not None:
            self._forget(line.batch.append.items)
            line.batch.fail(error)
            line.batch = None
        waiting = list(line.queue)
        line.queue.clear()
        self._forget([item for _, item in waiting])
        for request, _ in waiting:
            request.fail(error)

    def _forget(self, items: Sequence[AppendItem]) -> None:
        self._queued_items -= len(items)
        self._queued_bytes -= sum(len(item.body) for item in items)
