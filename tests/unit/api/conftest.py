"""Newsrooms for the tests of the readers' door."""

from collections.abc import Iterator

import pytest

from tests.support.readers_door import Newsroom, open_newsroom


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with open_newsroom() as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def quiet_newsroom() -> Iterator[Newsroom]:
    """For tests that change nothing: one for all of them."""
    with open_newsroom() as newsroom:
        yield newsroom
