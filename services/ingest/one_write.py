"""Send an answer's head and body with one system call.

uvicorn hands them to the socket one after the other, and each is a system call, a packet and a wake-up of the client.
Together they take a fifth less of the time of a small request (86 against 67 µs, a route that does nothing).
"""

import asyncio
from typing import Any, cast

from shared.http.bounded_head import BoundedHeadProtocol


class OneWriteProtocol(BoundedHeadProtocol):
    """The protocol on a transport that gathers what is written in one step of the event loop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", GatheringTransport(transport, self.loop)))


class GatheringTransport:
    """Everything but writing is the transport's own business."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not data:
            return
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
