"""Each fault by itself, under load, against running processes: what was accepted is applied once."""

import time
from collections.abc import Iterator
from random import Random
from typing import Final

import pytest

from tests.chaos.audit import audit, wait_until_quiet
from tests.chaos.faults import Faults
from tests.chaos.publishers import Publishers
from tests.chaos.round import Sending, wait_until_ready
from tests.chaos.stack import ChaosStack
from tests.chaos.truth import Truth

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(600)]

# Those that no test of a single part shows; tests/chaos/README.md says where the others are.
FAULTS: Final = (
    "worker frozen beyond its lease",
    "ingest stopped by SIGTERM",
    "beat killed",
    "Valkey's disk full",
    "Valkey out of memory",
    "broker emptied",
    "tickets lost",
    "tickets doubled",
    "tickets late",
    "worker-killing entry",
    "index refuses some with 429",
    "index's answer lost",
)
_QUIET_SECONDS: Final = 300


class Scene:
    """A stack that stays for all tests of this file, and what it has accepted so far."""

    def __init__(self, stack: ChaosStack) -> None:
        self.stack = stack
        self.truth = Truth()
        self.faults = Faults(stack, self.truth, Random(3), held=set())

    def go_through(self, name: str) -> None:
        """Load, the fault, more load; then everything must be there once."""
        [begin] = [begin for known, begin, _ in self.faults.weighted() if known == name]
        wait_until_ready(self.stack)
        sending = Sending(Publishers(self.stack, self.truth, Random(4), refusable=True))
        try:
            time.sleep(0.5)
            begun = begin()
            assert begun is not None, "it could not begin"
            self._wait(begun.seconds + 0.5)
            while begun.end is not None and begun.end() is False:
                time.sleep(0.05)
            self._wait(0.5)
        finally:
            sending.finish(meanwhile=self._restart_the_dead)
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        quiet = wait_until_quiet(self.stack, self.truth, seconds=_QUIET_SECONDS, meanwhile=self._restart_the_dead)
        assert quiet, "something still waits"
        assert audit(self.stack, self.truth).differences == []

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.05)

    def _restart_the_dead(self) -> None:
        for process in self.stack.processes:
            if not process.is_running:
                process.start()


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with ChaosStack(engine="elasticsearch") as stack:
        stack.start()
        wait_until_ready(stack)
        yield Scene(stack)


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_and_nothing_counted_twice(scene: Scene, name: str) -> None:
    scene.go_through(name)
