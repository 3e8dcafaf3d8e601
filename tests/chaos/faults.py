"""What can break: each fault begins, and most end after a while. The director chooses; nothing here waits."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final
from uuid import uuid4
from zlib import crc32

import orjson
import redis
from celery import Celery

from shared.journal.model import AppendItem, StreamId
from shared.journal.ports import JournalUnavailableError
from shared.keys import StreamKind
from shared.tickets import QUEUE_OF, CeleryDoorbell, celery_producer
from shared.views.model import RecordedView, encode_view
from tests.chaos.processes import ProductProcess
from tests.chaos.stack import PARTITIONS, ChaosStack
from tests.chaos.truth import Truth
from tests.support.http_fault_proxy import Answer, Request
from tests.support.journals import redis_appender

# Longer than a lease: another worker takes the stream over while this one stands still.
BEYOND_LEASE: Final = 6.5
_JSON: Final = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
# Part of what each step of the journal sends.
_OF_APPEND: Final = b":batch:"
_OF_COUNTING_AND_SETTLING: Final = b":views:counted"
_OF_READING: Final = b":stream:"
_OF_LEASES: Final = b":lease:"


@dataclass(frozen=True)
class Begun:
    """A fault that has begun. `end` is called after `seconds`; what it holds cannot break otherwise until then.

    An `end` that returns False is not over yet, and called again.
    """

    what: str
    seconds: float = 0.0
    end: Callable[[], object] | None = None
    holds: str | None = None


Fault = Callable[[], Begun | None]
"""Begins it; None when it is not possible now."""


class Faults:
    """All faults of one stack. `held` names what is broken already: processes, `valkey`, `broker`, `index`."""

    def __init__(self, stack: ChaosStack, truth: Truth, random: Random, held: set[str]) -> None:
        self._stack = stack
        self._truth = truth
        self._random = random
        self._held = held
        self.stops: list[tuple[str, int, float]] = []

    def weighted(self) -> Sequence[tuple[str, Fault, float]]:
        """Name, how to begin it, and how often it comes, relative to the others."""
        faults: list[tuple[str, Fault, float]] = [
            ("worker killed", self.kill_worker, 8),
            ("worker stopped by SIGTERM", self.stop_worker, 4),
            ("worker frozen beyond its lease", self.freeze_worker, 2),
            ("ingest killed", self.kill_door, 4),
            ("ingest stopped by SIGTERM", self.stop_door, 2),
            ("ingest killed between append and 202", self.kill_door_before_answer, 4),
            ("beat killed", self.kill_beat, 2),
            ("Valkey killed", self.kill_valkey, 3),
            ("Valkey frozen", self.freeze_valkey, 2),
            ("Valkey's disk full", self.fill_disk, 1),
            ("Valkey out of memory", self.fill_memory, 2),
            ("reply lost on append", self.lose_append, 8),
            ("reply lost on apply", self.lose_apply, 8),
            ("reply lost on read", self.lose_read, 4),
            ("reply lost on lease", self.lose_lease, 4),
            ("broker emptied", self.empty_broker, 3),
            ("tickets lost", self.lose_tickets, 4),
            ("tickets doubled", self.double_tickets, 4),
            ("tickets late", self.delay_tickets, 4),
            ("malformed entry", self.malformed_entry, 6),
            ("worker-killing entry", self.killing_entry, 0.4),
        ]
        if self._stack.broker.server is not None:
            faults += [("broker killed", self.kill_broker, 6)]
        if self._stack.valkey_clock is not None:
            faults += [("clock jumps", self.jump_clock, 5)]
        if self._stack.elasticsearch is not None:
            faults += [
                ("index down", self.index_down, 3),
                ("index hangs", self.index_hangs, 1),
                ("index answers 429", self.index_busy, 3),
                ("index refuses some with 429", self.index_half_busy, 3),
                ("index's answer lost", self.index_answer_lost, 4),
            ]
        return faults

    # --- processes -----------------------------------------------------------------------------------------------

    def kill_worker(self) -> Begun | None:
        return self._kill(self._stack.workers, 0.0, 2.0)

    def kill_door(self) -> Begun | None:
        return self._kill(self._doors(), 0.0, 2.0)

    def kill_beat(self) -> Begun | None:
        return self._kill([self._stack.beat], 2.0, 8.0)

    def stop_worker(self) -> Begun | None:
        return self._stop(self._stack.workers)

    def stop_door(self) -> Begun | None:
        return self._stop(self._doors())

    def freeze_worker(self) -> Begun | None:
        worker = self._free(self._stack.workers)
        if worker is None:
            return None
        worker.freeze()
        return Begun(worker.name, BEYOND_LEASE, worker.thaw, worker.name)

    def kill_door_before_answer(self) -> Begun | None:
        """The append goes through, its reply reaches nobody, and the door is dead."""
        door = self._free(self._doors())
        if door is None:
            return None
        proxy = self._stack.proxy_of(door)
        proxy.lose_reply_to(_OF_APPEND, then=door.kill)

        def end() -> None:
            proxy.lose_nothing()
            if not door.is_running:
                door.start()

        return Begun(door.name, self._random.uniform(0.5, 1.5), end, door.name)

    def _doors(self) -> Sequence[ProductProcess]:
        """One is left alone, so that something comes in all the time."""
        are_all_open = all(door.is_at_work and door.name not in self._held for door in self._stack.doors)
        return self._stack.doors if are_all_open else ()

    def _kill(self, processes: Sequence[ProductProcess], shortest: float, longest: float) -> Begun | None:
        process = self._free(processes)
        if process is None:
            return None
        process.kill()
        return Begun(process.name, self._random.uniform(shortest, longest), process.start, process.name)

    def _stop(self, processes: Sequence[ProductProcess]) -> Begun | None:
        process = self._free(processes)
        if process is None:
            return None
        process.terminate()

        def end() -> bool:
            if process.is_running:
                return False
            self.stops.append((process.name, *process.wait_for_stop()))
            process.start()
            return True

        return Begun(process.name, self._random.uniform(1.0, 2.0), end, process.name)

    # --- the journal's server ------------------------------------------------------------------------------------

    def kill_valkey(self) -> Begun | None:
        if not self._is_valkey_free():
            return None
        self._stack.valkey.kill()
        return Begun("valkey", self._random.uniform(0.0, 3.0), self._stack.valkey.start, "valkey")

    def freeze_valkey(self) -> Begun | None:
        if not self._is_valkey_free():
            return None
        self._stack.valkey.freeze()
        return Begun("valkey", self._random.uniform(0.5, 4.0), self._stack.valkey.thaw, "valkey")

    def fill_disk(self) -> Begun | None:
        """With `appendfsync always` the server ends itself rather than answer what it cannot keep."""
        if not self._is_valkey_free():
            return None
        self._stack.valkey.fill_disk()

        def end() -> None:
            if self._stack.valkey.is_running:
                self._stack.valkey.free_disk()
            else:
                self._stack.valkey.start()

        return Begun("valkey", self._random.uniform(0.5, 2.0), end, "valkey")

    def fill_memory(self) -> Begun | None:
        if not self._is_valkey_free():
            return None
        if not self._try_on_valkey(lambda client: client.config_set("maxmemory", "1mb")):
            return None
        end = lambda: self._try_on_valkey(lambda client: client.config_set("maxmemory", "0"))  # noqa: E731
        return Begun("valkey", self._random.uniform(0.5, 2.0), end, "valkey")

    def _is_valkey_free(self) -> bool:
        return "valkey" not in self._held

    def _try_on_valkey(self, call: Callable[[redis.Redis], object]) -> bool:
        with self._stack.valkey.client() as client:
            try:
                call(client)
            except redis.RedisError:
                return False
        return True

    # --- lost replies --------------------------------------------------------------------------------------------

    def lose_append(self) -> Begun | None:
        return self._lose(self._stack.doors, _OF_APPEND)

    def lose_apply(self) -> Begun | None:
        return self._lose(self._stack.workers, _OF_COUNTING_AND_SETTLING)

    def lose_read(self) -> Begun | None:
        return self._lose(self._stack.workers, _OF_READING)

    def lose_lease(self) -> Begun | None:
        return self._lose(self._stack.workers, _OF_LEASES)

    def _lose(self, processes: Sequence[ProductProcess], marker: bytes) -> Begun | None:
        process = self._free(processes)
        if process is None:
            return None
        self._stack.proxy_of(process).lose_reply_to(marker)
        return Begun(process.name)

    # --- tickets -------------------------------------------------------------------------------------------------

    def kill_broker(self) -> Begun | None:
        """It takes ten seconds and more to be there again, so a thread waits for it."""
        server = self._stack.broker.server
        if server is None or not self._is_broker_free():
            return None
        server.kill()
        start = threading.Thread(target=server.start)

        def end() -> bool:
            if start.ident is None:
                start.start()
            return not start.is_alive()

        return Begun("rabbitmq", self._random.uniform(0.0, 10.0), end, "broker")

    def empty_broker(self) -> Begun | None:
        if not self._is_broker_free():
            return None
        if self._stack.broker.url.startswith("redis"):
            with redis.Redis.from_url(self._stack.broker.url, socket_timeout=2) as client:
                try:
                    client.flushdb()
                except redis.RedisError:
                    return None
            return Begun("everything in it")
        return self.lose_tickets()

    def lose_tickets(self) -> Begun | None:
        return Begun(f"{lost} of them") if (lost := self._purge()) is not None else None

    def delay_tickets(self) -> Begun | None:
        if self._purge() is None:
            return None
        return Begun("all that wait", self._random.uniform(0.5, 3.0), self._ring_everywhere)

    def double_tickets(self) -> Begun | None:
        if not self._is_broker_free():
            return None
        self._ring_everywhere(times=10)
        return Begun("ten times each")

    def _purge(self) -> int | None:
        if not self._is_broker_free():
            return None
        app = self._broker()
        try:
            with app.connection_for_write() as connection:
                channel = connection.default_channel
                return sum(int(channel.queue_purge(name) or 0) for name in set(QUEUE_OF.values()))
        except (*app.connection_for_write().connection_errors, *app.connection_for_write().channel_errors, OSError):
            return None
        finally:
            app.close()

    def _ring_everywhere(self, *, times: int = 1) -> None:
        """In a thread, because the broker may be away by now, and each ring waits a second for it."""

        def ring() -> None:
            app = self._broker()
            doorbell = CeleryDoorbell(app)
            for kind, partition in product(StreamKind, range(PARTITIONS)):
                for _ in range(times):
                    doorbell.ring(StreamId(kind, partition))
            doorbell.close()
            app.close()

        threading.Thread(target=ring, daemon=True).start()

    def _broker(self) -> Celery:
        return celery_producer(self._stack.broker.url, name="chaos")

    def _is_broker_free(self) -> bool:
        """As long as the tickets are in the journal's server, it is away when that is."""
        return self._is_valkey_free() and "broker" not in self._held

    # --- entries that cannot be applied ----------------------------------------------------------------------------

    def malformed_entry(self) -> Begun | None:
        name = self._name("malformed")
        kind = self._random.choice(list(StreamKind))
        return self._append(
            StreamId(kind, self._random.randrange(PARTITIONS)), name, f'{{"not an event {name}'.encode()
        )

    def killing_entry(self) -> Begun | None:
        name = self._name("kills-its-worker")
        view = RecordedView(name, viewer_hash=1, at_ms=1_700_000_000_000, countable=True)
        return self._append(StreamId(StreamKind.VIEWS, self._random.randrange(PARTITIONS)), name, encode_view(view))

    def _append(self, stream: StreamId, name: str, body: bytes) -> Begun | None:
        """Past the doors, which would refuse it. The same batch again, so that it is there once."""
        if not self._is_valkey_free():
            return None
        item = AppendItem(name, body, event_hash=crc32(name.encode()), event_id=name, version=1)
        with asyncio.Runner() as runner, redis_appender(runner, self._stack.valkey.url) as appender:
            batch = uuid4().hex
            for _ in range(100):
                try:
                    runner.run(appender.append(stream, batch, [item]))
                except JournalUnavailableError:
                    runner.run(asyncio.sleep(0.1))
                else:
                    self._truth.doom(name)
                    return Begun(f"{name} to {stream.kind} {stream.partition}")
        raise AssertionError(f"{name} could not be appended")

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._truth.numbers):06d}"

    # --- clocks --------------------------------------------------------------------------------------------------

    def jump_clock(self) -> Begun | None:
        """Doors stay within a day of each other: that is how far the notes of seen events reach."""
        hours = self._random.choice([0, 0, *(self._random.choice([-1, 1]) * x for x in (0.003, 0.02, 0.3, 2, 11))])
        name, clock = self._random.choice(
            [(process.name, process.clock) for process in self._stack.processes]
            + [("valkey", self._stack.valkey_clock)]
        )
        assert clock is not None
        clock.shift(hours * 3_600)
        return Begun(f"{name} to {hours:+.3f} h")

    # --- the index -----------------------------------------------------------------------------------------------

    def index_down(self) -> Begun | None:
        return self._break_index(lambda _: Answer(503, _error(503, "unavailable_shards_exception"), _JSON), 1.0, 6.0)

    def index_hangs(self) -> Begun | None:
        return self._break_index(lambda _: Answer(200, b"{}", _JSON, wait=10), 2.0, 6.0)

    def index_busy(self) -> Begun | None:
        return self._break_index(lambda _: Answer(429, _error(429, "es_rejected_execution_exception"), _JSON), 0.5, 3.0)

    def index_half_busy(self) -> Begun | None:
        server = self._stack.elasticsearch
        assert server is not None

        def fault(request: Request) -> Answer | None:
            if not request.path.partition("?")[0].endswith("/_bulk"):
                return None
            answer = orjson.loads(server.pass_on(request, {}).body)
            for item in answer["items"][::2]:
                item["index"] = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "busy"}}
            return Answer(200, orjson.dumps(answer), _JSON)

        return self._break_index(fault, 0.5, 3.0)

    def index_answer_lost(self) -> Begun | None:
        server = self._stack.elasticsearch
        assert server is not None

        def fault(request: Request) -> Answer | None:
            server.pass_on(request, {})
            return Answer(502, b"", {})

        return self._break_index(fault, 0.1, 0.5)

    def _break_index(self, fault: Callable[[Request], Answer | None], shortest: float, longest: float) -> Begun | None:
        server = self._stack.elasticsearch
        if server is None or "index" in self._held:
            return None
        server.fault = fault

        def end() -> None:
            server.fault = None

        return Begun("index", self._random.uniform(shortest, longest), end, "index")

    def _free(self, processes: Sequence[ProductProcess]) -> ProductProcess | None:
        free = [process for process in processes if process.name not in self._held and process.is_at_work]
        return self._random.choice(free) if free else None


def _error(status: int, kind: str) -> bytes:
    return orjson.dumps({"error": {"type": kind, "reason": "broken on purpose"}, "status": status})
