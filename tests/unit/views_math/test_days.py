"""Days in Dhaka begin at 18:00 UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shared.views.days import dhaka_day, dhaka_day_of, utc_day

FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC).date()


def test_midnight_in_dhaka_is_six_in_the_evening_in_utc() -> None:
    before = datetime(2026, 3, 26, 17, 59, 59, 999_999, tzinfo=UTC)

    assert dhaka_day(before + timedelta(microseconds=1)) == dhaka_day(before) + 1
    assert utc_day(before) == utc_day(before + timedelta(hours=6))


@given(st.datetimes(datetime(2010, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_it_is_the_date_on_dhakas_calendar(moment: datetime) -> None:
    assert dhaka_day(moment) == (moment.astimezone(ZoneInfo("Asia/Dhaka")).date() - FIRST_DAY).days
    assert dhaka_day_of(moment.timestamp()) == dhaka_day(moment)
