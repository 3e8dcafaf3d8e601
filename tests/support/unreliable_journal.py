"""A journal that fails as networks do: before it did anything, after it did, or without an end."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from shared.journal.memory import InMemoryJournal
from shared.journal.model import AppendBatch, AppendItem, AppendResult, StreamId
from shared.journal.ports import JournalUnavailableError


class Fate(Enum):
    WELL = "well"
    # Nothing was done.
    REFUSED = "refused"
    # All was done, and nobody knows.
    REPLY_LOST = "reply lost"
    # The first stream was served, the others were not.
    SOME_REFUSED = "some refused"
    HANGS = "hangs"


class UnreliableJournal:
    """`JournalAppender` over a `InMemoryJournal`; each call meets the next of `fates`, and all is well after them."""

    def __init__(self, journal: InMemoryJournal, fates: Iterable[Fate] = ()) -> None:
        self.journal = journal
        self.calls: list[list[AppendBatch]] = []
        self.called = asyncio.Event()
        self._fates: Iterator[Fate] = iter(fates)

    async def append(self, stream: StreamId, batch_id: str, items: Sequence[AppendItem]) -> AppendResult:
        [result] = await self.append_many([AppendBatch(stream, batch_id, items)])
        if isinstance(result, JournalUnavailableError):
            raise result
        return result

    async def append_many(self, batches: Sequence[AppendBatch]) -> list[AppendResult | JournalUnavailableError]:
        self.calls.append(list(batches))
        self.called.set()
        fate = next(self._fates, Fate.WELL)
        # Others get a turn, as they do during a round trip.
        await asyncio.sleep(0)
        if fate is Fate.REFUSED:
            raise JournalUnavailableError("refused")
        if fate is Fate.HANGS:
            await asyncio.sleep(3_600)
        if fate is Fate.SOME_REFUSED:
            first = await self.journal.append_many(batches[:1])
            return [*first, *(JournalUnavailableError("out of memory") for _ in batches[1:])]
        results = await self.journal.append_many(batches)
        if fate is Fate.REPLY_LOST:
            raise JournalUnavailableError("connection lost")
        return results
