"""How long it takes until things go on: a worker is stopped or killed, Valkey is restarted, all under load."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import httpx

from shared.journal.model import StreamId
from shared.keys import PartitionKeys, StreamKind
from tests.chaos.audit import Findings, audit, wait_until_quiet
from tests.chaos.processes import ProductProcess
from tests.chaos.publishers import Publishers
from tests.chaos.round import Sending, wait_until_ready
from tests.chaos.stack import PARTITIONS, ChaosStack
from tests.chaos.truth import Truth

_STREAMS: Final = tuple(StreamId(kind, partition) for partition in range(PARTITIONS) for kind in StreamKind)
# A lease that nobody changed for so long under load is a dead worker's: live ones come and go within milliseconds.
_DEAD_AFTER: Final = 0.5
_LONGEST: Final = 120.0


@contextmanager
def loaded_stack() -> Iterator["LoadedStack"]:
    with ChaosStack(engine="embedded", low_marks=False) as stack:
        stack.start()
        wait_until_ready(stack)
        loaded = LoadedStack(stack)
        try:
            yield loaded
        finally:
            loaded.end_load()


class LoadedStack:
    """A stack that publishers send to all the time."""

    def __init__(self, stack: ChaosStack) -> None:
        self._stack = stack
        self._truth = Truth()
        self._sending = Sending(Publishers(stack, self._truth, Random(1), refusable=False))
        self._probes = 0

    def end_load(self) -> None:
        self._sending.finish()

    def findings(self) -> Findings:
        """End the load, and look at what is there."""
        self.end_load()
        assert wait_until_quiet(self._stack, self._truth, seconds=_LONGEST), "something still waits"
        return audit(self._stack, self._truth)

    def stop_worker(self) -> tuple[int, float]:
        """SIGTERM to a worker that works: exit code and seconds."""
        worker = self._stack.workers[0]
        self._wait_until_works(worker)
        worker.terminate()
        code, seconds = worker.wait_for_stop()
        worker.start()
        return code, seconds

    def restart_valkey(self) -> float:
        """Seconds from the moment that the server answers again until a new view is accepted and counted."""
        self._stack.valkey.kill()
        time.sleep(0.5)
        self._stack.valkey.start()
        started = time.monotonic()
        self._count_a_view()
        return time.monotonic() - started

    def take_over(self) -> float:
        """Seconds from the death of a worker until the last stream that it held goes on."""
        worker = self._stack.workers[0]
        while True:
            self._wait_until_works(worker)
            worker.kill()
            died = time.monotonic()
            orphans = self._orphans()
            went_on = died
            while orphans:
                assert time.monotonic() - died < _LONGEST, f"nobody took over {orphans}"
                time.sleep(0.01)
                orphans = {stream: first for stream, first in orphans.items() if self._first(stream) == first}
                went_on = time.monotonic()
            worker.start()
            if went_on > died:
                return went_on - died

    def _orphans(self) -> dict[StreamId, bytes]:
        """Streams with a dead worker's lease, and the entry that waits there first."""
        owners = self._owners()
        until = time.monotonic() + _DEAD_AFTER
        while owners and time.monotonic() < until:
            now = self._owners()
            owners = {stream: owner for stream, owner in owners.items() if now.get(stream) == owner}
            time.sleep(0.01)
        return {stream: first for stream in owners if (first := self._first(stream)) is not None}

    def _owners(self) -> dict[StreamId, bytes]:
        with self._stack.valkey.client() as client:
            found = client.mget([PartitionKeys(stream.partition).lease(stream.kind) for stream in _STREAMS])
        return {stream: owner for stream, owner in zip(_STREAMS, found, strict=True) if owner is not None}

    def _first(self, stream: StreamId) -> bytes | None:
        with self._stack.valkey.client() as client:
            entries: Any = client.xrange(PartitionKeys(stream.partition).stream(stream.kind), count=1)
        return entries[0][0] if entries else None

    def _wait_until_works(self, worker: ProductProcess) -> None:
        deadline = time.monotonic() + _LONGEST
        while not worker.has_said("articles.applied"):
            assert time.monotonic() < deadline, worker.log_tail()
            time.sleep(0.05)

    def _count_a_view(self) -> None:
        self._probes += 1
        article_id = f"probe-{self._probes}"
        view = {"article_id": article_id, "event_id": article_id, "viewer": article_id}
        deadline = time.monotonic() + _LONGEST
        with httpx.Client(base_url=self._stack.door_urls[0], headers=self._stack.headers, timeout=5) as client:
            while client.post("/v1/views", json=view).status_code != 202:
                assert time.monotonic() < deadline, "the view was not accepted"
                time.sleep(0.02)
        with self._stack.valkey.client() as client:
            keys = [PartitionKeys(partition).raw_views for partition in range(PARTITIONS)]
            while not any(client.hexists(key, article_id) for key in keys):
                assert time.monotonic() < deadline, "the view was not counted"
                time.sleep(0.02)
