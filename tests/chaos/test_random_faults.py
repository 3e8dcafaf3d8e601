"""A short run of everything that breaks at random; `make chaos` runs for as long as one likes."""

import os

import pytest

from tests.chaos.report import failure_of
from tests.chaos.round import RoundSettings, run_round

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(400)]


@pytest.mark.parametrize(
    ("engine", "seed"), [pytest.param("elasticsearch", 11, marks=pytest.mark.long), ("embedded", 12)]
)
def test_what_was_accepted_is_applied_once_whatever_breaks(engine: str, seed: int) -> None:
    settings = RoundSettings(
        seed=int(os.environ.get("KHOBOR_CHAOS_SEED", seed)),
        seconds=float(os.environ.get("KHOBOR_CHAOS_SECONDS", "20")),
        engine=engine,
        broker_url=os.environ.get("KHOBOR_CHAOS_BROKER_URL"),
    )
    report = run_round(settings)

    assert not report.findings.differences, failure_of(report)
    assert sum(report.accepted.values()) > 100
    assert sum(report.faults.values()) > settings.seconds / 10
