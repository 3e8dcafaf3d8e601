"""Dates that depend on when they are read: ২ ঘণ্টা আগে, গতকাল, আজ."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.bengali.date_patterns import NOT_AFTER_LETTER, NOT_BEFORE_LETTER
from shared.bengali.date_words import DAY_WORDS, NUMBER_WORDS, UNITS
from shared.bengali.label_text import any_of

_AMOUNT: Final = rf"\d{{1,4}}|{any_of(*NUMBER_WORDS, 'আধ', 'আধা', 'half')}"
_UNIT: Final = rf"{any_of(*UNITS)}{NOT_BEFORE_LETTER}"
_PART: Final = rf"{NOT_AFTER_LETTER}(?:{_AMOUNT})\s?{any_of('টি', 'an')}?\s?{_UNIT}"
_PARTS: Final = re.compile(rf"{NOT_AFTER_LETTER}(?P<amount>{_AMOUNT})\s?{any_of('টি', 'an')}?\s?(?P<unit>{_UNIT})")
_AGO: Final = re.compile(
    rf"(?:{_PART}[\s,]{{0,2}}(?:{any_of('ও', 'এবং', 'and')}\s)?){{1,3}}"
    rf"{any_of('আগে', 'আগের', 'পূর্বে', 'ago')}{NOT_BEFORE_LETTER}"
)
_JUST_NOW: Final = re.compile(
    rf"{NOT_AFTER_LETTER}{any_of('এইমাত্র', 'এই মাত্র', 'এখনই', 'এক্ষুনি', 'just now')}{NOT_BEFORE_LETTER}"
)
_DAY_WORD: Final = re.compile(rf"{NOT_AFTER_LETTER}(?P<word>{any_of(*DAY_WORDS)}){NOT_BEFORE_LETTER}")
_SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}


@dataclass(frozen=True, slots=True)
class RelativeMoment:
    """What `start`..`end` of the folded text means at the given time."""

    moment: datetime
    start: int
    end: int


def moment_ago(folded: str, now: datetime) -> RelativeMoment | None:
    """Reads ২ ঘণ্টা ৩০ মিনিট আগে, এক দিন আগে, এইমাত্র, 5 minutes ago. Months and years go back on the calendar."""
    if just := _JUST_NOW.search(folded):
        return RelativeMoment(now, *just.span())
    ago = _AGO.search(folded)
    if ago is None:
        return None
    moment = now
    try:
        for part in _PARTS.finditer(ago.group()):
            moment = _go_back(moment, part["amount"], UNITS[part["unit"]])
    except (OverflowError, ValueError):
        return None
    return RelativeMoment(moment, *ago.span())


def day_named(folded: str, now: datetime) -> RelativeMoment | None:
    """Reads আজ, গতকাল, গত পরশু; the moment is some time on that day."""
    word = _DAY_WORD.search(folded)
    if word is None:
        return None
    days = DAY_WORDS[re.sub(r"\s", " ", word["word"])]
    return RelativeMoment(now - timedelta(days=days), *word.span())


def _go_back(moment: datetime, amount: str, unit: str) -> datetime:
    if not amount.isdecimal() and amount not in NUMBER_WORDS:
        if unit not in _SECONDS:
            raise ValueError("half a month has no fixed length")
        return moment - timedelta(seconds=_SECONDS[unit] / 2)
    number = int(amount) if amount.isdecimal() else NUMBER_WORDS[amount]
    if unit in _SECONDS:
        return moment - timedelta(seconds=number * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 - number * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    for day in range(moment.day, moment.day - 4, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("before the first year")
