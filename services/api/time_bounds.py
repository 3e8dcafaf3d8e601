"""The bounds of a time range as readers give them: a day, a month or a year in Dhaka, or an exact time."""

import re
from datetime import datetime
from typing import Final

from shared.bengali.dates import parse_date_range

# Wide enough for any newspaper archive, and far from where adding an offset overflows.
_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2200

_DIGITS: Final = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")
_CLOCK: Final = re.compile(r"\d[Tt ]\d{2}:\d{2}")
# A "+" in a query string that was not escaped arrives as a space.
_SPACED_OFFSET: Final = re.compile(r" (?=\d{2}:\d{2}$)")


def read_bound(text: str, *, end: bool) -> datetime:
    """`2024-11-07`, `2024-11`, `২০২৪`, `৭ নভেম্বর ২০২৪` (in Dhaka), or an RFC 3339 time with an offset.

    A day, month or year as the `end` of a range belongs to it: the bound is the midnight after it. A time is exact.

    Raises:
        ValueError: it is neither, or lies outside the years 1800 to 2200.
    """
    text = text.strip()
    if _CLOCK.search(text):
        return _exact_time(text.translate(_DIGITS))
    named = None if ".." in text else parse_date_range(text)
    bound = named[int(end)] if named is not None else None
    if bound is None:
        raise ValueError("must be a date such as 2024-11-07 or ৭ নভেম্বর ২০২৪, or an RFC 3339 time with an offset")
    return bound


def _exact_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_SPACED_OFFSET.sub("+", text))
    except ValueError as error:
        raise ValueError("must be an RFC 3339 time such as 2024-11-07T07:00:00+06:00") from error
    if moment.tzinfo is None:
        raise ValueError("must have an offset, such as 2024-11-07T07:00:00+06:00, or be a date alone")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return moment
