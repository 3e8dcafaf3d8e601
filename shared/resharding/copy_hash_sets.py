"""Copies the sets that tell repetitions: hashes of events, and of (viewer, article) pairs.

A hash does not say to which article it belongs, so it goes to every partition that may hold the article. It is 64 bits
of an identity that only one article has, so where it is of no use it does no harm; it expires within days.
"""

from collections.abc import Iterator

from shared.resharding.copying import CHUNK, Copying, chunks


def copy_hash_set(copying: Copying, partition: int, source: str, name: str) -> Iterator[None]:
    keys = [copying.key(new, name) for new in copying.reachable(partition)]
    members: Iterator[bytes] = copying.client.sscan_iter(source, count=CHUNK)
    for chunk in chunks(members):
        pipeline = copying.client.pipeline(transaction=False)
        for key in keys:
            pipeline.sadd(key, *chunk)
        pipeline.execute()
        yield
    for key in keys:
        copying.keep_until(key, source)
