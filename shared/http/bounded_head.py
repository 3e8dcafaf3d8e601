"""uvicorn's protocol for clients that cannot be trusted to send a request's head soon, nor a small one.

uvicorn waits for a head without an end and keeps all of it; bodies have their limits in `shared.http.body`.
"""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared.http.problems import MEDIA_TYPE, ProblemError

HEAD_TIMEOUT: Final = timedelta(seconds=10)
# Cookies and signed addresses have some kilobytes; other servers draw the line between 8 and 64 KiB.
MAX_HEAD_BYTES: Final = 65_536


class BoundedHeadProtocol(HttpToolsProtocol):
    """Cuts a connection off on which no whole head arrives in time.

    A head mostly comes in one piece, so it is looked at after each piece, and only an unfinished one gets a timer.
    """

    def __init__(self, *arguments: Any, head_timeout: timedelta = HEAD_TIMEOUT, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_timeout = head_timeout.total_seconds()
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(self._head_timeout, self._cut_off)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # None before the first request, whatever its type says.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if not self._in_head and cycle is not None and not cycle.response_complete:
            # A request is under way.
            self._head_bytes = 0
            if self._head_timer is not None:
                self._stop_timer()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-large",
                f"the head of the request is larger than the limit of {MAX_HEAD_BYTES:,} bytes",
            )
        elif self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(self._head_timeout, self._cut_off)

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "not-http", msg)

    def _cut_off(self) -> None:
        self._head_timer = None
        if self._head_bytes:
            seconds = f"{self._head_timeout:g}"
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT,
                "head-timeout",
                f"the head of the request did not arrive within {seconds} s",
            )
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: HTTPStatus, slug: str, detail: str) -> None:
        """Answer without a request, and hang up."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        body = ProblemError(status, slug, detail).problem.model_dump_json().encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
