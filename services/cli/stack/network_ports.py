"""Which TCP ports the local stack listens on."""

import os
import socket
from collections.abc import Mapping
from typing import Final

# setting -> the port that is tried first
PREFERRED: Final[Mapping[str, int]] = {
    "KHOBOR_API_PORT": 8000,
    "KHOBOR_INGEST_PORT": 8001,
    "KHOBOR_WORKER_METRICS_PORT": 8002,
    "KHOBOR_FLOWER_PORT": 5555,
    "KHOBOR_VALKEY_PORT": 6379,
}


class PortTakenError(Exception):
    """A port that was asked for by name is in use."""


def choose_ports(remembered: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """A free port for each listener.

    A port set in the environment is taken as it is; the one of the last time, or the preferred one, is taken
    when it is free; else the system gives another.

    Raises:
        PortTakenError: when a port from the environment is in use.
    """
    chosen: dict[str, int] = {}
    for name, preferred in PREFERRED.items():
        if name in environment:
            port = _explicit(name, environment[name])
        else:
            wanted = int(remembered.get(name, preferred))
            port = wanted if wanted not in chosen.values() and _is_free(wanted) else _any_free(chosen)
        chosen[name] = port
    return chosen


def _explicit(name: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65_535:
        raise PortTakenError(f"{name}={value} is not a port (1-65535)")
    if not _is_free(int(value)):
        raise PortTakenError(
            f"port {value} is in use by another program: stop it, or set {name} to another port, or leave it unset"
        )
    return int(value)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free(chosen: Mapping[str, int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in chosen.values():
            return port
