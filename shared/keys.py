"""Names of the Redis keys, and which partition an article belongs to.

Everything about one article lives in one partition, and one partition is one Redis Cluster hash slot (the part
between braces), so each Lua step is atomic there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zlib import crc32


class StreamKind(StrEnum):
    """`BACKFILL` holds article events that may wait until none of `ARTICLES` do."""

    ARTICLES = "articles"
    BACKFILL = "backfill"
    VIEWS = "views"

    @property
    def holds_articles(self) -> bool:
        return self is not StreamKind.VIEWS


def partition_of(article_id: str, partitions: int) -> int:
    return crc32(article_id.encode()) % partitions


@dataclass(frozen=True, slots=True)
class PartitionKeys:
    """The keys of one partition. Every name starts with the same hash tag, such as `{kh:07}`."""

    partition: int

    @property
    def tag(self) -> str:
        return f"{{kh:{self.partition:02d}}}"

    def stream(self, kind: StreamKind) -> str:
        """STREAM of accepted events that are not applied yet."""
        return f"{self.tag}:stream:{kind}"

    def doorbell(self, kind: StreamKind) -> str:
        """STRING that exists while a drain ticket is under way."""
        return f"{self.tag}:doorbell:{kind}"

    def lease(self, kind: StreamKind) -> str:
        """STRING naming the worker that drains this stream, with a time to live."""
        return f"{self.tag}:lease:{kind}"

    def batch(self, batch_id: str) -> str:
        """STRING with the answer to an append, so that a repeated append changes nothing."""
        return f"{self.tag}:batch:{batch_id}"

    def seen_events(self, day: int, bucket: int) -> str:
        """SET of 64-bit event id hashes accepted on a UTC day (days since 1970)."""
        return f"{self.tag}:seen:{day}:{bucket:x}"

    @property
    def dead_letters(self) -> str:
        """STREAM of events that can never be applied, with the reason."""
        return f"{self.tag}:dead"

    @property
    def versions(self) -> str:
        """HASH article id -> newest applied version; negative when that version is a retraction."""
        return f"{self.tag}:versions"

    @property
    def categories(self) -> str:
        """HASH article id -> category."""
        return f"{self.tag}:categories"

    def trail(self, article_id: str) -> str:
        """HASH stage -> JSON: what happened to an article on its way; expires."""
        return f"{self.tag}:trail:{article_id}"

    @property
    def raw_views(self) -> str:
        """HASH article id -> all views, bots and repeats included."""
        return f"{self.tag}:views:raw"

    @property
    def counted_views(self) -> str:
        """ZSET article id -> counted views of all time."""
        return f"{self.tag}:views:counted"

    @property
    def unfiled(self) -> str:
        """ZSET article id -> last viewed: articles with views but no article event yet; bounded."""
        return f"{self.tag}:unfiled"

    @property
    def unfiled_views(self) -> str:
        """HASH article id -> what is counted for an article of `unfiled`, kept out of every list until it is filed."""
        return f"{self.tag}:unfiled:views"

    @property
    def hidden(self) -> str:
        """SET of article ids that an editor keeps off the lists."""
        return f"{self.tag}:hidden"

    def viewers(self, day: int, bucket: int) -> str:
        """SET of 64-bit (viewer, article) hashes counted on a day in Dhaka (days since 1970)."""
        return f"{self.tag}:viewers:{day}:{bucket:x}"

    def window(self, window: str, category: str | None = None) -> str:
        """ZSET article id -> log2 of the decayed count, per window; of all articles or of one category."""
        return f"{self.tag}:z:{window}" if category is None else f"{self.tag}:z:{window}:{category}"

    def day(self, day: int, category: str | None = None) -> str:
        """ZSET article id -> views counted on a day in Dhaka."""
        return f"{self.tag}:day:{day}" if category is None else f"{self.tag}:day:{day}:{category}"

    def day_totals(self, day: int) -> str:
        """HASH "" or ":<category>" -> views counted on a day in Dhaka."""
        return f"{self.tag}:day-totals:{day}"

    @property
    def totals(self) -> str:
        """HASH window, or window:category -> log2 of the decayed count of all its articles in the partition."""
        return f"{self.tag}:totals"


LAYOUT: Final = "kh:layout"
"""HASH `partitions`, and `generation`, which counts the changes of that number; during one, `target` and `phase`."""

API_KEYS: Final = "kh:api-keys"
"""HASH key id -> JSON with the hash of the secret, scopes and dates."""

CIRCUIT: Final = "{kh:circuit}:index"
"""STRING that exists while the search index is not to be tried; its value is the reason."""

CIRCUIT_FAILURES: Final = "{kh:circuit}:index:failures"
"""STRING counting failures in a row, from which the next waiting time follows."""

INDEX_MOVE: Final = "kh:index:move"
"""STRING naming the command that moves the search index, with a time to live."""
