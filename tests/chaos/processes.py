"""One process of the product that can be killed, stopped, frozen and put to another time."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.chaos.shifted_clock import ShiftedClock

ROOT: Final = Path(__file__).parents[2]
# Far beyond what a clean stop may take; what is reported is how long it took.
_LONGEST_STOP: Final = 60.0


class ProductProcess:
    """`python -m <command>`; its output goes to `log`, where `up_when_it_says` something it has come up."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        up_when_it_says: str,
        log: Path,
        clock: ShiftedClock | None,
    ) -> None:
        self.name = name
        self.clock = clock
        self._command = [sys.executable, "-m", *command]
        self._environment = {**os.environ, **environment, **(clock.environment if clock else {})}
        self._up_when_it_says = up_when_it_says
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        # Whether somebody ended it: what ends by itself is a finding.
        self.was_ended = False
        self._said_before = 0

    def start(self) -> None:
        """Start, or start again; does not wait until it is ready."""
        with self._lock, self._log.open("ab") as log:
            self.was_ended = False
            self._said_before = log.tell()
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL; nothing of it runs any more when this returns."""
        with self._lock:
            self.was_ended = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def terminate(self) -> None:
        """SIGTERM; `wait_for_stop` tells how long it took."""
        assert self._process is not None
        self.was_ended = True
        self._stop = _Stop(self._process)

    def wait_for_stop(self) -> tuple[int, float]:
        """Its exit code, and the seconds from SIGTERM to its end."""
        return self._stop.result()

    def freeze(self) -> None:
        """SIGSTOP, as when the machine swaps or a hypervisor pauses it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def log_tail(self, characters: int = 3_000) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-characters:] if self._log.exists() else ""

    @property
    def is_at_work(self) -> bool:
        """Whether it has come up since its last start."""
        return self.is_running and self.has_said(self._up_when_it_says)

    def has_said(self, text: str) -> bool:
        """Whether it is in the log since the last start."""
        return self.said_after(text) is not None

    def said_after(self, text: str) -> str | None:
        """What follows it in its message, the last time since the last start; None when it was not said."""
        said = self._log.read_bytes()[self._said_before :].decode(errors="replace")
        _, found, after = said.rpartition(text)
        # Logs are lines of JSON.
        return after.partition("\n")[0].partition('", "')[0] if found else None

    def _signal(self, signal_number: signal.Signals) -> None:
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal_number)


class _Stop:
    """A stop under way; a thread sees when it is over."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._started = time.monotonic()
        self._seconds = 0.0
        process.terminate()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def result(self) -> tuple[int, float]:
        self._thread.join()
        return self._process.returncode, self._seconds

    def _wait(self) -> None:
        try:
            self._process.wait(_LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._seconds = time.monotonic() - self._started
