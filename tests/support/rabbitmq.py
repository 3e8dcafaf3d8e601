"""A private RabbitMQ for tests, of the program that the system's package `rabbitmq-server` installs."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.support.opened import Opened
from tests.support.valkey import free_port

# 12 s on two busy cores.
_START_SECONDS: Final = 120
_PROGRAMS: Final = "/usr/lib/rabbitmq/lib"


class CannotRunRabbitmqError(Exception):
    """It is not installed, or does not start; the message says what to do."""


class RabbitmqServer(Opened):
    """One node on free ports of loopback with a folder and an Erlang port mapper of its own.

    Use it as a context manager. `kill` is SIGKILL; queues that are quorum queues are there after the next `start`.
    """

    def __init__(self) -> None:
        self._program = _find_program()
        self._folder = Path(tempfile.mkdtemp(prefix="khobor-rabbitmq-"))
        self._port, self._mapper_port, distribution_port = free_port(), free_port(), free_port()
        self._environment = {
            **os.environ,
            # Its cookie lies in the home folder.
            "HOME": str(self._folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": "khobor@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self._mapper: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        self._mapper = subprocess.Popen(["epmd", "-port", str(self._mapper_port), "-address", "127.0.0.1"])
        self.start()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def start(self) -> None:
        """Start, or start again with the data of before; returns when it takes connections.

        Raises:
            CannotRunRabbitmqError: with the end of its output.
        """
        output = self._folder / "output"
        with output.open("wb") as file:
            self._node = subprocess.Popen(
                [self._program], env=self._environment, stdout=file, stderr=file, start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._node.poll() is not None or time.monotonic() > deadline:
                raise CannotRunRabbitmqError(f"RabbitMQ does not start: {output.read_text(errors='replace')[-2_000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it, its virtual machine included, without a chance to tidy up."""
        if self._node is not None:
            os.killpg(self._node.pid, signal.SIGKILL)
            self._node.wait(timeout=10)
            self._node = None

    def close(self) -> None:
        """Kill it and remove its data."""
        self.kill()
        if self._mapper is not None:
            self._mapper.terminate()
            self._mapper.wait(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(2)
            try:
                probe.connect(("127.0.0.1", self._port))
                # To a greeting of no protocol it answers with the one that it speaks.
                probe.sendall(b"AMQP\x00\x00\x00\x00")
                return probe.recv(4) == b"AMQP"
            except OSError:
                return False


def _find_program() -> str:
    """The program itself: the one on the PATH changes to a user who may not read the test's folder."""
    found = sorted(Path(_PROGRAMS).glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not found or shutil.which("epmd") is None:
        raise CannotRunRabbitmqError("install RabbitMQ: the package rabbitmq-server of Debian or Ubuntu")
    return str(found[-1])
