"""Keeps the trail of each article in a small hash that expires."""

from datetime import timedelta
from typing import cast

import redis

from shared.journal.limits import TRAIL_KEPT_FOR
from shared.journal.model import TrailMark
from shared.journal.redis_errors import journal_errors
from shared.journal.trail_marks import decode_mark, encode_mark
from shared.keys import PartitionKeys, partition_of


class RedisTrail:
    """`Trail` on Redis. Raises `JournalUnavailableError`."""

    def __init__(self, client: redis.Redis, *, partitions: int, kept_for: timedelta = TRAIL_KEPT_FOR) -> None:
        self._client = client
        self._partitions = partitions
        self._kept_for = kept_for

    def marks(self, article_id: str) -> list[TrailMark]:
        """Oldest first."""
        with journal_errors():
            found = cast("dict[bytes, bytes]", self._client.hgetall(self._key(article_id)))
        marks = [decode_mark(stage.decode(), encoded) for stage, encoded in found.items()]
        return sorted(marks, key=lambda mark: mark.at)

    def note(self, article_id: str, mark: TrailMark) -> None:
        """Replace the mark of the same stage."""
        key = self._key(article_id)
        with journal_errors():
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hset(key, str(mark.stage), encode_mark(mark))
            pipeline.expire(key, self._kept_for)
            pipeline.execute()

    def _key(self, article_id: str) -> str:
        return PartitionKeys(partition_of(article_id, self._partitions)).trail(article_id)
