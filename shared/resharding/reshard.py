"""Moves everything that lies in partitions into another number of them.

Copy, delete, rename: a complete copy is made under names of its own, and only then are the old keys deleted and the
copies given their names. Whatever kills the process, the same command goes on: an unfinished copy is thrown away and
made again from the old keys, which nobody has touched; a finished one is never made again.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import gcd
from typing import Any, Final, cast

import redis

from shared.journal.redis_errors import journal_errors
from shared.keys import LAYOUT
from shared.resharding.copy_keys import copy_keys
from shared.resharding.copying import STAGED, Copying, ReshardError, chunks
from shared.resharding.running import running_processes

_KEYS_AT_A_TIME: Final = 1_000


class _Phase(StrEnum):
    COPYING = "copying"
    DELETING = "deleting"
    RENAMING = "renaming"


class Resharding:
    """One change of the number of partitions, from the first step or from where another process left it."""

    def __init__(self, client: redis.Redis, *, partitions: int, target: int) -> None:
        """`partitions` is what the journal has when it does not say so itself, `target` what it shall have."""
        self._client = client
        self._target = target
        record = cast("dict[bytes, bytes]", client.hgetall(LAYOUT))
        self._partitions = int(record.get(b"partitions", partitions))
        self._generation = int(record.get(b"generation", 0)) + 1
        self._phase = _Phase(record[b"phase"].decode()) if b"phase" in record else None
        self._begun_target = int(record.get(b"target", 0))

    def run(self) -> Iterator[str]:
        """Do it; yields what is being done, between steps that may each be the last.

        Raises:
            ReshardError: something runs, or stands in the way; the journal is as it was.
            JournalUnavailableError: run it again when the journal is back.
        """
        with journal_errors():
            if self._target == self._partitions and self._phase is None:
                return
            self._begin()
            if self._phase is _Phase.COPYING:
                yield from self._delete(f"{STAGED}*")
                if self._target == self._partitions:
                    self._give_up()
                    return
                yield from self._copy()
                self._enter(_Phase.DELETING)
            if self._phase is _Phase.DELETING:
                yield from self._delete("{kh:*")
                self._enter(_Phase.RENAMING)
            yield from self._rename()
            self._finish()

    def _begin(self) -> None:
        """Say what is done before looking who runs: whoever starts later sees it and refuses."""
        if self._phase not in {None, _Phase.COPYING} and self._target != self._begun_target:
            raise ReshardError(
                f"a change to {self._begun_target} partitions is half done; finish it first: "
                f"khobor journal reshard --partitions {self._begun_target}"
            )
        is_new = self._phase is None
        self._phase = self._phase or _Phase.COPYING
        self._client.hset(
            LAYOUT, mapping={"partitions": self._partitions, "target": self._target, "phase": self._phase}
        )
        running = running_processes(self._client)
        if running:
            if is_new:
                self._give_up()
            raise ReshardError(f"stop everything first; there is still: {', '.join(running)}")

    def _copy(self) -> Iterator[str]:
        copying = Copying(
            client=self._client,
            target=self._target,
            generation=self._generation,
            common=gcd(self._partitions, self._target),
        )
        try:
            yield from copy_keys(copying)
        except ReshardError:
            yield from self._delete(f"{STAGED}*")
            self._give_up()
            raise

    def _give_up(self) -> None:
        self._client.hdel(LAYOUT, "target", "phase")

    def _enter(self, phase: _Phase) -> None:
        self._client.hset(LAYOUT, "phase", phase)
        self._phase = phase

    def _delete(self, pattern: str) -> Iterator[str]:
        deleted = 0
        for keys in self._found(pattern):
            self._client.unlink(*keys)
            deleted += len(keys)
            yield f"deleted {deleted:,} keys"

    def _rename(self) -> Iterator[str]:
        """Old and new name are of one hash slot, so this works on a cluster as well."""
        renamed = 0
        for keys in self._found(f"{STAGED}*"):
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                # As a command: the method is closed in the pipelines of a cluster.
                command = ("RENAME", key, key.removeprefix(STAGED.encode()))
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
            pipeline.execute()
            renamed += len(keys)
            yield f"renamed {renamed:,} keys"

    def _finish(self) -> None:
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hset(LAYOUT, mapping={"partitions": self._target, "generation": self._generation})
        pipeline.hdel(LAYOUT, "target", "phase")
        pipeline.execute()

    def _found(self, pattern: str) -> Iterator[Sequence[bytes]]:
        """Keys, some at a time; the caller takes those away that it is given, so at last there are none."""
        seen: set[bytes] | None = None
        while seen is None or seen:
            seen = set()
            keys: Iterator[Any] = self._client.scan_iter(match=pattern, count=_KEYS_AT_A_TIME)
            for chunk in chunks(keys):
                # A scan may name a key twice.
                new = [key for key in dict.fromkeys(chunk) if key not in seen]
                seen.update(new)
                if new:
                    yield new
