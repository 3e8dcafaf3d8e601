"""CORS for the fast routes: which pages' scripts may send views and read the answers."""

from collections.abc import Collection, Mapping
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Receive, Scope, Send

from shared.http.observe import REQUEST_ID_HEADER

_DAY_SECONDS: Final = 86_400


class CrossOrigin:
    """Starlette's middleware answers preflights; plain requests get their two headers without its 10 µs."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._any = "*" in allowed_origins
        self._allowed = frozenset(origin.encode() for origin in allowed_origins)
        self.preflight = CORSMiddleware(
            _no_app,
            allow_origins=allowed_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Content-Type",),
            max_age=_DAY_SECONDS,
        )

    @staticmethod
    def is_preflight(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        return scope["method"] == "OPTIONS" and b"access-control-request-method" in headers

    def allowing(self, origin: bytes, send: Send) -> Send:
        """`send`, with the headers that let a page of `origin` read the answer, if it may."""
        headers = [(b"vary", b"Origin")]
        if self._any or origin in self._allowed:
            headers += [
                (b"access-control-allow-origin", b"*" if self._any else origin),
                (b"access-control-expose-headers", REQUEST_ID_HEADER.encode()),
            ]

        async def send_allowing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        return send_allowing


async def _no_app(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise NotImplementedError("only preflights come here")
