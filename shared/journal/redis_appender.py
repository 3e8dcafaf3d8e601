"""Appends accepted events to the journal in Redis streams."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import redis.asyncio
import structlog
from redis.exceptions import NoScriptError

from shared.journal.layout import check_layout
from shared.journal.limits import BATCH_KEPT_FOR, DOORBELL_KEPT_FOR, TRAIL_KEPT_FOR
from shared.journal.lua_scripts import read_script
from shared.journal.model import AppendBatch, AppendItem, AppendResult, JournalPressure, StreamId, TrailMark, TrailStage
from shared.journal.ports import Doorbell, JournalUnavailableError
from shared.journal.priorities import priority_of
from shared.journal.redis_errors import journal_errors
from shared.journal.seen_events import KEPT_FOR, seen_keys
from shared.journal.trail_marks import encode_mark
from shared.keys import LAYOUT, PartitionKeys, StreamKind
from shared.redis_clients import ask_each_server, run_each
from shared.views.days import utc_day, utc_now

_log = structlog.get_logger(__name__)

_Step = tuple[list[str], list[str | int | bytes]]
"""Keys and arguments of append.lua."""


class RedisJournalAppender:
    """`JournalAppender` and `JournalGauge` on Redis or Valkey ≥ 7.

    `now` gives the time of acceptance, which chooses the sets of seen events. `client` must not retry by itself
    (`shared.redis_clients`) and decodes nothing. Tickets go out in a thread of their own after the answer of Redis,
    so that no door waits for the broker.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        doorbell: Doorbell,
        *,
        partitions: int,
        now: Callable[[], datetime] = utc_now,
        trail_kept_for: timedelta = TRAIL_KEPT_FOR,
    ) -> None:
        self._client = client
        self._doorbell = doorbell
        self._partitions = partitions
        self._now = now
        self._trail_kept_for = trail_kept_for
        self._script = read_script("running.lua", "append.lua", may_exceed_memory=False)
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._ringer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ring")
        self._ringing: set[StreamId] = set()

    async def append(self, stream: StreamId, batch_id: str, items: Sequence[AppendItem]) -> AppendResult:
        """See `JournalAppender.append`; one round trip, O(items)."""
        [result] = await self.append_many([AppendBatch(stream, batch_id, items)])
        if isinstance(result, JournalUnavailableError):
            raise result
        return result

    async def append_many(self, batches: Sequence[AppendBatch]) -> list[AppendResult | JournalUnavailableError]:
        """See `JournalAppender.append_many`; one round trip, O(items)."""
        steps = [self._step(batch.stream, batch.batch_id, batch.items) if batch.items else None for batch in batches]
        answers = iter(await self._run([step for step in steps if step is not None]))
        return [
            AppendResult(0, 0) if step is None else self._result(batch, next(answers))
            for batch, step in zip(batches, steps, strict=True)
        ]

    async def _run(self, steps: Sequence[_Step]) -> list[Any]:
        """The answer of each step, or its error."""
        if not steps:
            return []
        with journal_errors():
            answers = await self._send(steps)
            if any(isinstance(answer, NoScriptError) for answer in answers):
                await self._client.script_load(self._script)
                # Steps that were done answer as before.
                answers = await self._send(steps)
        return answers

    async def _send(self, steps: Sequence[_Step]) -> list[Any]:
        return await run_each(
            self._client, [("EVALSHA", self._sha, len(keys), *keys, *arguments) for keys, arguments in steps]
        )

    def _result(self, batch: AppendBatch, answer: Any) -> AppendResult | JournalUnavailableError:
        if isinstance(answer, Exception):
            try:
                with journal_errors():
                    raise answer
            except JournalUnavailableError as error:
                return error
        ring, *duplicates = answer
        if ring:
            self._ring(batch.stream)
        return AppendResult(
            accepted=len(batch.items) - len(duplicates), duplicates=len(duplicates), duplicate_indexes=tuple(duplicates)
        )

    async def pressure(self) -> JournalPressure:
        """See `JournalGauge.pressure`; raises JournalLayoutError when the journal has other partitions."""
        streams = [PartitionKeys(p).stream(kind) for kind in StreamKind for p in range(self._partitions)]
        with journal_errors():
            answers = await run_each(self._client, [*(("XLEN", stream) for stream in streams), ("HGETALL", LAYOUT)])
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
            memories = await ask_each_server(self._client, "INFO", "memory")
        *lengths, layout = answers
        check_layout(layout, self._partitions)
        fullest = max(memories, key=_fullness)
        return JournalPressure(
            entries={
                kind: sum(lengths[i * self._partitions : (i + 1) * self._partitions])
                for i, kind in enumerate(StreamKind)
            },
            memory_used=fullest["used_memory"],
            memory_limit=fullest["maxmemory"],
        )

    async def close(self) -> None:
        """Let the tickets that are on their way go out; the client stays the caller's."""
        await asyncio.to_thread(self._ringer.shutdown)

    def _step(self, stream: StreamId, batch_id: str, items: Sequence[AppendItem]) -> _Step:
        now = self._now()
        today = utc_day(now)
        priority = priority_of(stream.kind)
        partition = PartitionKeys(stream.partition)
        keys = [
            partition.stream(stream.kind),
            partition.batch(batch_id),
            partition.lease(stream.kind),
            partition.doorbell(stream.kind),
            partition.trail(""),
        ]
        arguments: list[str | int | bytes] = [
            str(stream.kind),
            _seconds(BATCH_KEPT_FOR),
            _seconds(DOORBELL_KEPT_FOR) * 1_000,
            _seconds(KEPT_FOR),
            _seconds(self._trail_kept_for),
            len(items),
        ]
        index_of: dict[str, int] = {}
        for item in items:
            if item.event_hash is None:
                arguments += ["", 0, item.body]
            else:
                sets = seen_keys(partition, item.event_hash, today)
                index = index_of.get(sets[0])
                if index is None:
                    # Lua counts from 1.
                    index = index_of[sets[0]] = len(keys) + 1
                    keys += sets
                arguments += [item.event_hash, index, item.body]
            if stream.kind.holds_articles:
                mark = TrailMark(TrailStage.RECEIVED, item.version, item.event_id, now, priority=priority)
                arguments += [item.article_id, item.event_id, item.version, encode_mark(mark)]
        return keys, arguments

    def _ring(self, stream: StreamId) -> None:
        if stream in self._ringing:
            # The broker is slow: a second ticket for the same stream would only wait behind the first.
            return
        self._ringing.add(stream)

        def rung(ringing: Future[Any]) -> None:
            self._ringing.discard(stream)
            if (error := ringing.exception()) is not None:
                _log.warning("doorbell.failed", stream=str(stream.kind), partition=stream.partition, reason=repr(error))

        self._ringer.submit(self._doorbell.ring, stream).add_done_callback(rung)


def _fullness(memory: Mapping[str, int]) -> tuple[float, int]:
    """Orders servers by how near they are to refusing writes."""
    used, limit = memory["used_memory"], memory["maxmemory"]
    return (used / limit if limit else 0.0), used


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
