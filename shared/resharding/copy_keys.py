"""Finds every key of every partition and copies it by its kind; a key of no known kind stops it all."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from shared.keys import PartitionKeys, StreamKind
from shared.resharding.copy_by_article import copy_hash, copy_members, copy_trails
from shared.resharding.copy_hash_sets import copy_hash_set
from shared.resharding.copy_lists import ListCopier
from shared.resharding.copy_streams import copy_dead_letters, copy_stream
from shared.resharding.copying import Copying, ReshardError, chunks, name_of

_KEY: Final = re.compile(r"\{kh:(\d+)\}:(.*)", re.DOTALL)
_ANY: Final = PartitionKeys(0)


def _begin(key: str) -> str:
    """What the names of a family of keys begin with: up to and including the first colon."""
    return name_of(key).partition(":")[0] + ":"


_DEAD: Final = name_of(_ANY.dead_letters)
_TOTALS: Final = name_of(_ANY.totals)
_HASHES: Final = frozenset(map(name_of, (_ANY.versions, _ANY.categories, _ANY.raw_views, _ANY.unfiled_views)))
_ARTICLE_SETS: Final = frozenset({name_of(_ANY.hidden)})
_LISTS: Final = frozenset(map(name_of, (_ANY.counted_views, _ANY.unfiled)))
_LIST_FAMILIES: Final = (_begin(_ANY.window("")), _begin(_ANY.day(0)))
_DAY_TOTALS: Final = _begin(_ANY.day_totals(0))
_HASH_SETS: Final = (_begin(_ANY.seen_events(0, 0)), _begin(_ANY.viewers(0, 0)))
_TRAIL: Final = _begin(_ANY.trail(""))
_STREAMS: Final = {name_of(_ANY.stream(kind)): kind for kind in StreamKind}
# Of a moment, and of processes that do not run.
_PASSING: Final = tuple(
    _begin(key) for key in (_ANY.doorbell(StreamKind.VIEWS), _ANY.lease(StreamKind.VIEWS), _ANY.batch(""))
)


def copy_keys(copying: Copying) -> Iterator[str]:
    """Copy everything; yields what is done so far.

    Raises:
        ReshardError: there is something that cannot be copied.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    for found in chunks(_find(copying)):
        trails = []
        for partition, name in found:
            if name.startswith(_TRAIL):
                trails.append((partition, name))
            elif partition not in by_name[name]:
                by_name[name].append(partition)
        copy_trails(copying, trails)
        yield "copying trails"
    lists = ListCopier(copying)
    for name, partitions in by_name.items():
        for _ in _copy(copying, lists, name, sorted(partitions)):
            yield f"copying {name}"
    lists.write_totals()
    copying.set_expiries()
    yield "copied"


def _find(copying: Copying) -> Iterator[tuple[int, str]]:
    keys: Iterator[Any] = copying.client.scan_iter(match="{kh:*", count=1_000)
    for key in keys:
        found = _KEY.fullmatch(key.decode())
        if found is None:
            raise ReshardError(f"the key {key.decode()!r} is none of ours")
        yield int(found[1]), found[2]


def _copy(copying: Copying, lists: ListCopier, name: str, partitions: list[int]) -> Iterator[None]:
    if name in _STREAMS:
        yield from copy_stream(copying, _STREAMS[name], partitions)
        return
    if name == _DEAD:
        yield from copy_dead_letters(copying, partitions)
        return
    for partition in partitions:
        source = f"{PartitionKeys(partition).tag}:{name}"
        if name == _TOTALS:
            lists.read_totals(partition, source)
        elif name.startswith(_DAY_TOTALS):
            lists.read_day_totals(partition, source, name)
        else:
            yield from _copy_one(copying, lists, partition, source, name)


def _copy_one(copying: Copying, lists: ListCopier, partition: int, source: str, name: str) -> Iterator[None]:
    if name in _HASHES:
        yield from copy_hash(copying, source, name)
    elif name in _ARTICLE_SETS:
        yield from copy_members(copying, source, name)
    elif name in _LISTS or name.startswith(_LIST_FAMILIES):
        yield from lists.copy(partition, source, name)
    elif name.startswith(_HASH_SETS):
        yield from copy_hash_set(copying, partition, source, name)
    elif not name.startswith(_PASSING):
        raise ReshardError(f"this version of khobor does not know the key {source!r}")
