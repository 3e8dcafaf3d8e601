"""Lists as parameters of SQL."""

from collections.abc import Iterable

import orjson


def as_json(values: Iterable[str] | Iterable[int]) -> str:
    """A list for SQLite's json_each."""
    return orjson.dumps(list(values)).decode()
