"""The publishers' door as a process of its own, to be killed at will."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from shared.api_keys.model import Scope, issue_key
from shared.api_keys.redis_store import RedisApiKeyStore
from tests.support.valkey import ValkeyServer, free_port

ROOT: Final = Path(__file__).parents[2]
PARTITIONS: Final = 3
# Two seconds on an idle machine.
_START_SECONDS: Final = 100


class IngestProcess:
    """`python -m services.ingest` on a free port; use it as a context manager."""

    def __init__(self, redis_url: str, **settings: str) -> None:
        self.port = free_port()
        self._environment = {
            **os.environ,
            "KHOBOR_ENVIRONMENT": "production",
            "KHOBOR_INGEST_PORT": str(self.port),
            "KHOBOR_REDIS_URL": redis_url,
            "KHOBOR_PARTITIONS": str(PARTITIONS),
            "KHOBOR_VIEWER_SECRET": "a secret for tests, as long as one must be",
            "KHOBOR_VIEWS_RATE": "1000000/minute",
            **{f"KHOBOR_{name.upper()}": value for name, value in settings.items()},
        }
        self._log = tempfile.NamedTemporaryFile(prefix="khobor-ingest-", suffix=".log")  # noqa: SIM115 - open until exit
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._log.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8")

    def start(self) -> None:
        """Start, or start again; returns when it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.ingest"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_alive():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(timeout=20)

    def _is_alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def publisher_headers(server: ValkeyServer) -> dict[str, str]:
    """A key that may publish, known to `server`."""
    issued = issue_key(name="tests", scopes=(Scope.PUBLISH,), created_at=datetime.now(UTC))
    with server.client() as client:
        RedisApiKeyStore(client).add(issued.key)
    return {"Authorization": f"Bearer {issued.token}"}
