"""One local stack for all end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.support.local_stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("khobor")
    running = Stack(home, {})
    up = running.run("up")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield running
    finally:
        down = running.run("down")
        assert down.returncode == 0, down.stdout + down.stderr
