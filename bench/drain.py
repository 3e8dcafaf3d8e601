"""`python -m bench.drain`: how fast views are counted, beside one Celery task for each view, in one run.

Both sides have one worker process on one core; Redis has another. Our worker does all that the product does: repeats
of a reader, four windows and the day's list, overall and by category, totals, exactly once. The task does INCR and
ZINCRBY. Each round fills the journal, or the queue, and then times how long the worker takes to empty it.
"""

import argparse
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from bench.figures import Goal, goals_table, load_of_the_machine, median, median_ratio, number, table, write_section
from bench.processes import MEASURED_CORE, OTHER_CORE, PythonProcess, cpu_seconds, pin
from bench.view_backlogs import JournalBacklog, TaskBacklog, ViewBacklog
from tests.support.valkey import ValkeyServer

_LONGEST_ROUND: Final = 300.0
# As the schedule does; a ticket is old after a few seconds, and a worker may take longer to start.
_CALL_AGAIN: Final = 1.0
_VALKEY_OPTIONS: Final = ("--auto-aof-rewrite-percentage", "0")

NAIVE: Final = "usual stack: a Celery task for each view, INCR and ZINCRBY"
LARGE: Final = "Khobor, entries of 500 views"
MIDDLE: Final = "Khobor, entries of 100 views"
SMALL: Final = "Khobor, entries of 16 views"


@dataclass(frozen=True, slots=True)
class Side:
    """A worker that waits for work, and the views that a round gives it."""

    name: str
    views: int
    backlog: ViewBacklog
    worker: PythonProcess
    server: ValkeyServer


@dataclass(slots=True)
class Spent:
    """Of each round, seconds per view: on the clock, and of the processor by the worker and by Redis."""

    clock: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    redis: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.drain", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--views", type=int, default=100_000, help="for our worker in each round; the tasks are fewer")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    load = load_of_the_machine()
    with open_sides(options.views) as sides:
        spent = measure(sides, options.rounds)
    text = f"{load}\n\n{report(spent)}"
    print(text)
    if options.write:
        write_section("drain", text)
    return 0


@contextmanager
def open_sides(views: int) -> Iterator[list[Side]]:
    """Both workers, running."""
    with ExitStack() as stack:
        journal, queue = (stack.enter_context(ValkeyServer(*_VALKEY_OPTIONS)) for _ in range(2))
        for server in (journal, queue):
            pin(server.pid, OTHER_CORE)
        ours = stack.enter_context(
            PythonProcess(
                ["services.indexer", "worker"],
                core=MEASURED_CORE,
                environment={
                    "KHOBOR_REDIS_URL": journal.url,
                    "KHOBOR_WORKER_QUEUES": "views",
                    "KHOBOR_WORKER_METRICS_PORT": "0",
                },
            )
        )
        tasks = stack.enter_context(
            PythonProcess(
                ["celery", "--app", "bench.naive.tasks", "worker", "--concurrency", "1", "--loglevel", "WARNING"],
                core=MEASURED_CORE,
                environment={"NAIVE_BROKER_URL": queue.url, "NAIVE_DATA_URL": queue.url},
            )
        )
        large, middle, small = (stack.enter_context(JournalBacklog(journal, size)) for size in (500, 100, 16))
        large.publish()
        sides = [
            Side(NAIVE, max(views // 50, 20), stack.enter_context(TaskBacklog(queue)), tasks, queue),
            Side(LARGE, views, large, ours, journal),
            Side(MIDDLE, views, middle, ours, journal),
            Side(SMALL, views // 2, small, ours, journal),
        ]
        for side in sides[:2]:
            # Both workers have started when they have done something.
            side.backlog.fill(1)
            _wait_until_empty(side)
            side.worker.wait_until_ready()
        yield sides


def measure(sides: Sequence[Side], rounds: int) -> dict[str, Spent]:
    """Raises RuntimeError when a side has not counted every view exactly once."""
    spent: dict[str, Spent] = defaultdict(Spent)
    for _ in range(rounds):
        for side in sides:
            counted = side.backlog.counted()
            # The worker sees the work when all of it is there.
            side.worker.signal_all(signal.SIGSTOP)
            try:
                side.backlog.fill(side.views)
                side.backlog.call_worker()
            finally:
                started = time.perf_counter()
                worker, server = cpu_seconds(side.worker.pid), cpu_seconds(side.server.pid)
                side.worker.signal_all(signal.SIGCONT)
            _wait_until_empty(side)
            its = spent[side.name]
            its.clock.append((time.perf_counter() - started) / side.views)
            its.worker.append((cpu_seconds(side.worker.pid) - worker) / side.views)
            its.redis.append((cpu_seconds(side.server.pid) - server) / side.views)
            if side.backlog.counted() - counted != side.views:
                raise RuntimeError(f"{side.name}: {side.backlog.counted() - counted} of {side.views} views counted")
            print(f"{side.name}: {1 / its.clock[-1]:,.0f} views/s", file=sys.stderr)
    return spent


def _wait_until_empty(side: Side) -> None:
    started = called = time.monotonic()
    while not side.backlog.is_empty():
        now = time.monotonic()
        if now - called > _CALL_AGAIN:
            side.backlog.call_worker()
            called = now
        if now - started > _LONGEST_ROUND:
            raise RuntimeError(f"{side.name}: not done after {_LONGEST_ROUND:g} s\n{side.worker.log[-2000:]}")
        time.sleep(0.005)


def report(spent: dict[str, Spent]) -> str:
    naive = spent[NAIVE]
    goals = [
        Goal(
            f"views counted, {name.partition(', ')[2]}, times a task for each",
            median_ratio(naive.clock, spent[name].clock),
            40,
        )
        for name in (LARGE, MIDDLE, SMALL)
    ]
    rows = [
        (
            name,
            number(median_ratio(naive.clock, its.clock)),
            number(median_ratio(naive.worker, its.worker)),
            number(median_ratio(naive.redis, its.redis)),
            number(median(its.worker) * 1e6),
            number(median(its.redis) * 1e6),
            number(1 / median(its.clock)),
        )
        for name, its in spent.items()
    ]
    head = ("worker", "× usual", "× worker CPU", "× Redis CPU", "worker µs/view", "Redis µs/view", "views/s")
    return f"{goals_table(goals)}\n\n{table(head, rows)}"


if __name__ == "__main__":
    sys.exit(main())
