"""Copies what is kept by article: each piece goes where its article goes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from shared.keys import PartitionKeys
from shared.resharding.copying import CHUNK, Copying, chunks


def copy_hash(copying: Copying, source: str, name: str) -> Iterator[None]:
    """A hash of article id -> value."""
    fields: Iterator[tuple[bytes, bytes]] = copying.client.hscan_iter(source, count=CHUNK)
    for chunk in chunks(fields):
        by_partition: dict[int, dict[Any, Any]] = defaultdict(dict)
        for article_id, value in chunk:
            by_partition[copying.partition_of(article_id)][article_id] = value
        pipeline = copying.client.pipeline(transaction=False)
        for partition, mapping in by_partition.items():
            pipeline.hset(copying.key(partition, name), mapping=mapping)
        pipeline.execute()
        yield


def copy_members(copying: Copying, source: str, name: str) -> Iterator[None]:
    """A set of article ids."""
    members: Iterator[bytes] = copying.client.sscan_iter(source, count=CHUNK)
    for chunk in chunks(members):
        pipeline = copying.client.pipeline(transaction=False)
        for article_id in chunk:
            pipeline.sadd(copying.key(copying.partition_of(article_id), name), article_id)
        pipeline.execute()
        yield


def copy_trails(copying: Copying, trails: Sequence[tuple[int, str]]) -> None:
    """One small hash per article, with what is left of its time to live. `trails` are partitions and names."""
    if not trails:
        return
    pipeline = copying.client.pipeline(transaction=False)
    for partition, name in trails:
        source = f"{PartitionKeys(partition).tag}:{name}"
        pipeline.hgetall(source)
        pipeline.pexpiretime(source)
    answers: Any = iter(pipeline.execute())
    pipeline = copying.client.pipeline(transaction=False)
    for _, name in trails:
        marks, ends = next(answers), next(answers)
        if not marks:
            # It has expired since it was found.
            continue
        article_id = name.partition(":")[2].encode()
        key = copying.key(copying.partition_of(article_id), name)
        pipeline.hset(key, mapping=marks)
        if ends > 0:
            pipeline.pexpireat(key, ends)
    pipeline.execute()
