"""Copies streams in the order of acceptance, with what was handed out and how often.

Several streams flow together in the order of their ids. A copy keeps the milliseconds of its id, which say when the
event was accepted; the rest of the id is one that no entry ever had, so that a worker which slept through all this
can settle nothing by its old id.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

from redis.exceptions import ResponseError

from shared.journal.redis_drain import CONSUMER, GROUP
from shared.keys import PartitionKeys, StreamKind
from shared.resharding.copying import Copying, ReshardError, chunks, name_of
from shared.views.model import RecordedView, decode_views, encode_view

# An article may have a megabyte.
_ENTRIES_AT_A_TIME: Final = 100
_GENERATION_BITS: Final = 32

_Fields = dict[bytes, bytes]


class _Entry(NamedTuple):
    """`deliveries` is None for an entry that was never handed out."""

    milliseconds: int
    sequence: int
    partition: int
    fields: _Fields
    deliveries: int | None = None


def copy_stream(copying: Copying, kind: StreamKind, partitions: list[int]) -> Iterator[None]:
    """One kind of stream of all partitions."""
    sources = {partition: PartitionKeys(partition).stream(kind) for partition in partitions}
    name = name_of(PartitionKeys(0).stream(kind))
    entries = heapq.merge(
        *(_entries(copying, partition, source, _deliveries(copying, source)) for partition, source in sources.items()),
        key=lambda entry: entry[:2],
    )
    ids: Counter[int] = Counter()
    created: set[str] = set()
    for chunk in chunks(entries, _ENTRIES_AT_A_TIME):
        pipeline = copying.client.pipeline(transaction=False)
        for entry in chunk:
            for new, fields in _parts(copying, kind, entry).items():
                key, entry_id = copying.key(new, name), _new_id(copying, ids, new, entry)
                pipeline.xadd(key, cast("Any", fields), id=entry_id)
                if key not in created:
                    created.add(key)
                    pipeline.xgroup_create(key, GROUP, id="0")
                if entry.deliveries is not None:
                    pipeline.xclaim(
                        key, GROUP, CONSUMER, 0, [entry_id], retrycount=entry.deliveries, force=True, justid=True
                    )
        pipeline.execute()
        yield


def copy_dead_letters(copying: Copying, partitions: list[int]) -> Iterator[None]:
    """Each letter to where a replay of it belongs."""
    sources = {partition: PartitionKeys(partition).dead_letters for partition in partitions}
    letters = heapq.merge(
        *(_entries(copying, partition, source, {}) for partition, source in sources.items()),
        key=lambda letter: letter[:2],
    )
    ids: Counter[int] = Counter()
    name = name_of(PartitionKeys(0).dead_letters)
    for chunk in chunks(letters, _ENTRIES_AT_A_TIME):
        pipeline = copying.client.pipeline(transaction=False)
        for letter in chunk:
            kind = StreamKind(letter.fields[b"stream"].decode())
            for new, fields in _parts(copying, kind, letter).items():
                pipeline.xadd(copying.key(new, name), cast("Any", fields), id=_new_id(copying, ids, new, letter))
        pipeline.execute()
        yield


def _deliveries(copying: Copying, source: str) -> dict[bytes, int]:
    """How often each entry was handed out that is not settled."""
    deliveries: dict[bytes, int] = {}
    start = "-"
    while True:
        try:
            pending: Any = copying.client.xpending_range(source, GROUP, start, "+", 1_000)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            return deliveries
        if not pending:
            return deliveries
        deliveries.update({row["message_id"]: row["times_delivered"] for row in pending})
        start = f"({pending[-1]['message_id'].decode()}"


def _entries(copying: Copying, partition: int, source: str, deliveries: dict[bytes, int]) -> Iterator[_Entry]:
    start = "-"
    while True:
        found = cast("list[tuple[bytes, _Fields]]", copying.client.xrange(source, start, "+", count=_ENTRIES_AT_A_TIME))
        for entry_id, fields in found:
            milliseconds, _, sequence = entry_id.decode().partition("-")
            yield _Entry(int(milliseconds), int(sequence), partition, fields, deliveries.get(entry_id))
        if len(found) < _ENTRIES_AT_A_TIME:
            return
        start = f"({found[-1][0].decode()}"


def _new_id(copying: Copying, ids: Counter[int], partition: int, entry: _Entry) -> str:
    ids[partition] += 1
    return f"{entry.milliseconds}-{(copying.generation << _GENERATION_BITS) + ids[partition]}"


def _parts(copying: Copying, kind: StreamKind, entry: _Entry) -> dict[int, _Fields]:
    """What of an entry, or of a dead letter, goes to which partition."""
    if kind.holds_articles:
        article_id = entry.fields.get(b"article")
        return {copying.partition_of(article_id) if article_id else copying.fallback(entry.partition): entry.fields}
    try:
        views = decode_views(entry.fields[b"body"])
    except ValueError as error:
        raise ReshardError(
            f"an entry of views of partition {entry.partition} cannot be read ({error}), so nobody knows where it "
            "belongs: let a worker move it to the dead letters, and drop it there"
        ) from error
    by_partition: dict[int, list[RecordedView]] = defaultdict(list)
    for view in views:
        by_partition[copying.partition_of(view.article_id.encode())].append(view)
    return {
        partition: {**entry.fields, b"body": b"[" + b",".join(map(encode_view, views)) + b"]"}
        for partition, views in by_partition.items()
    }
