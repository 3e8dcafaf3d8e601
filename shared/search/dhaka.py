"""Days as readers in Dhaka count them."""

from datetime import UTC, date, datetime

from shared.bengali.date_lines import DHAKA


def day_in_dhaka(moment: datetime) -> date:
    """The calendar day; within a day of the ends of the calendar, where no other zone can be shown, the day in UTC."""
    try:
        return moment.astimezone(DHAKA).date()
    except OverflowError:
        return moment.replace(tzinfo=UTC).date()
