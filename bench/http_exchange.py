"""One HTTP/1.1 request after the other over one connection, with as little of a client as possible."""

import re
import socket
from types import TracebackType
from typing import Final, Self

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TIMEOUT: Final = 60.0


class HttpExchange:
    """Use it as a context manager."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __enter__(self) -> Self:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._socket.close()

    def __call__(self, request: bytes) -> bytes:
        """The body of the answer.

        Raises:
            RuntimeError: when it is not 2xx.
        """
        self._socket.sendall(request)
        received = self._socket.recv(65_536)
        while (head := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        if not received.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(received.decode(errors="replace"))
        body = received[head + 4 :]
        if (length := _LENGTH.search(received, 0, head)) is None:
            return self._chunks(body)
        parts, missing = [body], int(length[1]) - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return b"".join(parts)

    def _chunks(self, received: bytes) -> bytes:
        """The answer says the length of each of its parts; the last one is empty."""
        body, position = b"", 0
        while True:
            while (line_end := received.find(b"\r\n", position)) < 0:
                received += self._receive()
            size = int(received[position:line_end], 16)
            position = line_end + 2
            while len(received) < position + size + 2:
                received += self._receive()
            if not size:
                return body
            body += received[position : position + size]
            position += size + 2

    def _receive(self) -> bytes:
        if not (data := self._socket.recv(65_536)):
            raise RuntimeError("the server closed the connection")
        return data


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
