"""A clock that tests set."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Call it for the time; it stands still until it is told otherwise."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, duration: timedelta) -> None:
        self.at += duration

    @property
    def milliseconds(self) -> int:
        return round(self.at.timestamp() * 1_000)
