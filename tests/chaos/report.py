"""What a run tells: on the screen when something is wrong, in the documentation when it is measured."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

from tests.chaos.round import RoundReport

_MOST_DIFFERENCES: Final = 40


def failure_of(report: RoundReport) -> str:
    """All that is needed to look for the cause: seed, log of faults, what differs, how to repeat it."""
    differences = report.findings.differences
    shown = "\n".join(f"  {difference}" for difference in differences[:_MOST_DIFFERENCES])
    more = f"\n  … and {len(differences) - _MOST_DIFFERENCES} more" if len(differences) > _MOST_DIFFERENCES else ""
    log = "\n".join(f"  {line}" for line in report.log)
    settings = report.settings
    broker = f" BROKER={settings.broker.name}" if settings.broker else ""
    return (
        f"round with seed {settings.seed} on the {settings.engine} index: "
        f"{report.findings.lost} lost, {report.findings.double} counted twice\n"
        f"faults:\n{log}\n"
        f"what differs:\n{shown}{more}\n"
        f"again: make chaos SECONDS={settings.seconds:.0f} SEED={settings.seed} ENGINE={settings.engine}{broker}"
    )


def line_of(report: RoundReport) -> str:
    """One round in one line."""
    accepted = sum(report.accepted.values())
    return (
        f"seed {report.settings.seed:>6}  {report.settings.engine:<13}  {sum(report.faults.values()):>4} faults  "
        f"{accepted:>7,} accepted  {report.findings.dead_letters:>3} dead-lettered  "
        f"{report.findings.lost} lost  {report.findings.double} twice  "
        f"longest standstill {report.longest_standstill:.1f} s  quiet after {report.quiet_after:.1f} s"
    )


def markdown_of(reports: Sequence[RoundReport], *, took: timedelta, command: str) -> str:
    """The numbers of a whole run as a section of a document."""
    faults: Counter[str] = sum((report.faults for report in reports), Counter())
    accepted: Counter[str] = sum((report.accepted for report in reports), Counter())
    refused: Counter[str] = sum((report.refused_requests for report in reports), Counter())
    dead_letters = sum(report.findings.dead_letters for report in reports)
    everything = sum(accepted.values())
    stops = [seconds for report in reports for name, code, seconds in report.stops if name.startswith("worker")]
    gave_up: Counter[str] = sum((report.gave_up for report in reports), Counter())
    rows = [
        ("rounds", f"{len(reports)}, each from nothing, on both indices in turn"),
        ("length", f"{took.total_seconds() / 60:.0f} minutes"),
        ("faults", f"**{sum(faults.values()):,}**"),
        ("accepted", f"{everything:,}: " + ", ".join(f"{number:,} {name}" for name, number in accepted.most_common())),
        ("applied", f"{everything - dead_letters:,}"),
        ("dead-lettered", f"{dead_letters:,}, each of them meant to be"),
        ("sent again by clients after a 202", f"{sum(report.repeated_events for report in reports):,} events"),
        ("lost", f"**{sum(report.findings.lost for report in reports)}**"),
        ("counted twice", f"**{sum(report.findings.double for report in reports)}**"),
        ("refused or unanswered requests, repeated until accepted", f"{sum(refused.values()):,}"),
        ("stops of workers by SIGTERM", _stops(stops)),
        ("workers that gave up on the broker, and were started again", f"{gave_up.total()}"),
        ("longest standstill of a stream", f"{max(report.longest_standstill for report in reports):.1f} s"),
        ("longest wait from the last fault to quiet", f"{max(report.quiet_after for report in reports):.1f} s"),
    ]
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: `{command}`",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
        *_counts("fault", faults),
        *_counts("what a worker gave up on", gave_up),
        *_counts("answers that were no 202", refused),
    ]
    return "\n".join(lines) + "\n"


def _counts(head: str, counted: Counter[str]) -> list[str]:
    rows = [f"| {name.replace('|', '/')} | {times:,} |" for name, times in counted.most_common()]
    return ["", f"| {head} | times |", "|---|---|", *rows] if rows else []


def _stops(seconds: Sequence[float]) -> str:
    return f"{len(seconds)}, median {median(seconds):.2f} s, longest {max(seconds):.2f} s" if seconds else "none"
