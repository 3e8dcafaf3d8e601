"""The small NAME=value files in which the local stack remembers its ports and secrets."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values


def read_env_file(path: Path) -> dict[str, str]:
    """Empty when there is no such file."""
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}


def write_env_file(path: Path, values: Mapping[str, object]) -> None:
    """Replace the file in one step; only its owner may read it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    Path(name).replace(path)


def ensure_secrets(path: Path) -> dict[str, str]:
    """The stack's secrets; those that are missing are generated and written down."""
    known = read_env_file(path)
    complete = {
        "KHOBOR_VIEWER_SECRET": secrets.token_urlsafe(32),
        "KHOBOR_VALKEY_PASSWORD": secrets.token_urlsafe(24),
        "KHOBOR_FLOWER_PASSWORD": secrets.token_urlsafe(12),
    } | known
    if complete != known:
        write_env_file(path, complete)
    return complete
