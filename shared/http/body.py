"""Read a request's body within limits, before anything looks at it. Works on bare ASGI and behind FastAPI."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from shared.http.problems import ProblemError

# The rest of an unread body would otherwise be taken for the next request.
_CLOSE: Final = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """`timeout` is for the whole body: whoever sends it in drops is cut off."""

    max_bytes: int
    timeout: timedelta


async def read_body(headers: Iterable[tuple[bytes, bytes]], receive: Receive, limits: BodyLimits) -> bytes:
    """The whole body, as it was sent.

    `headers` and `receive` are those of the ASGI scope. A body that says that it is too large is refused unread;
    one that turns out to be too large is refused at the limit.

    Raises:
        ProblemError: 413 too large, 415 compressed, 408 too slow.
        ClientDisconnect: nobody is there to be answered.
    """
    for name, value in headers:
        if name == b"content-length":
            _refuse_length(value, limits.max_bytes)
        elif name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise _compressed()
    try:
        async with asyncio.timeout(limits.timeout.total_seconds()):
            message = await receive()
            body = _body_of(message)
            if not message.get("more_body", False) and len(body) <= limits.max_bytes:
                return body
            return await _read_on(receive, message, limits.max_bytes)
    except TimeoutError:
        seconds = limits.timeout.total_seconds()
        raise ProblemError(
            HTTPStatus.REQUEST_TIMEOUT,
            "body-timeout",
            f"the body did not arrive within {seconds:g} s",
            headers=_CLOSE,
        ) from None


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
