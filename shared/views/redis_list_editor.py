"""Keeps the articles that editors hide in one small set per partition; readers leave them out."""

from typing import cast

import redis

from shared.keys import PartitionKeys, partition_of
from shared.views.redis_errors import views_errors


class RedisListEditor:
    """`ListEditor` on Redis."""

    def __init__(self, client: redis.Redis, *, partitions: int) -> None:
        self._client = client
        self._partitions = partitions

    def hide(self, article_id: str) -> None:
        """Keep an article off every list from the next read on; it goes on being counted."""
        with views_errors():
            self._client.sadd(self._key(article_id), article_id)

    def unhide(self, article_id: str) -> None:
        """Let it stand in the lists again, where its views put it."""
        with views_errors():
            self._client.srem(self._key(article_id), article_id)

    def hidden(self) -> list[str]:
        """The hidden articles' ids, sorted."""
        with views_errors():
            pipeline = self._client.pipeline(transaction=False)
            for partition in range(self._partitions):
                pipeline.smembers(PartitionKeys(partition).hidden)
            found = cast("list[set[bytes]]", pipeline.execute())
        return sorted(article_id.decode() for members in found for article_id in members)

    def _key(self, article_id: str) -> str:
        return PartitionKeys(partition_of(article_id, self._partitions)).hidden
