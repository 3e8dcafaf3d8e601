"""Contracts hold for the real thing and for what stands in for it in unit tests."""

from collections.abc import Iterator

import pytest

from tests.support.journals import Journal, memory_journal, redis_journal


@pytest.fixture(
    params=[
        "memory",
        pytest.param("valkey", marks=pytest.mark.integration),
        pytest.param("valkey_cluster", marks=[pytest.mark.integration, pytest.mark.long]),
    ]
)
def journal(request: pytest.FixtureRequest) -> Iterator[Journal]:
    if request.param == "memory":
        with memory_journal() as journal:
            yield journal
    else:
        with redis_journal(request.getfixturevalue(request.param)) as journal:
            yield journal
