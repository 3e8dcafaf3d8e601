"""Numbers, dates and times as Bengali newspapers print them."""

from datetime import date, datetime, timedelta
from typing import Final

from shared.bengali.date_lines import DHAKA

_DIGITS: Final = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")

MONTHS: Final = (
    "জানুয়ারি",
    "ফেব্রুয়ারি",
    "মার্চ",
    "এপ্রিল",
    "মে",
    "জুন",
    "জুলাই",
    "আগস্ট",
    "সেপ্টেম্বর",
    "অক্টোবর",
    "নভেম্বর",
    "ডিসেম্বর",
)
WEEKDAYS: Final = ("সোমবার", "মঙ্গলবার", "বুধবার", "বৃহস্পতিবার", "শুক্রবার", "শনিবার", "রবিবার")
# (first hour, name); the hours before 4 belong to the night.
_PARTS_OF_DAY: Final = (
    (20, "রাত"),
    (18, "সন্ধ্যা"),
    (15, "বিকেল"),
    (12, "দুপুর"),
    (6, "সকাল"),
    (4, "ভোর"),
    (0, "রাত"),
)


def bengali_digits(text: object) -> str:
    return str(text).translate(_DIGITS)


def bengali_number(number: float) -> str:
    """Grouped by thousand, lakh, crore: 1234567 is ১২,৩৪,৫৬৭. Fractions are rounded away."""
    digits = str(abs(round(number)))
    head, groups = digits[:-3], [digits[-3:]]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ("-" if round(number) < 0 else "") + bengali_digits(",".join(groups))


def bengali_date(day: date) -> str:
    """২৩ নভেম্বর ২০২৬; a moment is taken at its day in Dhaka."""
    day = _day_in_dhaka(day)
    return f"{bengali_digits(day.day)} {MONTHS[day.month - 1]} {bengali_digits(day.year)}"


def bengali_month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {bengali_digits(day.year)}"


def bengali_weekday(day: date) -> str:
    return WEEKDAYS[_day_in_dhaka(day).weekday()]


def bengali_time(moment: datetime) -> str:
    """সন্ধ্যা ৬:০৫."""
    local = moment.astimezone(DHAKA)
    part = next(name for first_hour, name in _PARTS_OF_DAY if local.hour >= first_hour)
    return f"{part} {bengali_digits(local.hour % 12 or 12)}:{bengali_digits(f'{local.minute:02d}')}"


def bengali_moment(moment: datetime) -> str:
    return f"{bengali_date(moment)}, {bengali_time(moment)}"


def bengali_age(moment: datetime, now: datetime) -> str:
    """Up to a week as an age (৫ মিনিট আগে), before that as a date. A moment to come is a date as well."""
    age = now - moment
    if age < timedelta(minutes=-5) or age >= timedelta(days=7):
        return bengali_date(moment)
    if age < timedelta(minutes=1):
        return "এইমাত্র"
    if age < timedelta(hours=1):
        return f"{bengali_digits(age // timedelta(minutes=1))} মিনিট আগে"
    if age < timedelta(days=1):
        return f"{bengali_digits(age // timedelta(hours=1))} ঘণ্টা আগে"
    return f"{bengali_digits(age.days)} দিন আগে"


def _day_in_dhaka(day: date) -> date:
    return day.astimezone(DHAKA).date() if isinstance(day, datetime) else day
