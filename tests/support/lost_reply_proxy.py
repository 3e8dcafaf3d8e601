"""A proxy in front of a server that loses a reply: the command is carried out, and nobody learns of it."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Watcher = Callable[[bytes], bool]
"""Is told of each match in what the client sends; True keeps it from the server and cuts the connection."""


class LostReplyProxy:
    """Listens on a free port of loopback and passes everything on to `server_port`.

    After `lose_reply_to(marker)` the next command that contains the marker goes through, and the connection is cut
    when its reply comes. A server that is away looks as it does without the proxy: connections are closed.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._marker: bytes | None = None
        self._then: Callable[[], object] | None = None
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost = 0
        self._watched: tuple[re.Pattern[bytes], int, Watcher] | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            open_sockets = [self._listener, *self._sockets]
        for open_socket in open_sockets:
            _close(open_socket)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def lose_reply_to(self, marker: bytes, *, then: Callable[[], object] | None = None) -> None:
        """`then` is called when the reply has come, before the client can notice that it will not get it."""
        with self._lock:
            self._marker, self._then = marker, then

    def lose_nothing(self) -> bool:
        """Forget what `lose_reply_to` asked for; False when there was nothing left to forget."""
        with self._lock:
            waiting, self._marker, self._then = self._marker is not None, None, None
        return waiting

    def watch(self, pattern: re.Pattern[bytes], length: int, watcher: Watcher) -> None:
        """Tell `watcher` of each match of `pattern`, which matches exactly `length` bytes, in what clients send."""
        self._watched = (pattern, length, watcher)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
                except OSError:
                    _close(client)
                    continue
                server.settimeout(None)
                with self._lock:
                    self._sockets |= {client, server}
                connection = _Connection(client, server)
                threading.Thread(target=self._requests, args=(connection,), daemon=True).start()
                threading.Thread(target=self._replies, args=(connection,), daemon=True).start()

    def _requests(self, connection: "_Connection") -> None:
        with contextlib.suppress(OSError):
            while data := connection.client.recv(1 << 20):
                if self._is_kept_back(connection, data):
                    break
                with self._lock:
                    if self._marker is not None and self._marker in data:
                        connection.then, self._marker, self._then = self._then, None, None
                        connection.cut.set()
                connection.server.sendall(data)
        self._end(connection)

    def _replies(self, connection: "_Connection") -> None:
        with contextlib.suppress(OSError):
            while data := connection.server.recv(1 << 20):
                if connection.cut.is_set():
                    self.lost += 1
                    if connection.then is not None:
                        connection.then()
                    break
                connection.client.sendall(data)
        self._end(connection)

    def _is_kept_back(self, connection: "_Connection", data: bytes) -> bool:
        if self._watched is None:
            return False
        pattern, length, watcher = self._watched
        # A match may begin in one piece and end in the next; none fits into what is kept.
        text = connection.tail + data
        connection.tail = text[-(length - 1) :]
        return any(watcher(match.group()) for match in pattern.finditer(text))

    def _end(self, connection: "_Connection") -> None:
        with self._lock:
            self._sockets -= {connection.client, connection.server}
        _close(connection.client)
        _close(connection.server)


class _Connection:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.cut = threading.Event()
        self.tail = b""
        self.then: Callable[[], object] | None = None


def _close(open_socket: socket.socket) -> None:
    with contextlib.suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
    open_socket.close()
