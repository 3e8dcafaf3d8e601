"""Cut a request's events by the stream they belong to, and into parts that one append can carry."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from shared.journal.model import AppendItem, StreamId
from shared.keys import StreamKind, partition_of

Shares = Mapping[StreamId, Sequence[AppendItem]]

# One Lua step of 500 views holds Redis for about 2 ms, one of 5,000 for 6-10 ms: others would wait that long.
MAX_APPEND_ITEMS: Final = 500
# The same for articles, of which a single one may have a megabyte.
MAX_APPEND_BYTES: Final = 2_000_000


def share_out(items: Iterable[tuple[StreamKind, AppendItem]], partitions: int) -> Shares:
    """Sort events into streams; the order within a stream stays."""
    shares: dict[StreamId, list[AppendItem]] = {}
    for kind, item in items:
        shares.setdefault(StreamId(kind, partition_of(item.article_id, partitions)), []).append(item)
    return shares


def cut(items: Sequence[AppendItem]) -> Iterator[tuple[Sequence[AppendItem], int]]:
    """Parts that fit into one append each, with their sizes in bytes; an oversize item travels alone."""
    start = size = 0
    for position, item in enumerate(items):
        full = position - start == MAX_APPEND_ITEMS or size + len(item.body) > MAX_APPEND_BYTES
        if full and position > start:
            yield items[start:position], size
            start, size = position, 0
        size += len(item.body)
    if start < len(items):
        yield items[start:], size
