"""Article events that wait in the journal: call the workers, and wait until they have applied all."""

import time
from types import TracebackType
from typing import Final, Self

from shared.journal.model import StreamId
from shared.keys import PartitionKeys, StreamKind
from shared.tickets import CeleryDoorbell, celery_producer
from tests.support.valkey import ValkeyServer

_LONGEST: Final = 900.0
# As the schedule does: a ticket is old after a few seconds, and a worker may take longer to start.
_CALL_AGAIN: Final = 1.0


class ArticleBacklog:
    """Use it as a context manager."""

    def __init__(self, journal: ValkeyServer, partitions: int) -> None:
        self._client = journal.client()
        self._streams = [StreamId(StreamKind.ARTICLES, partition) for partition in range(partitions)]
        self._doorbell = CeleryDoorbell(celery_producer(f"{journal.url.rpartition('/')[0]}/1"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._doorbell.close()
        self._client.close()

    def wait_until_empty(self) -> None:
        """A worker settles an entry when readers can find the article.

        Raises:
            RuntimeError: after a quarter of an hour.
        """
        started = called = time.monotonic()
        while any(waiting := self._entries()):
            now = time.monotonic()
            if now - started > _LONGEST:
                raise RuntimeError(f"{sum(waiting)} articles are still in the journal")
            if now - called > _CALL_AGAIN:
                called = now
                for stream, entries in zip(self._streams, waiting, strict=True):
                    if entries:
                        self._doorbell.ring(stream)
            time.sleep(0.01)

    def _entries(self) -> list[int]:
        pipeline = self._client.pipeline(transaction=False)
        for stream in self._streams:
            pipeline.xlen(PartitionKeys(stream.partition).stream(stream.kind))
        return [int(length) for length in pipeline.execute()]
