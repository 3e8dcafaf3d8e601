"""How soon things go on after a fault under load, beside the goals of docs/performance.md; `-s` shows the figures."""

from collections.abc import Sequence
from statistics import median

import pytest

from tests.chaos.recovery import loaded_stack

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(600)]

TIMES = 5
# How long Valkey is away, in seconds: a restart, and an outage after which clients wait the longest between two tries.
RESTART, OUTAGE = 0.5, 25.0


def test_everything_goes_on_within_seconds_and_nothing_is_lost() -> None:
    with loaded_stack() as loaded:
        stops = [loaded.stop_worker() for _ in range(TIMES)]
        takeovers = [loaded.take_over() for _ in range(TIMES)]
        restarts = [loaded.restart_valkey(away=RESTART) for _ in range(TIMES)]
        outages = [loaded.restart_valkey(away=OUTAGE) for _ in range(2)]
        findings = loaded.findings()

    _say("worker stopped by SIGTERM", [seconds for _, seconds in stops])
    _say("partition of a killed worker taken over", takeovers)
    _say(f"Valkey back after {RESTART} s", restarts)
    _say(f"Valkey back after {OUTAGE} s", outages)
    assert findings.differences == []
    assert {code for code, _ in stops} == {0}
    assert median(seconds for _, seconds in stops) <= 1
    assert median(takeovers) <= 5
    assert median(restarts) <= 5
    assert median(outages) <= 5


def _say(what: str, seconds: Sequence[float]) -> None:
    print(f"{what}:", *(f"{each:.2f}" for each in sorted(seconds)), "s")  # noqa: T201 - the figures of a run
