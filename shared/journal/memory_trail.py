"""The trails of a journal in memory, for tests."""

from shared.journal.memory import InMemoryJournal
from shared.journal.model import TrailMark


class InMemoryTrail:
    """`Trail` of a `InMemoryJournal`."""

    def __init__(self, journal: InMemoryJournal) -> None:
        self._journal = journal

    def marks(self, article_id: str) -> list[TrailMark]:
        """See `Trail.marks`."""
        return sorted(self._journal.trails.get(article_id, {}).values(), key=lambda mark: mark.at)

    def note(self, article_id: str, mark: TrailMark) -> None:
        """See `Trail.note`."""
        self._journal.leave_mark(article_id, mark)
