"""A closed loop of HTTP/1.1 requests over raw sockets: what a door is loaded with.

About 15 µs of one core for each request, so a door on another core is busy long before this is. Every request is made
anew, because a repeated event would be absorbed as a duplicate. `LoadResult.client_cpu` tells how busy the client was.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

import uvloop

from bench.figures import percentile

MakeRequest = Callable[[int], bytes]
"""The request with this number, counted from 0 over all connections."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_DRAIN_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`requests` that were answered with 2xx within `seconds`, with the `latencies` in seconds, ascending.

    `sent` are all of them, before and after those seconds too.
    """

    requests: int
    sent: int
    seconds: float
    latencies: list[float]
    client_cpu: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def latency(self, share: float) -> float:
        return percentile(self.latencies, share)


def post(path: str, headers: Mapping[str, str], body: str, *, method: str = "POST") -> MakeRequest:
    """A request; each `%012d` in the body and in the path is replaced by the number of the request."""
    length = len((body % ((0,) * body.count("%012d"))).encode())
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).replace("%", "%%")
    text = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    template, places = text.encode(), text.count("%012d")
    return lambda number: template % ((number,) * places)


def run_load(
    port: int, make_request: MakeRequest, *, connections: int, seconds: float, warm_up: float = 0.5, first: int = 0
) -> LoadResult:
    """Load the door on `port` of loopback; requests are numbered from `first`.

    Raises:
        RuntimeError: an answer is not 2xx, or a connection is lost.
    """
    return uvloop.run(_Load(port, make_request, first).run(connections, seconds, warm_up))


class _Load:
    def __init__(self, port: int, make_request: MakeRequest, first: int) -> None:
        self._port = port
        self._make_request = make_request
        self._first = self._next = first
        self._ending: asyncio.Future[None]
        self.is_measuring = False
        self.is_over = False
        self.latencies: list[float] = []
        self.open = 0

    async def run(self, connections: int, seconds: float, warm_up: float) -> LoadResult:
        loop = asyncio.get_running_loop()
        self._ending = loop.create_future()
        self.open = connections
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        await self._let_run(warm_up)
        started, cpu = time.perf_counter(), time.process_time()
        self.is_measuring = True
        await self._let_run(seconds)
        while not self.latencies:
            # A rate of nothing cannot be compared.
            await self._let_run(seconds)
        self.is_measuring = False
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
        self.is_over = True
        await asyncio.wait_for(self._ending, _DRAIN_SECONDS)
        return LoadResult(len(self.latencies), self._next - self._first, elapsed, sorted(self.latencies), cpu / elapsed)

    def next_request(self) -> bytes:
        self._next += 1
        return self._make_request(self._next - 1)

    def closed(self) -> None:
        self.open -= 1
        if not self.open and not self._ending.done():
            self._ending.set_result(None)

    def fail(self, reason: str) -> None:
        if not self._ending.done():
            self._ending.set_exception(RuntimeError(reason))

    async def _let_run(self, seconds: float) -> None:
        await asyncio.wait([self._ending], timeout=seconds)
        if self._ending.done():
            self._ending.result()


class _Connection(asyncio.Protocol):
    """One request at a time; the next goes out with the answer to the last."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._received, 0, head)
        if length is None or not self._received.startswith(b"HTTP/1.1 2"):
            self._load.fail(self._received.decode(errors="replace"))
            self._transport.abort()
            return
        if len(self._received) < head + 4 + int(length[1]):
            return
        self._received = b""
        if self._load.is_measuring:
            self._load.latencies.append(time.perf_counter() - self._sent_at)
        if self._load.is_over:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._load.is_over:
            self._load.fail(f"the door closed a connection: {exc}")
        self._load.closed()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._load.next_request())
