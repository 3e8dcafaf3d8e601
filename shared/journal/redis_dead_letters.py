"""Looks after the dead letters, one Redis stream per partition."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, cast

import redis

from shared.journal.limits import DOORBELL_KEPT_FOR
from shared.journal.lua_scripts import read_script
from shared.journal.model import DeadLetter, StreamId
from shared.journal.ports import Doorbell
from shared.journal.redis_drain import appended_at
from shared.journal.redis_errors import journal_errors
from shared.journal.seen_events import seen_keys
from shared.keys import PartitionKeys, StreamKind
from shared.views.days import utc_day

_PAGE: Final = 200


class RedisDeadLetterOffice:
    """`DeadLetterOffice` on Redis. Every method raises `JournalUnavailableError`.

    A letter's id is its partition and the id of its entry in the stream of dead letters: `3-1732406400000-0`.
    """

    def __init__(self, client: redis.Redis, doorbell: Doorbell, *, partitions: int) -> None:
        self._client = client
        self._doorbell = doorbell
        self._partitions = partitions
        self._replay = client.register_script(read_script("running.lua", "replay.lua"))
        self._drop = client.register_script(read_script("drop.lua"))

    def list(self, *, limit: int, reason_contains: str | None = None) -> list[DeadLetter]:
        """Newest first over all partitions. With `reason_contains`, reads until `limit` fit or all are read."""
        letters: list[DeadLetter] = []
        with journal_errors():
            for partition in range(self._partitions):
                found = 0
                for letter in self._newest_first(partition, min(limit, _PAGE)):
                    if found == limit:
                        break
                    if reason_contains is None or reason_contains in letter.reason:
                        letters.append(letter)
                        found += 1
        return sorted(letters, key=lambda letter: letter.dead_at, reverse=True)[:limit]

    def count(self) -> int:
        """How many there are."""
        with journal_errors():
            pipeline = self._client.pipeline(transaction=False)
            for partition in range(self._partitions):
                pipeline.xlen(PartitionKeys(partition).dead_letters)
            return sum(pipeline.execute())

    def replay(self, letters: Sequence[DeadLetter]) -> int:
        """See `DeadLetterOffice.replay`. Each letter moves in one step; a repetition finds it gone."""
        replayed = 0
        for letter in letters:
            keys = PartitionKeys(letter.stream.partition)
            kind = letter.stream.kind
            with journal_errors():
                moved, ring = self._replay(
                    keys=[keys.dead_letters, keys.stream(kind), keys.lease(kind), keys.doorbell(kind)],
                    args=[_stream_id(letter), str(kind), round(DOORBELL_KEPT_FOR.total_seconds() * 1_000)],
                )
            replayed += moved
            if ring:
                self._doorbell.ring(letter.stream)
        return replayed

    def drop(self, letters: Sequence[DeadLetter]) -> int:
        """See `DeadLetterOffice.drop`. A dropped event may be sent again: it is no duplicate any more."""
        dropped = 0
        for letter in letters:
            with journal_errors():
                dropped += self._drop(
                    keys=[PartitionKeys(letter.stream.partition).dead_letters, *_noted_in(letter)],
                    args=[_stream_id(letter), "" if letter.event_hash is None else letter.event_hash],
                )
        return dropped

    def _newest_first(self, partition: int, page: int) -> Iterator[DeadLetter]:
        end = "+"
        while True:
            entries = cast(
                "list[tuple[bytes, dict[bytes, bytes]]]",
                self._client.xrevrange(PartitionKeys(partition).dead_letters, end, "-", count=page),
            )
            for stream_id, fields in entries:
                yield _letter(partition, stream_id.decode(), fields)
            if len(entries) < page:
                return
            end = f"({entries[-1][0].decode()}"


def _letter(partition: int, stream_id: str, fields: dict[bytes, bytes]) -> DeadLetter:
    event_hash = fields[b"hash"]
    return DeadLetter(
        id=f"{partition}-{stream_id}",
        stream=StreamId(StreamKind(fields[b"stream"].decode()), partition),
        entry_id=fields[b"entry"].decode(),
        article_id=fields[b"article"].decode() or None,
        reason=fields[b"reason"].decode(),
        body=fields[b"body"],
        attempts=int(fields[b"attempts"]),
        dead_at=datetime.fromtimestamp(int(fields[b"at"]) / 1_000, UTC),
        event_id=fields[b"event"].decode(),
        version=int(fields[b"version"]),
        event_hash=int(event_hash) if event_hash else None,
    )


def _stream_id(letter: DeadLetter) -> str:
    return letter.id.partition("-")[2]


def _noted_in(letter: DeadLetter) -> list[str]:
    """The sets of seen events that may know the letter's event."""
    if letter.event_hash is None:
        return []
    # The door's clock chose the day, Redis's clock the entry's id; the sets of the day after are among these.
    day = utc_day(appended_at(letter.entry_id))
    return seen_keys(PartitionKeys(letter.stream.partition), letter.event_hash, day)
