"""What group commit keeps in mind: requests that wait, the appends under way, and the queue of each stream."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.journal.model import AppendBatch, AppendItem, AppendResult, StreamId


class CommitError(Exception):
    """The events are not, or not certainly, on disk: the request must be refused."""


class CommitFailedError(CommitError):
    """The journal did not take them, although it was tried again."""


class CommitQueueFullError(CommitError):
    """Too much is waiting for the journal already."""


@dataclass(slots=True)
class WaitingRequest:
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


WaitingItem = tuple[WaitingRequest, AppendItem]


@dataclass(slots=True)
class OpenBatch:
    """One append, repeated under the same id until it is certain."""

    append: AppendBatch
    requests: Sequence[WaitingRequest]
    deadline: float
    pause: float
    attempt: int = 1
    not_before: float = 0.0

    def settle(self, result: AppendResult) -> None:
        for position in result.duplicate_indexes:
            self.requests[position].duplicates += 1
        for request in self.requests:
            request.settle()

    def fail(self, error: CommitError) -> None:
        for request in self.requests:
            request.fail(error)


@dataclass(slots=True)
class StreamQueue:
    """What waits for one stream. One append at a time, so that events keep their order."""

    stream: StreamId
    queue: deque[WaitingItem] = field(default_factory=deque)
    batch: OpenBatch | None = None
