"""Copies sorted sets of articles, and divides the totals that belong to them.

A total is the sum over the articles of its list, and of what the list dropped because it counted next to nothing. The
part of each article goes where the article goes, the rest to any partition: readers add up all of them.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, cast

from shared.keys import PartitionKeys
from shared.resharding.copying import CHUNK, Copying, name_of

# What is less than a billionth of a total is nothing but rounding, as in shared/views/lua/log2_counts.lua.
_ROUNDING: Final = 1e-9
_WINDOW: Final = "z:"
_DAY: Final = "day:"

_Total = tuple[int, str, str]
"""Partition, name of the hash, field."""


class ListCopier:
    """Lists and totals may come in any order; `write_totals` is the end."""

    def __init__(self, copying: Copying) -> None:
        self._copying = copying
        self._totals_name = name_of(PartitionKeys(0).totals)
        # As plain sums of days and as log2 sums of windows, by old partition and by new one.
        self._listed: dict[_Total, float] = {}
        self._given: dict[_Total, float] = {}
        self._recorded: dict[_Total, float] = {}

    def copy(self, partition: int, source: str, name: str) -> Iterator[None]:
        """A sorted set of article id -> score. By rank, because a scan may give a member twice."""
        total = self._total_of(name)
        start = 0
        while True:
            members = cast(
                "list[tuple[bytes, float]]",
                self._copying.client.zrange(source, start, start + CHUNK - 1, withscores=True),
            )
            if not members:
                break
            by_partition: dict[int, dict[Any, Any]] = defaultdict(dict)
            for article_id, score in members:
                new = self._copying.partition_of(article_id)
                by_partition[new][article_id] = score
                if total is not None:
                    hash_name, field = total
                    self._add(self._listed, (partition, hash_name, field), score)
                    self._add(self._given, (new, hash_name, field), score)
            pipeline = self._copying.client.pipeline(transaction=False)
            for new, mapping in by_partition.items():
                pipeline.zadd(self._copying.key(new, name), mapping)
            pipeline.execute()
            for new in by_partition:
                self._copying.keep_until(self._copying.key(new, name), source)
            start += CHUNK
            yield

    def read_totals(self, partition: int, source: str) -> None:
        """The hash of the windows' totals."""
        self._read(partition, source, self._totals_name)

    def read_day_totals(self, partition: int, source: str, name: str) -> None:
        """The hash of a day's totals."""
        self._read(partition, source, name)
        for new in range(self._copying.target):
            self._copying.keep_until(self._copying.key(new, name), source)

    def write_totals(self) -> None:
        """Write what every new partition got."""
        for (partition, name, field), recorded in self._recorded.items():
            rest = self._subtract(name, recorded, self._listed.get((partition, name, field)))
            if rest is not None:
                self._add(self._given, (self._copying.fallback(partition), name, field), rest)
        by_key: dict[str, dict[Any, Any]] = defaultdict(dict)
        for (partition, name, field), total in self._given.items():
            text = repr(total) if name == self._totals_name else f"{total:.0f}"
            by_key[self._copying.key(partition, name)][field] = text
        pipeline = self._copying.client.pipeline(transaction=False)
        for key, mapping in by_key.items():
            pipeline.hset(key, mapping=mapping)
        pipeline.execute()

    def _total_of(self, name: str) -> tuple[str, str] | None:
        """Hash and field of a list's total: `z:24h:কৃষি` counts in `24h:কৃষি`, `day:20000:কৃষি` in `:কৃষি`."""
        if name.startswith(_WINDOW):
            return self._totals_name, name.removeprefix(_WINDOW)
        if name.startswith(_DAY):
            day, colon, category = name.removeprefix(_DAY).partition(":")
            return name_of(PartitionKeys(0).day_totals(int(day))), f"{colon}{category}"
        return None

    def _read(self, partition: int, source: str, name: str) -> None:
        found = cast("dict[bytes, bytes]", self._copying.client.hgetall(source))
        for field, total in found.items():
            self._recorded[partition, name, field.decode()] = float(total)

    def _add(self, totals: dict[_Total, float], total: _Total, part: float) -> None:
        known = totals.get(total)
        if known is None:
            totals[total] = part
        elif total[1] == self._totals_name:
            low, high = sorted((known, part))
            totals[total] = high + math.log2(1 + math.exp2(low - high))
        else:
            totals[total] = known + part

    def _subtract(self, name: str, recorded: float, listed: float | None) -> float | None:
        """What of a total no listed article accounts for; None when that is nothing."""
        if listed is None:
            return recorded
        if name != self._totals_name:
            return recorded - listed or None
        if listed >= recorded:
            return None
        rest = 1 - math.exp2(listed - recorded)
        return None if rest < _ROUNDING else recorded + math.log2(rest)
