"""A short run of everything that breaks at random; `make chaos` runs for as long as one likes."""

import os
from collections.abc import Iterator

import pytest

from tests.chaos.brokers import RABBITMQ, Broker, open_broker
from tests.chaos.report import failure_of
from tests.chaos.round import RoundReport, RoundSettings, run_round
from tests.support.rabbitmq import CannotRunRabbitmqError

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[Broker | None]:
    try:
        with open_broker(RABBITMQ) as broker:
            yield broker
    except CannotRunRabbitmqError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("engine", "seed"), [pytest.param("elasticsearch", 11, marks=pytest.mark.long), ("embedded", 12)]
)
def test_what_was_accepted_is_applied_once_whatever_breaks(engine: str, seed: int) -> None:
    _go_through_a_round(engine, seed, broker=None)


@pytest.mark.long
def test_it_is_with_tickets_in_rabbitmq_as_well(rabbitmq: Broker) -> None:
    report = _go_through_a_round("embedded", 14, broker=rabbitmq, seconds=40)

    # Three of the 45 faults on average, and which they are goes by the seed.
    assert report.faults["broker killed"] > 0


def _go_through_a_round(engine: str, seed: int, *, broker: Broker | None, seconds: int = 20) -> RoundReport:
    settings = RoundSettings(
        seed=int(os.environ.get("KHOBOR_CHAOS_SEED", seed)),
        seconds=float(os.environ.get("KHOBOR_CHAOS_SECONDS", seconds)),
        engine=engine,
        broker=broker,
    )
    report = run_round(settings)

    assert not report.findings.differences, failure_of(report)
    assert sum(report.accepted.values()) > 100
    assert sum(report.faults.values()) > settings.seconds / 10
    return report
