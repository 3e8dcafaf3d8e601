"""Time as readers in Bangladesh mean it: days begin at midnight in Dhaka."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# Not a fixed offset: clocks in Bangladesh stood at +07:00 from June to December 2009.
DHAKA: Final = ZoneInfo("Asia/Dhaka")

# Wide enough for any newspaper archive, and far from where adding an offset overflows.
_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2200

_DIGITS: Final = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
# A "+" in a query string that was not escaped arrives as a space.
_SPACED_OFFSET: Final = re.compile(r" (?=\d{2}:\d{2}$)")


def now_in_dhaka() -> datetime:
    return datetime.now(UTC).astimezone(DHAKA)


def read_bound(text: str, *, end: bool) -> datetime:
    """A day (`2024-11-07`, Dhaka) or an RFC 3339 time with an offset, as a bound of a search; Bengali digits do.

    A day as the `end` of a range belongs to it: the bound is the midnight after it. An RFC 3339 time is exact.

    Raises:
        ValueError: it is neither, or lies outside the years 1800 to 2200.
    """
    text = text.strip().translate(_DIGITS)
    try:
        if _DATE.fullmatch(text):
            bound = datetime.combine(date.fromisoformat(text), time(), DHAKA)
            return _within_reason(bound) + timedelta(days=1 if end else 0)
        bound = datetime.fromisoformat(_SPACED_OFFSET.sub("+", text))
    except ValueError as error:
        raise ValueError("must be a date such as 2024-11-07 or an RFC 3339 time with an offset") from error
    if bound.tzinfo is None:
        raise ValueError("must have an offset, such as 2024-11-07T07:00:00+06:00, or be a date alone")
    return _within_reason(bound)


def _within_reason(bound: datetime) -> datetime:
    if not _FIRST_YEAR <= bound.year <= _LAST_YEAR:
        raise ValueError(f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return bound
