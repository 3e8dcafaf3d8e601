"""A whole local stack in a temporary folder, as a newcomer starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from dotenv import dotenv_values

ROOT: Final = Path(__file__).parents[2]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Stack:
    """The `khobor` command with a home of its own."""

    home: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, timeout: float = 120, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.cli.main", "--home", str(self.home), *arguments],
            env={**os.environ, **self.environment, "COLUMNS": "200"},
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def setting(self, name: str) -> str:
        value = dotenv_values(self.home / "stack.env").get(name) or dotenv_values(self.home / "secrets.env").get(name)
        assert value, f"{name} is not written down"
        return value

    @property
    def api(self) -> str:
        return self.setting("KHOBOR_API_URL")

    @property
    def ingest(self) -> str:
        return self.setting("KHOBOR_INGEST_URL")

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.setting('KHOBOR_API_KEY')}"}

    def get(self, path: str, **parameters: Any) -> Any:
        response = httpx.get(f"{self.api}{path}", params=parameters, timeout=10)
        response.raise_for_status()
        return response.json()


def eventually(look: Callable[[], Value], wanted: Callable[[Value], bool], *, seconds: float = 10) -> Value:
    """The first look that is as wanted; fails with the last one."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"still not as wanted after {seconds} s: {seen!r}"
        time.sleep(0.05)
