"""`make chaos SECONDS=3600 SEED=1`: break everything at random for so long, and say what was lost."""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from tests.chaos.brokers import RABBITMQ, Broker, open_broker
from tests.chaos.report import failure_of, line_of, markdown_of
from tests.chaos.round import RoundReport, RoundSettings, run_round

ENGINES: Final = ("elasticsearch", "embedded")
# Not worth the start of all processes.
_SHORTEST_ROUND: Final = 30.0
# Between two of these, in a document, stands what the last reported run measured.
_MARKER: Final = "<!-- measured -->"


def main() -> int:
    arguments = _parser().parse_args()
    # So that whoever ends the run ends what it started as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Tickets that this process sends to a broker that is away are no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    started = time.monotonic()
    reports: list[RoundReport] = []
    with open_broker(arguments.broker) as broker:
        for settings in _rounds(arguments, started, broker):
            report = run_round(settings)
            reports.append(report)
            _say(line_of(report))
            if report.findings.differences:
                _say(failure_of(report))
    took = timedelta(seconds=time.monotonic() - started)
    command = f"make chaos SECONDS={arguments.seconds} SEED={arguments.seed}"
    if arguments.broker == RABBITMQ:
        command += f" BROKER={RABBITMQ}"
    numbers = markdown_of(reports, took=took, command=command)
    _say(numbers)
    if arguments.report is not None:
        _write(arguments.report, numbers)
    return int(any(report.findings.differences for report in reports))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _rounds(arguments: argparse.Namespace, started: float, broker: Broker | None) -> Iterator[RoundSettings]:
    """A fresh seed for each, until the time is over; both engines in turn unless one is asked for."""
    number = 0
    left = float(arguments.seconds)
    while number == 0 or left > _SHORTEST_ROUND:
        yield RoundSettings(
            seed=arguments.seed + number,
            seconds=min(left, arguments.round),
            engine=arguments.engine or ENGINES[number % len(ENGINES)],
            broker=broker,
        )
        number += 1
        left = arguments.seconds - (time.monotonic() - started)


def _write(file: Path, numbers: str) -> None:
    before, _old, after = file.read_text(encoding="utf-8").split(_MARKER)
    file.write_text(f"{before}{_MARKER}\n\n{numbers}\n{_MARKER}{after}", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=int, default=180, help="how long, in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; each further one has the next")
    parser.add_argument("--round", type=int, default=300, help="seconds of faults in one round")
    parser.add_argument("--engine", choices=ENGINES, help="default: both in turn")
    parser.add_argument("--broker", help="a URL, or `rabbitmq` to start one; default: the journal's server")
    parser.add_argument("--report", type=Path, help="document that the numbers are written into")
    return parser


if __name__ == "__main__":
    sys.exit(main())
