"""The dead letters of a journal in memory, for tests."""

from collections.abc import Sequence

from shared.journal.memory import InMemoryJournal
from shared.journal.model import DeadLetter


class InMemoryDeadLetterOffice:
    """`DeadLetterOffice` of a `InMemoryJournal`."""

    def __init__(self, journal: InMemoryJournal) -> None:
        self._journal = journal

    def list(self, *, limit: int, reason_contains: str | None = None) -> list[DeadLetter]:
        """See `DeadLetterOffice.list`."""
        newest_first = [letter for letter, _ in reversed(self._journal.letters.values())]
        return [letter for letter in newest_first if (reason_contains or "") in letter.reason][:limit]

    def count(self) -> int:
        """See `DeadLetterOffice.count`."""
        return len(self._journal.letters)

    def replay(self, letters: Sequence[DeadLetter]) -> int:
        """See `DeadLetterOffice.replay`."""
        return sum(self._journal.replay(letter.id) for letter in letters)

    def drop(self, letters: Sequence[DeadLetter]) -> int:
        """See `DeadLetterOffice.drop`."""
        return sum(self._journal.drop(letter.id) for letter in letters)
