"""Read a request's body within limits, before anything looks at it. Works on bare ASGI and behind FastAPI."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from shared.http.problems import ProblemError

# The rest of an unread body would otherwise be taken for the next request.
_CLOSE: Final = {"Connection": "close"}


class BodyReader:
    """Reads bodies of at most `max_bytes`, each within `timeout`: whoever sends it in drops is cut off.

    One sweep looks after all bodies that are being read; a timer for each takes a tenth of a small request's time.
    A body may take up to a quarter longer than `timeout`. Use it from one event loop.
    """

    def __init__(self, *, max_bytes: int, timeout: timedelta) -> None:
        self.max_bytes = max_bytes
        self._timeout = timeout.total_seconds()
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    async def read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The whole body, as it was sent; `headers` by their names in lower case, `receive` as ASGI gives it.

        A body that says that it is too large is refused unread; one that turns out to be is refused at the limit.

        Raises:
            ProblemError: 413 too large, 415 compressed, 408 too slow.
            ClientDisconnect: nobody is there to be answered.
        """
        length = headers.get(b"content-length")
        if length is not None:
            _refuse_length(length, self.max_bytes)
        encoding = headers.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() not in {b"", b"identity"}:
            raise _compressed()
        task = asyncio.current_task()
        assert task is not None, "bodies are read in tasks"
        self._watch(task)
        try:
            return await _read(receive, self.max_bytes)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise self._too_slow() from None
        finally:
            del self._reading[task]
            self._late.discard(task)

    def _watch(self, task: asyncio.Task[Any]) -> None:
        loop = asyncio.get_running_loop()
        self._reading[task] = loop.time() + self._timeout
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._timeout / 4, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, deadline in self._reading.items():
            if deadline < now and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._sweeper = loop.call_later(self._timeout / 4, self._sweep, loop) if self._reading else None

    def _too_slow(self) -> ProblemError:
        return ProblemError(
            HTTPStatus.REQUEST_TIMEOUT,
            "body-timeout",
            f"the body did not arrive within {self._timeout:g} s",
            headers=_CLOSE,
        )


async def _read(receive: Receive, max_bytes: int) -> bytes:
    message = await receive()
    body = _body_of(message)
    if not message.get("more_body", False) and len(body) <= max_bytes:
        return body
    return await _read_on(receive, message, max_bytes)


async def _read_on(receive: Receive, message: Message, max_bytes: int) -> bytes:
    parts = []
    size = 0
    while True:
        part = _body_of(message)
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _body_of(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return bytes(message.get("body", b""))


def _refuse_length(value: bytes, max_bytes: int) -> None:
    if not value.isdigit():
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "content-length", "Content-Length must be a number of bytes", headers=_CLOSE
        )
    # Compared by digits first: int() of a header full of them takes long.
    if len(value) > 18 or int(value) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        f"the body is larger than the limit of {max_bytes:,} bytes",
        headers=_CLOSE,
    )


def _compressed() -> ProblemError:
    return ProblemError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "content-encoding",
        "compressed bodies are not read: send the body as it is, without Content-Encoding",
        headers={**_CLOSE, "Accept-Encoding": "identity"},
    )
