"""An HTTP proxy that answers some requests itself: the faults that a healthy server does not show on demand."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`wait` seconds pass before it is given."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0


Fault = Callable[[Request], Answer | None]
"""What to answer in the server's place; None lets the request through."""


class HangUpError(Exception):
    """A fault raises it to end the connection without an answer, as a server that dies does."""


class HttpFaultProxy:
    """Listens on a port of loopback, a free one unless told which. Assign `fault` to break things, None to stop."""

    def __init__(self, server_url: str, *, port: int = 0) -> None:
        self._server = urlsplit(server_url).netloc
        self.fault: Fault | None = None
        # Set at the end, so that no answer is waited for any longer.
        self.closed = threading.Event()
        self._listener = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._listener.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closed.set()
        self._listener.shutdown()
        self._listener.server_close()

    def answer(self, request: Request, headers: dict[str, str]) -> Answer:
        planned = self.fault(request) if self.fault else None
        if planned is not None:
            self.closed.wait(planned.wait)
            return planned
        return self.pass_on(request, headers)

    def pass_on(self, request: Request, headers: dict[str, str]) -> Answer:
        """What the server answers."""
        connection = http.client.HTTPConnection(self._server, timeout=60)
        try:
            connection.request(request.method, request.path, request.body, headers)
            reply = connection.getresponse()
            kept = {name: value for name, value in reply.getheaders() if name.lower() in _PASSED_ON}
            return Answer(reply.status, reply.read(), kept)
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    self.raw_requestline = self.rfile.readline(65537)
                except OSError:
                    self.raw_requestline = b""
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                passed = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                try:
                    answer = proxy.answer(Request(self.command, self.path, body), passed)
                except (HangUpError, OSError, http.client.HTTPException):
                    # Also when the server itself is gone.
                    self.close_connection = True
                    return
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(b"" if self.command == "HEAD" else answer.body)
                except OSError:
                    # The client has stopped waiting.
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Silence."""

        return Handler


_PASSED_ON = frozenset({"content-type", "x-elastic-product", "warning"})
