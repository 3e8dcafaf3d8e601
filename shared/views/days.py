"""Days as readers in Bangladesh count them."""

from datetime import UTC, datetime
from typing import Final

# Asia/Dhaka has been at +06:00 without summer time since 2010, so days are plain arithmetic, in Lua as well.
DHAKA_OFFSET_SECONDS: Final = 6 * 3_600
_SECONDS_PER_DAY: Final = 86_400


def utc_now() -> datetime:
    """The clock of everything that is not told the time."""
    return datetime.now(UTC)


def dhaka_day(moment: datetime) -> int:
    """Days since 1970-01-01 on Dhaka's calendar."""
    return dhaka_day_of(moment.timestamp())


def dhaka_day_of(seconds: float) -> int:
    """As `dhaka_day`, from seconds since 1970 in UTC."""
    return int((seconds + DHAKA_OFFSET_SECONDS) // _SECONDS_PER_DAY)


def utc_day(moment: datetime) -> int:
    """Days since 1970-01-01 in UTC."""
    return int(moment.timestamp() // _SECONDS_PER_DAY)
