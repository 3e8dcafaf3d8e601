"""A master with a replica, and three sentinels that agree when the master is dead, all on loopback."""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, cast

import redis

from tests.support.local_stack import eventually
from tests.support.opened import Opened
from tests.support.valkey import ValkeyServer, free_port, server_binary

MASTER_NAME: Final = "khobor"
_SENTINELS: Final = 3
_START_SECONDS: Final = 60


class SentinelGroup(Opened):
    """Use it as a context manager. `kill` kills the master; `start` waits until the replica has taken over."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._master = ValkeyServer()
        self._replica = ValkeyServer("--replicaof", f"127.0.0.1 {self._master.port}")
        self._ports = [free_port() for _ in range(_SENTINELS)]

    def open(self) -> None:
        self._stack.enter_context(self._master)
        self._stack.enter_context(self._replica)
        for port in self._ports:
            self._stack.callback(_end, self._start_sentinel(port))
        eventually(
            lambda: [self._known(port) for port in self._ports],
            lambda known: known == [(1, _SENTINELS - 1)] * _SENTINELS,
            seconds=_START_SECONDS,
        )

    def close(self) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """As an operator writes it: every sentinel, the database, and the master's name."""
        return ";".join(f"sentinel://127.0.0.1:{port}/1" for port in self._ports) + f"?master_name={MASTER_NAME}"

    def kill(self) -> None:
        self._master.kill()

    def start(self) -> None:
        eventually(self._role_of_replica, lambda role: role == "master", seconds=_START_SECONDS)

    def _start_sentinel(self, port: int) -> subprocess.Popen[bytes]:
        folder = Path(tempfile.mkdtemp(prefix="khobor-sentinel-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        settings = folder / "sentinel.conf"
        settings.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {folder}\nlogfile {os.devnull}\n"
            f"sentinel monitor {MASTER_NAME} 127.0.0.1 {self._master.port} 2\n"
            f"sentinel down-after-milliseconds {MASTER_NAME} 1000\nsentinel failover-timeout {MASTER_NAME} 5000\n"
        )
        return subprocess.Popen([server_binary(), str(settings), "--sentinel"], stdout=subprocess.DEVNULL)

    def _known(self, port: int) -> tuple[int, int] | None:
        """How many replicas and other sentinels a sentinel has found."""
        with redis.Redis(port=port, decode_responses=True) as client:
            try:
                master = cast("dict[str, Any]", client.sentinel_master(MASTER_NAME))
            except redis.RedisError:
                return None
        return master["num-slaves"], master["num-other-sentinels"]

    def _role_of_replica(self) -> str | None:
        with self._replica.client() as client:
            try:
                return str(cast("dict[str, Any]", client.info("replication"))["role"])
            except redis.ConnectionError:
                # A server that is given another role sends its clients away.
                return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=10)
