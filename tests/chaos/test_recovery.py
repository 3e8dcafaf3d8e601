"""How soon things go on after a fault, under load. The best of three is judged: a busy machine adds to the others."""

from collections.abc import Callable

import pytest

from tests.chaos.recovery import loaded_stack

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(400)]

TIMES = 3


def test_it_goes_on_within_seconds_and_nothing_is_lost(record_property: Callable[[str, object], None]) -> None:
    with loaded_stack() as loaded:
        stops = [loaded.stop_worker() for _ in range(TIMES)]
        restarts = [loaded.restart_valkey() for _ in range(TIMES)]
        takeovers = [loaded.take_over() for _ in range(TIMES)]
        findings = loaded.findings()

    for name, seconds in (("stop", [seconds for _, seconds in stops]), ("restart", restarts), ("take-over", takeovers)):
        record_property(name, seconds)
        print(name, *(f"{each:.2f} s" for each in seconds))  # noqa: T201 - the figures of a run, with `pytest -s`
    assert findings.differences == []
    assert {code for code, _ in stops} == {0}
    assert min(seconds for _, seconds in stops) <= 1
    assert min(restarts) <= 5
    assert min(takeovers) <= 5
