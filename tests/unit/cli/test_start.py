"""The command starts quickly: what most commands do not need is imported by those that do."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("costly", ["redis", "httpx", "celery", "elasticsearch", "tantivy", "shared.bengali.analyzer"])
def test_importing_every_command_leaves_costly_libraries_out(costly: str, modules_of_the_command: set[str]) -> None:
    assert costly not in modules_of_the_command


@pytest.fixture(scope="module")
def modules_of_the_command() -> set[str]:
    """Of a process of its own: this one has imported everything."""
    program = "import sys, services.cli.main; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )
