"""Doors for the tests of the publishers' door."""

from collections.abc import Iterator

import pytest

from tests.support.publishers_door import Door, open_door


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as door:
        yield door
