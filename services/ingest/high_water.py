"""Back-pressure: over its high-water mark the journal takes nothing until it has drained to the low one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from services.ingest.metrics import IngestMetrics
from shared.journal.layout import JournalLayoutError
from shared.journal.model import JournalPressure
from shared.journal.ports import JournalFullError, JournalGauge, JournalUnavailableError
from shared.keys import StreamKind

_log = structlog.get_logger(__name__)

# Redis refuses writes at its own limit; the door closes before that, so that workers can still settle entries.
_SHARE_OF_MEMORY_LIMIT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Marks:
    """Refuse from `high` on, accept again from `low` down; between the two, things stay as they are."""

    high: int
    low: int

    def over(self, level: int, *, before: bool) -> bool:
        return level >= self.high or (before and level > self.low)


class HighWater:
    """Knows for each stream whether the door is open; polls the journal in the background."""

    def __init__(
        self,
        gauge: JournalGauge,
        *,
        entries: Mapping[StreamKind, Marks],
        memory: Marks,
        interval: timedelta,
        metrics: IngestMetrics,
    ) -> None:
        self._gauge = gauge
        self._entries = entries
        self._memory = memory
        self._interval = interval.total_seconds()
        self._metrics = metrics
        self._memory_over = False
        self._entries_over = dict.fromkeys(StreamKind, False)
        self._over = dict.fromkeys(StreamKind, False)
        self._reachable = True
        # Until the journal has said how it is cut, and while it is cut differently, an append could go astray.
        self._closed: JournalUnavailableError | None = JournalUnavailableError("the journal was never reached")

    def check(self, kind: StreamKind) -> None:
        """Raises JournalFullError while events of this kind are refused, JournalUnavailableError while all are."""
        if self._closed is not None:
            raise self._closed
        if self._over[kind]:
            raise JournalFullError(f"too many {kind} are waiting to be applied; nothing was accepted")

    async def poll_forever(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.poll()
            await asyncio.sleep(self._interval)

    async def poll(self) -> None:
        """Look once. When the journal cannot be asked, the last answer stays: appends say the rest."""
        try:
            pressure = await self._gauge.pressure()
        except JournalLayoutError as error:
            if not isinstance(self._closed, JournalLayoutError):
                _log.error("journal.other_layout", reason=str(error))
            self._closed = error
            return
        except JournalUnavailableError as error:
            if self._reachable:
                _log.warning("journal.unreachable", reason=str(error))
            self._reachable = False
            return
        if not self._reachable:
            _log.info("journal.reachable")
        self._reachable = True
        self._closed = None
        self._judge(pressure)

    def _judge(self, pressure: JournalPressure) -> None:
        self._metrics.journal_memory.set(pressure.memory_used)
        self._memory_over = self._memory_marks(pressure.memory_limit).over(
            pressure.memory_used, before=self._memory_over
        )
        for kind, marks in self._entries.items():
            entries = pressure.entries.get(kind, 0)
            self._entries_over[kind] = marks.over(entries, before=self._entries_over[kind])
            over = self._memory_over or self._entries_over[kind]
            self._metrics.journal_entries.labels(kind).set(entries)
            self._metrics.over_high_water.labels(kind).set(over)
            if over != self._over[kind]:
                self._over[kind] = over
                event = "high_water.reached" if over else "high_water.left"
                _log.warning(event, stream=str(kind), entries=entries, memory_bytes=pressure.memory_used)

    def _memory_marks(self, limit: int) -> Marks:
        """The configured marks, or the server's own limit where that is lower."""
        ceiling = int(limit * _SHARE_OF_MEMORY_LIMIT)
        if not limit or self._memory.high <= ceiling:
            return self._memory
        return Marks(ceiling, min(self._memory.low, int(ceiling * self._memory.low / self._memory.high)))
