"""Processes under measurement: which core they run on, what they cost, and how to start a plain one."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from tests.support.elasticsearch_server import die_with_parent
from tests.support.valkey import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_START_SECONDS: Final = 120

EVERY_CORE: Final = tuple(sorted(os.sched_getaffinity(0)))
MEASURED_CORE: Final = EVERY_CORE[0]
"""For what is measured."""
OTHER_CORE: Final = EVERY_CORE[-1]
"""For the client and for what both sides need, such as Redis. The same core where there is only one."""


def pin(pid: int, *cores: int) -> None:
    """Keep a process and its children on these cores, all of their threads; what they start later stays there too."""
    for process in family(pid):
        for thread in _numbers(Path(f"/proc/{process}/task")):
            try:
                os.sched_setaffinity(thread, cores)
            except ProcessLookupError:
                continue


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its living children have taken."""
    return sum(_cpu_ticks(process) for process in family(pid)) / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory of a process and its children; pages that they share with others count in proportion."""
    total = 0
    for process in family(pid):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024
    return total


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    return [pid, *(found for child in _children(pid) for found in family(child))]


class PythonProcess:
    """A Python module as a process of its own, pinned to a core. Use it as a context manager.

    It is starting when the context is entered, so that several can start at a time; `wait_until_ready` then.
    """

    def __init__(
        self, arguments: Sequence[str], *, core: int, environment: Mapping[str, str] | None = None, ready: str = ""
    ) -> None:
        """`{port}` in arguments and environment: a free one; `ready`: a path that answers 200 there, if it has any."""
        self.port = free_port()
        self._arguments = [argument.replace("{port}", str(self.port)) for argument in arguments]
        self._core = core
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            **{name: value.replace("{port}", str(self.port)) for name, value in (environment or {}).items()},
        }
        self._ready = ready
        self._log = tempfile.NamedTemporaryFile(prefix="khobor-bench-", suffix=".log")  # noqa: SIM115 - open until exit
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*die_with_parent(), sys.executable, "-m", *self._arguments],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            for process in family(self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def wait_until_ready(self) -> Self:
        """Also keeps on the core what it has started meanwhile."""
        deadline = time.monotonic() + _START_SECONDS
        while self._ready and not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(self._arguments)} did not start:\n{self.log[-2000:]}")
            time.sleep(0.05)
        pin(self.pid, self._core)
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def signal_all(self, number: signal.Signals) -> None:
        """To the process and its children."""
        for process in family(self.pid):
            os.kill(process, number)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{self._ready}", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _children(pid: int) -> Iterator[int]:
    for thread in _numbers(Path(f"/proc/{pid}/task")):
        try:
            yield from map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        except OSError:
            continue


def _cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _numbers(folder: Path) -> list[int]:
    try:
        return [int(entry.name) for entry in folder.iterdir()]
    except OSError:
        return []
