"""The keys that counting and filing have in common, in the order in which the Lua scripts take them."""

from datetime import timedelta
from typing import Final

from shared.keys import PartitionKeys
from shared.views.model import WINDOW_SECONDS

WINDOW_NAMES: Final = tuple(WINDOW_SECONDS)
DAY_LIST_KEPT_FOR: Final = timedelta(days=2)


def days_kept(today: int) -> tuple[int, ...]:
    """The days in Dhaka whose lists views still go into.

    Yesterday's because views come late, tomorrow's because clocks differ by a few seconds around midnight.
    """
    return (today - 1, today, today + 1)


def list_keys(keys: PartitionKeys, days: tuple[int, ...]) -> list[str]:
    """Window lists, day lists, day totals, each of all articles; a category's key is the list's and ":<category>"."""
    return [
        *(keys.window(window) for window in WINDOW_NAMES),
        *(keys.day(day) for day in days),
        *(keys.day_totals(day) for day in days),
    ]
