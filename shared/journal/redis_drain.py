"""Drains the journal's Redis streams.

The lease lets one worker at a time drain a stream, so one consumer name is enough for the group: what a dead worker
left pending belongs to whoever holds the lease next. When to give up on an entry (4 deliveries) is the use case's
decision; this adapter counts deliveries and hands an entry that was delivered before out alone.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import redis

from shared.journal.layout import JournalLayoutError, check_layout
from shared.journal.limits import ENOUGH_READ_BYTES, LEASE_TIME, LONGEST_REASON, TRAIL_KEPT_FOR
from shared.journal.lua_scripts import read_script
from shared.journal.model import Backlog, Entry, SettledArticle, StreamId, TrailMark, TrailStage
from shared.journal.priorities import priority_of
from shared.journal.redis_article_record import RECORD_SCRIPTS, record_step
from shared.journal.redis_errors import journal_errors
from shared.journal.trail_marks import encode_mark, settled_mark
from shared.keys import LAYOUT, PartitionKeys, StreamKind
from shared.views.days import utc_now

GROUP: Final = "workers"
CONSUMER: Final = "drain"


class RedisJournalDrain:
    """`JournalDrain` on Redis or Valkey ≥ 7. Every method raises `JournalUnavailableError`.

    `now` dates trail marks and chooses the days whose lists an article moves between.
    """

    def __init__(
        self,
        client: redis.Redis,
        *,
        partitions: int,
        now: Callable[[], datetime] = utc_now,
        lease_time: timedelta = LEASE_TIME,
        trail_kept_for: timedelta = TRAIL_KEPT_FOR,
    ) -> None:
        self._client = client
        self._partitions = partitions
        self._now = now
        self._lease_ms = round(lease_time.total_seconds() * 1_000)
        self._trail_seconds = round(trail_kept_for.total_seconds())
        self._lease = client.register_script(read_script("running.lua", "lease.lua"))
        self._release = client.register_script(read_script("release.lua"))
        self._read = client.register_script(read_script("read.lua"))
        self._backlog = read_script("running.lua", "backlog.lua")
        self._bury = client.register_script(read_script("bury.lua"))
        self._settle = client.register_script(read_script(*RECORD_SCRIPTS, "settle_articles.lua"))

    def acquire(self, stream: StreamId, owner: str) -> bool:
        """Take the lease when it is free, has run out or is `owner`'s already.

        Raises:
            JournalLayoutError: the journal has another number of partitions. Looked for after the lease is taken:
                whoever changes the number looks for leases after it has said so, so that one of the two sees the other.
        """
        lease = PartitionKeys(stream.partition).lease(stream.kind)
        with journal_errors():
            held = self._lease(keys=[lease], args=[owner, self._lease_ms])
            # Not in one go: on a cluster it lies on another server, which might answer before.
            layout = cast("dict[bytes, bytes]", self._client.hgetall(LAYOUT))
        try:
            check_layout(layout, self._partitions)
        except JournalLayoutError:
            self.release(stream, owner, only_if_empty=False)
            raise
        return bool(held)

    def renew(self, stream: StreamId, owner: str) -> bool:
        """Prolong the lease; also when it ran out and nobody else took it."""
        return self.acquire(stream, owner)

    def release(self, stream: StreamId, owner: str, *, only_if_empty: bool) -> bool:
        """See `JournalDrain.release`. True as well when the lease is another's by now: there is nothing to do."""
        keys = PartitionKeys(stream.partition)
        with journal_errors():
            return bool(
                self._release(
                    keys=[keys.lease(stream.kind), keys.stream(stream.kind), keys.doorbell(stream.kind)],
                    args=[owner, int(only_if_empty)],
                )
            )

    def read(self, stream: StreamId, count: int) -> list[Entry]:
        """See `JournalDrain.read`; makes the group when it is not there."""
        with journal_errors():
            found = self._read(
                keys=[PartitionKeys(stream.partition).stream(stream.kind)],
                args=[GROUP, CONSUMER, count, ENOUGH_READ_BYTES],
            )
        return [
            Entry(id=entry_id.decode(), body=body, deliveries=deliveries, appended_at=appended_at(entry_id.decode()))
            for entry_id, body, deliveries in zip(found[::3], found[1::3], found[2::3], strict=True)
        ]

    def settle_articles(self, stream: StreamId, settled: Sequence[SettledArticle]) -> list[SettledArticle]:
        """See `JournalDrain.settle_articles`: one atomic step, which also files the articles' counted views."""
        if not settled:
            return []
        now = self._now()
        keys = PartitionKeys(stream.partition)
        record_keys, record_arguments = record_step(keys, now)
        arguments: list[str | int | bytes] = [GROUP, self._trail_seconds, *record_arguments, len(settled)]
        for article in settled:
            mark = settled_mark(article, stream.kind, now)
            arguments += [
                article.entry_id,
                article.article_id,
                article.version,
                int(mark.stage is TrailStage.APPLIED),
                int(article.retracted),
                article.category or "",
                str(mark.stage),
                encode_mark(mark),
            ]
        with journal_errors():
            positions = self._settle(keys=[keys.stream(stream.kind), keys.trail(""), *record_keys], args=arguments)
        return [settled[position] for position in positions]

    def bury(
        self, stream: StreamId, entry: Entry, *, article_id: str | None, event_id: str, version: int, reason: str
    ) -> bool:
        """See `JournalDrain.bury`. A reason longer than 2,000 characters is cut."""
        now = self._now()
        reason = reason[:LONGEST_REASON]
        if not event_id:
            article_id, event_id, version = self._known_at_the_door(stream, entry)
        mark = TrailMark(
            TrailStage.DEAD_LETTERED,
            version,
            event_id,
            now,
            entry.deliveries,
            reason=reason,
            priority=priority_of(stream.kind),
        )
        keys = PartitionKeys(stream.partition)
        with journal_errors():
            return bool(
                self._bury(
                    keys=[keys.stream(stream.kind), keys.dead_letters, keys.trail("")],
                    args=[
                        GROUP,
                        entry.id,
                        str(stream.kind),
                        article_id or "",
                        event_id,
                        version,
                        reason,
                        entry.deliveries,
                        round(now.timestamp() * 1_000),
                        self._trail_seconds,
                        str(mark.stage),
                        encode_mark(mark),
                    ],
                )
            )

    def _known_at_the_door(self, stream: StreamId, entry: Entry) -> tuple[str | None, str, int]:
        """Article, event id and version of an entry whose body nobody could or dared to read."""
        with journal_errors():
            found = cast(
                "list[tuple[bytes, dict[bytes, bytes]]]",
                self._client.xrange(PartitionKeys(stream.partition).stream(stream.kind), entry.id, entry.id),
            )
        fields = found[0][1] if found else {}
        return (
            fields.get(b"article", b"").decode() or None,
            fields.get(b"event", b"").decode(),
            int(fields.get(b"version", 0)),
        )

    def forgive(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        """Take back this delivery of each entry; earlier ones, which may have killed a worker, stay counted."""
        by_deliveries: dict[int, list[int | bytes | str | memoryview[int]]] = defaultdict(list)
        for entry in entries:
            by_deliveries[entry.deliveries].append(entry.id)
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            for deliveries, ids in by_deliveries.items():
                pipeline.xclaim(
                    PartitionKeys(stream.partition).stream(stream.kind),
                    GROUP,
                    CONSUMER,
                    0,
                    ids,
                    retrycount=deliveries - 1,
                    justid=True,
                )
            pipeline.execute()

    def backlogs(self) -> list[Backlog]:
        """Of every stream; pipelined."""
        streams = [StreamId(kind, partition) for kind in StreamKind for partition in range(self._partitions)]
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            for stream in streams:
                keys = PartitionKeys(stream.partition)
                # The whole text: a cluster's pipeline cannot load a script that a server does not know.
                command = ("EVAL", self._backlog, 2, keys.stream(stream.kind), keys.lease(stream.kind), GROUP)
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
            answers = pipeline.execute()
        return [
            Backlog(stream, entries, pending, oldest_ms / 1_000, bool(leased))
            for stream, (entries, pending, oldest_ms, leased) in zip(streams, answers, strict=True)
        ]


def appended_at(stream_id: str) -> datetime:
    """When Redis appended an entry: its id begins with the milliseconds since 1970."""
    return datetime.fromtimestamp(int(stream_id.partition("-")[0]) / 1_000, UTC)
