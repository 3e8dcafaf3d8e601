"""Waits until every part of the local stack says that it can work."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from services.cli.stack.supervisor_client import ProcessState, SupervisorClient
from shared.heartbeat import heartbeat_age

# The worker touches its heartbeat every 5 s; three missed ones mean that it hangs.
HEARTBEAT_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.2

Probe = Callable[[], bool]


class NotReadyError(Exception):
    """A part of the stack did not come up; `program` says which, when one is to blame."""

    def __init__(self, message: str, program: str | None = None) -> None:
        super().__init__(message)
        self.program = program


def http_probe(url: str) -> Probe:
    """True when the URL answers with 200."""
    import httpx

    # One client for all tries: each new one reads the system's certificates, 30 ms of CPU that starters need.
    client = httpx.Client(timeout=2.0)

    def answers() -> bool:
        try:
            return client.get(url).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return answers


def heartbeat_probe(file: Path) -> Probe:
    def beats() -> bool:
        age = heartbeat_age(file)
        return age is not None and age < HEARTBEAT_SECONDS

    return beats


def wait_until_ready(supervisor: SupervisorClient, probes: Mapping[str, Probe], *, seconds: float) -> Iterator[str]:
    """Yield the name of each program when it is ready, in the order in which they come up.

    Raises:
        NotReadyError: when a program gives up, or the time is over.
    """
    waiting = dict(probes)
    deadline = time.monotonic() + seconds
    while waiting:
        states = {status.name: status for status in supervisor.statuses()}
        for name in list(waiting):
            status = states[name]
            if status.state is ProcessState.FATAL:
                raise NotReadyError(f"{name} does not start: {status.description}", name)
            if status.state is ProcessState.RUNNING and waiting[name]():
                del waiting[name]
                yield name
        if waiting and time.monotonic() > deadline:
            names = ", ".join(waiting)
            raise NotReadyError(f"not ready after {seconds:g} s: {names}", next(iter(waiting)))
        time.sleep(_PAUSE_SECONDS)
