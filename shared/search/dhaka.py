"""Days and months as readers in Dhaka count them."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DHAKA: Final = ZoneInfo("Asia/Dhaka")


def day_in_dhaka(moment: datetime) -> date:
    """The calendar day; moments within a day of the end of the calendar keep their day in UTC."""
    try:
        return moment.astimezone(DHAKA).date()
    except OverflowError:
        return moment.replace(tzinfo=UTC).date()


def start_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=DHAKA)


def first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
