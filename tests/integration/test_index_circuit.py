"""The circuit that all workers share, on a real Valkey."""

import random

import pytest

from services.indexer.circuit import RedisCircuit
from shared.keys import CIRCUIT
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration


def test_failures_at_the_same_moment_count_as_one(valkey: ValkeyServer) -> None:
    """Eight drains that see the same hiccup must not add up to a pause of half a minute."""
    with valkey.client() as client:
        circuit = RedisCircuit(client, random_source=random.Random(7))
        assert circuit.open_reason() is None
        assert not circuit.succeed()

        waits = [circuit.fail("the index is down") for _ in range(8)]
        assert waits[0] is not None
        assert 0.5 <= waits[0].total_seconds() < 0.65
        assert waits[1:] == [None] * 7
        assert circuit.open_reason() == "the index is down"

        # The pause is over, and the probe fails.
        client.delete(CIRCUIT)
        again = circuit.fail("the index is down")
        assert again is not None
        assert 1 <= again.total_seconds() < 1.3

        assert circuit.succeed()
        assert circuit.open_reason() is None
        first = circuit.fail("the index is down")
        assert first is not None
        assert first.total_seconds() < 0.65
