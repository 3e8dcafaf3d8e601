"""Use case: the safety net. Every stream that is not empty and that nobody drains gets a ticket."""

import structlog

from shared.journal.ports import Doorbell, JournalDrain

_log = structlog.get_logger(__name__)


class RingDoorbells:
    """Makes a lost, late or forgotten ticket harmless; the schedule runs it every second."""

    def __init__(self, *, journal: JournalDrain, doorbell: Doorbell) -> None:
        self._journal = journal
        self._doorbell = doorbell

    def run(self) -> int:
        """Ring where it is needed; returns how many streams that were."""
        waiting = [backlog.stream for backlog in self._journal.backlogs() if backlog.entries and not backlog.leased]
        for stream in waiting:
            self._doorbell.ring(stream)
        if waiting:
            _log.debug("doorbells.rung", streams=len(waiting))
        return len(waiting)
