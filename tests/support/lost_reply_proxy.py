"""A proxy in front of a server that loses a reply: the command is carried out, and nobody learns of it."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class LostReplyProxy:
    """Listens on a free port of loopback and passes everything on to `server_port`.

    After `lose_reply_to(marker)` the next command that contains the marker goes through, and the connection is cut
    when its reply comes.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._marker: bytes | None = None
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for open_socket in (self._listener, *self._sockets):
            _close(open_socket)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def lose_reply_to(self, marker: bytes) -> None:
        with self._lock:
            self._marker = marker

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._sockets += [client, server]
                cut = threading.Event()
                threading.Thread(target=self._requests, args=(client, server, cut), daemon=True).start()
                threading.Thread(target=self._replies, args=(server, client, cut), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                with self._lock:
                    if self._marker is not None and self._marker in data:
                        self._marker = None
                        cut.set()
                server.sendall(data)
        _close(server)

    def _replies(self, server: socket.socket, client: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 20):
                if cut.is_set():
                    self.lost += 1
                    break
                client.sendall(data)
        _close(client)
        _close(server)


def _close(open_socket: socket.socket) -> None:
    with contextlib.suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
    open_socket.close()
