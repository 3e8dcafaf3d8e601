"""The value of date: in a query, such as 2024, 2024-11, ২০২৪-১১-০৭ or 2024-11..2024-12."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from shared.search.dhaka import first_of_next_month, start_of_day

# No newspaper is older, and calendars stay far from the ends of `datetime`.
FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2200

_BENGALI_DIGITS: Final = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")


class DateFilterError(ValueError):
    """The text names no date or range of dates."""


def read_date_filter(text: str) -> tuple[datetime | None, datetime | None]:
    """The range [start, end) in Dhaka that `text` names; one side of `..` may be empty, and is None then.

    Raises:
        DateFilterError: for anything else, and for a range that ends before it begins.
    """
    first, dots, last = text.partition("..")
    if not dots:
        return _range(first)
    if not first.strip() and not last.strip():
        raise DateFilterError("date:.. needs a date on one side")
    start = _range(first)[0] if first.strip() else None
    end = _range(last)[1] if last.strip() else None
    if start is not None and end is not None and start >= end:
        raise DateFilterError(f"{text} ends before it begins")
    return start, end


def _range(text: str) -> tuple[datetime, datetime]:
    found = _DATE.fullmatch(text.strip().translate(_BENGALI_DIGITS))
    if found is None:
        raise DateFilterError(f"{text.strip()[:40]!r} is no date; use 2024, 2024-11, 2024-11-07 or a range with ..")
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError as error:
        raise DateFilterError(f"{text.strip()} is not in the calendar") from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateFilterError(f"{text.strip()} is not between {FIRST_YEAR} and {LAST_YEAR}")
    if found[3]:
        after = first + timedelta(days=1)
    elif found[2]:
        after = first_of_next_month(first)
    else:
        after = date(year + 1, 1, 1)
    return start_of_day(first), start_of_day(after)
