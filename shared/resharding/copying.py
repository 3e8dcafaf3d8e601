"""What the copying of every kind of key has in common."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

import redis

from shared.keys import PartitionKeys, partition_of

# In front of the braces: a copy has the hash slot of the name that it gets later.
STAGED: Final = "reshard:"
CHUNK: Final = 500

Item = TypeVar("Item")


class ReshardError(Exception):
    """The number of partitions cannot be changed now; the message says what to do."""


@dataclass(slots=True)
class Copying:
    """Where copies go. `common` is the greatest common divisor of the two numbers of partitions.

    `expiries` are the times of the copies' end in milliseconds since 1970, set when all is copied: several keys go
    into one, and the last to end counts.
    """

    client: redis.Redis
    target: int
    generation: int
    common: int
    expiries: dict[str, int] = field(default_factory=dict)

    def partition_of(self, article_id: bytes) -> int:
        return partition_of(article_id.decode(), self.target)

    def reachable(self, partition: int) -> list[int]:
        """The new partitions that articles of an old one may be in: crc ≡ p holds modulo the common divisor."""
        return [new for new in range(self.target) if new % self.common == partition % self.common]

    def fallback(self, partition: int) -> int:
        """For what belongs to a partition and to no article; one of the reachable ones."""
        return self.reachable(partition)[0]

    def key(self, partition: int, name: str) -> str:
        return f"{STAGED}{PartitionKeys(partition).tag}:{name}"

    def keep_until(self, key: str, source: str) -> None:
        """Let the copy live as long as its source."""
        ends: Any = self.client.pexpiretime(source)
        if ends > 0:
            self.expiries[key] = max(ends, self.expiries.get(key, 0))

    def set_expiries(self) -> None:
        for chunk in chunks(self.expiries.items()):
            pipeline = self.client.pipeline(transaction=False)
            for key, ends in chunk:
                pipeline.pexpireat(key, ends)
            pipeline.execute()


def name_of(key: str) -> str:
    """What stands behind the partition in a key's name."""
    return key.partition("}:")[2]


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
