"""One round: start everything, break things at random for a while, mend them, wait until all is quiet, look."""

import asyncio
import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final

from tests.chaos.audit import Findings, audit, wait_until_quiet
from tests.chaos.brokers import Broker
from tests.chaos.faults import Begun, Faults
from tests.chaos.processes import ProductProcess
from tests.chaos.publishers import Publishers
from tests.chaos.stack import ChaosStack
from tests.chaos.standstill import StandstillWatch
from tests.chaos.truth import Truth

_READY_SECONDS: Final = 180
# Lets every worker-killing entry have its deaths, on a machine on which a worker takes long to start.
_QUIET_SECONDS: Final = 600
_TICK: Final = 0.05
# Pause between two faults, in seconds; several go on at the same time.
_PAUSE: Final = (0.1, 1.7)


@dataclass(frozen=True)
class RoundSettings:
    seed: int
    seconds: float
    engine: str
    broker: Broker | None = None


@dataclass
class RoundReport:
    """What happened. `differences` is empty when nothing was lost and nothing was counted twice."""

    settings: RoundSettings
    faults: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    refused_requests: Counter[str] = field(default_factory=Counter)
    repeated_events: int = 0
    stops: list[tuple[str, int, float]] = field(default_factory=list)
    gave_up: Counter[str] = field(default_factory=Counter)
    longest_standstill: float = 0.0
    quiet_after: float = 0.0
    findings: Findings = field(default_factory=lambda: Findings(["the round did not end"], 0, 0, 0))


def run_round(settings: RoundSettings) -> RoundReport:
    with ChaosStack(engine=settings.engine, broker=settings.broker) as stack:
        return _Round(settings, stack).run()


class _Round:
    def __init__(self, settings: RoundSettings, stack: ChaosStack) -> None:
        self._settings = settings
        self._stack = stack
        self._truth = Truth()
        self._held: set[str] = set()
        self._random = Random(settings.seed)
        self._faults = Faults(stack, self._truth, self._random, self._held)
        self._publishers = Publishers(
            stack, self._truth, Random(settings.seed + 1), refusable=stack.elasticsearch is not None
        )
        self._ends: list[tuple[float, int, Begun]] = []
        self._order = count()
        self._report = RoundReport(settings)
        self._watch = StandstillWatch(stack.valkey, self._note)
        self._started = time.monotonic()

    def run(self) -> RoundReport:
        self._stack.start()
        wait_until_ready(self._stack)
        sending = Sending(self._publishers)
        self._break_things()
        self._mend()
        sending.finish(meanwhile=self._look_after)
        mended = time.monotonic()
        is_quiet = wait_until_quiet(self._stack, self._truth, seconds=_QUIET_SECONDS, meanwhile=self._look_after)
        report = self._report
        report.quiet_after = time.monotonic() - mended
        if not is_quiet:
            self._truth.surprise(f"after {_QUIET_SECONDS} s without faults something still waits")
        report.findings = audit(self._stack, self._truth)
        if report.findings.differences:
            self._stack.keep_files = True
            self._note(f"logs and data are in {self._stack.folder}")
        report.accepted, report.refused_requests = self._truth.accepted, self._truth.refused_requests
        report.repeated_events = self._truth.repeated
        report.stops = self._faults.stops
        report.longest_standstill = self._watch.longest
        return report

    def _break_things(self) -> None:
        until = time.monotonic() + self._settings.seconds
        next_at = time.monotonic() + 1
        while (now := time.monotonic()) < until:
            self._look_after()
            if now >= next_at:
                self._begin_one()
                next_at = now + self._random.uniform(*_PAUSE)
            time.sleep(_TICK)

    def _begin_one(self) -> None:
        """Of the faults that are possible now."""
        faults = list(self._faults.weighted())
        while faults:
            chosen = self._random.choices(faults, [weight for _, _, weight in faults])[0]
            faults.remove(chosen)
            name, begin, _ = chosen
            if (begun := begin()) is not None:
                self._begin(name, begun)
                return

    def _begin(self, name: str, begun: Begun) -> None:
        self._report.faults[name] += 1
        self._note(f"{name}: {begun.what}" + (f" for {begun.seconds:.1f} s" if begun.end else ""))
        if begun.holds is not None:
            self._held.add(begun.holds)
        if begun.end is not None:
            heapq.heappush(self._ends, (time.monotonic() + begun.seconds, next(self._order), begun))

    def _look_after(self) -> None:
        """End what is over, and start again what ended by itself, as supervisor does."""
        while self._ends and self._ends[0][0] <= time.monotonic():
            self._end(heapq.heappop(self._ends)[2])
        for process in self._stack.processes:
            if process.name not in self._held and not process.is_running:
                if not process.was_ended:
                    self._judge_end(process)
                process.start()
        self._watch.look(is_expected="valkey" in self._held)

    def _judge_end(self, process: ProductProcess) -> None:
        """Celery gives up on some of a broker's failures, with code 1; nothing else may end a process."""
        reason = process.said_after("Unrecoverable error: ")
        if process in self._stack.workers and process.exit_code == 1 and reason is not None:
            self._report.gave_up[reason] += 1
            self._note(f"{process.name} gave up on the broker: {reason}")
        else:
            self._truth.surprise(f"{process.name} ended by itself ({process.exit_code}): {process.log_tail()}")

    def _end(self, begun: Begun) -> None:
        assert begun.end is not None
        if begun.end() is False:
            heapq.heappush(self._ends, (time.monotonic() + _TICK, next(self._order), begun))
            return
        if begun.holds is not None:
            self._held.discard(begun.holds)

    def _mend(self) -> None:
        while self._ends:
            self._end(heapq.heappop(self._ends)[2])
            time.sleep(_TICK)
        for clock in (self._stack.valkey_clock, *(process.clock for process in self._stack.processes)):
            if clock is not None:
                clock.shift(0)
        for process in self._stack.processes:
            self._stack.proxy_of(process).lose_nothing()
        self._note("everything is mended")

    def _note(self, text: str) -> None:
        self._report.log.append(f"{time.monotonic() - self._started:7.2f} s  {text}")


class Sending:
    """The publishers in a thread of their own."""

    def __init__(self, publishers: Publishers) -> None:
        self._publishers = publishers
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="publishers")
        self._thread.start()

    def finish(self, *, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Begin nothing new, and wait until all that was begun is accepted. Calls `meanwhile` again and again."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._publishers.stop)
        while self._thread.is_alive():
            meanwhile()
            self._thread.join(0.1)
        self._loop.close()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._publishers.run())
        except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
            self._error = error


def wait_until_ready(stack: ChaosStack) -> None:
    """Return when every process has come up."""
    deadline = time.monotonic() + _READY_SECONDS
    for process in stack.processes:
        while not process.is_at_work:
            assert time.monotonic() < deadline, f"{process.name} does not come up: {process.log_tail()}"
            time.sleep(0.1)
