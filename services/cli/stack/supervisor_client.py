"""Talks to the supervisor of the local stack over its Unix socket."""

import http.client
import os
import xmlrpc.client
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport


class ProcessState(StrEnum):
    """Supervisor's names for the states of a process."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    BACKOFF = "BACKOFF"
    STOPPING = "STOPPING"
    EXITED = "EXITED"
    FATAL = "FATAL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    name: str
    state: ProcessState
    pid: int
    description: str


class SupervisorClient:
    """One supervisor, found by its pid file and socket."""

    def __init__(self, *, socket: Path, pid_file: Path) -> None:
        self._socket = socket
        self._pid_file = pid_file

    def pid(self) -> int | None:
        """The pid of the running supervisor; None when it is not running."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        # A pid file outlives a power cut, and its number may be another program's by now.
        return pid if self._answers() else None

    def statuses(self) -> list[ProcessStatus]:
        return [
            ProcessStatus(info["name"], ProcessState(info["statename"]), int(info["pid"]), str(info["description"]))
            for info in self._call("getAllProcessInfo")
        ]

    def start(self, name: str) -> None:
        """Start a program that is not running; readiness is the caller's business."""
        self._call("startProcess", name, False)

    def shut_down(self) -> None:
        self._call("shutdown")

    def _answers(self) -> bool:
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False
        return True

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        # The host is not used on a Unix socket, but the client wants a URL.
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()
