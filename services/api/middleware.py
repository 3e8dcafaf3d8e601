"""Headers that keep a browser from harm, compressed pages, and answers to HEAD: plain ASGI middlewares."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def security_headers(beacon_url: str | None) -> dict[str, str]:
    """For every answer. Pages use their own styles and scripts only; pictures may come from the publishers."""
    connect = "'self'"
    if beacon_url is not None:
        origin = urlsplit(beacon_url)
        connect += f" {origin.scheme}://{origin.netloc}"
    policy = {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' https: http:",
        "connect-src": connect,
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        # Publishers see that a reader came from here, not what was searched for.
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class AddHeaders:
    """Add headers to every answer that does not have them."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class CompressPages:
    """Compress pages, styles and scripts.

    The API's answers are small and mostly asked for by servers nearby; compressing one takes as long as a search.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressing = GZipMiddleware(app, minimum_size=1_500, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] != "http" or scope["path"].startswith("/v1/")
        await (self._plain if plain else self._compressing)(scope, receive, send)


_DISCONNECT: Final = {"type": "http.disconnect"}


class AnswerHead:
    """HEAD is GET without the body (RFC 9110, 9.3.2); FastAPI's routes answer GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = False

        async def send_head(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def receive_end() -> Message:
            # An endless answer, such as a live list, ends when its client is gone.
            return _DISCONNECT if answered else await receive()

        # A copy: the server needs its own scope to say HEAD, or it waits for the body that was announced.
        as_get = {**scope, "method": "GET"}
        try:
            await self._app(as_get, receive_end, send_head)
        finally:
            if "route" in as_get:
                scope["route"] = as_get["route"]
