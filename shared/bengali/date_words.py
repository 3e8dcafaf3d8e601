"""The words of Bengali and English date lines, folded (see `fold_label`)."""

from typing import Final

from shared.bengali.calendar import MONTH_NAMES
from shared.bengali.label_text import fold_word


def _numbered(*spellings: str) -> dict[str, int]:
    return {fold_word(word): number for number, line in enumerate(spellings, start=1) for word in line.split()}


# অগস্ট is the spelling of West Bengal.
GREGORIAN_MONTHS: Final = _numbered(
    "জানুয়ারি জানুআরি জানু january jan",
    "ফেব্রুয়ারি ফেব্রুআরি ফেব্রুয়ারী ফেব্রু ফেব february feb",
    "মার্চ march mar",
    "এপ্রিল এপ্রি april apr",
    "মে may",
    "জুন june jun",
    "জুলাই জুলা july jul",
    "আগস্ট অগস্ট অগাস্ট আগাস্ট আগ august aug",
    "সেপ্টেম্বর সেপ্টেম্বার সেপ্টে সেপ september sept sep",
    "অক্টোবর অক্টোবার অক্টো october oct",
    "নভেম্বর নভেম্বার নভে november nov",
    "ডিসেম্বর ডিসেম্বার ডিসে december dec",
)
BANGLADESHI_MONTHS: Final = _numbered(*MONTH_NAMES) | {
    fold_word(word): number for word, number in {"জৈষ্ঠ্য": 2, "জৈষ্ঠ": 2, "কার্ত্তিক": 7, "ফাগুন": 11, "চৈত্": 12}.items()
}
WEEKDAYS: Final = _numbered(
    "শনিবার saturday sat",
    "রবিবার রোববার sunday sun",
    "সোমবার monday mon",
    "মঙ্গলবার tuesday tue",
    "বুধবার wednesday wed",
    "বৃহস্পতিবার thursday thu",
    "শুক্রবার friday fri",
)
# What a part of the day does to an hour: see `hour_of_day`.
DAY_PARTS: Final = {
    fold_word(word): part
    for part, words in {
        "am": "পূর্বাহ্ন এএম am",
        "pm": "অপরাহ্ন পিএম pm",
        "dawn": "ভোর ভোররাত সকাল",
        "noon": "দুপুর মধ্যাহ্ন",
        "evening": "বিকেল বিকাল সন্ধ্যা সন্ধে সাঁঝ",
        "night": "রাত মধ্যরাত রাত্রি",
    }.items()
    for word in words.split()
}
UNITS: Final = {
    fold_word(word): unit
    for unit, words in {
        "seconds": "সেকেন্ড seconds second secs sec",
        "minutes": "মিনিট মিনিটস minutes minute mins min",
        "hours": "ঘণ্টা hours hour hrs hr",
        "days": "দিন days day",
        "weeks": "সপ্তাহ weeks week",
        "months": "মাস months month",
        "years": "বছর years year",
    }.items()
    for word in words.split()
}
NUMBER_WORDS: Final = _numbered(
    "এক a an one",
    "দুই দু two",
    "তিন three",
    "চার four",
    "পাঁচ পাচ five",
    "ছয় six",
    "সাত seven",
    "আট eight",
    "নয় nine",
    "দশ ten",
)
# How many days before today.
DAY_WORDS: Final = {
    fold_word(word): days
    for word, days in {
        "আজ": 0,
        "আজকে": 0,
        "today": 0,
        "গতকাল": 1,
        "গতকালকে": 1,
        "গত কাল": 1,
        "yesterday": 1,
        "গত পরশু": 2,
        "গতপরশু": 2,
    }.items()
}


def hour_of_day(hour: int, part: str | None) -> int:
    """The hour on the 24-hour clock. রাত ১২ is the first hour of its day, রাত ২ comes after it, রাত ৮ is 20."""
    if part is None or hour > 12:
        return hour
    afternoon = {
        "am": False,
        "pm": True,
        "dawn": hour == 12,
        "noon": hour <= 6 or hour == 12,
        "evening": True,
        "night": 6 <= hour <= 11,
    }[part]
    return hour % 12 + 12 * afternoon
