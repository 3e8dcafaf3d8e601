"""The local stack as a whole: up, down, and what runs."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.cli.settings import SECRETS_ENV, STACK_ENV
from services.cli.stack.env_files import ensure_secrets, read_env_file, write_env_file
from services.cli.stack.network_ports import PREFERRED, choose_ports
from services.cli.stack.readiness import Probe, heartbeat_probe, http_probe, wait_until_ready
from services.cli.stack.supervisor_client import ProcessState, ProcessStatus, SupervisorClient
from services.cli.stack.supervisor_config import VALKEY, programs, render_supervisor_config, render_valkey_config
from services.cli.stack.valkey_binary import find_valkey

_VALKEY_CONFIG: Final = "valkey.conf"
_READY_SECONDS: Final = 60.0
# The worker's stop_seconds and a margin.
_STOP_SECONDS: Final = 60.0
# sun_path holds 108 bytes on Linux, 104 on macOS, the final zero included.
_LONGEST_SOCKET_PATH: Final = 100


class StackError(Exception):
    """The stack cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    url: str
    note: str = ""


class LocalStack:
    """All of it lies below `home`; two stacks in two homes do not meet."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._run = self._home / "run"
        self._logs = self._home / "logs"
        self._socket = _socket_path(self._run / "supervisor.sock")
        self._supervisor = SupervisorClient(socket=self._socket, pid_file=self._run / "supervisord.pid")

    @property
    def logs(self) -> Path:
        return self._logs

    def is_running(self) -> bool:
        return self._supervisor.pid() is not None

    def statuses(self) -> list[ProcessStatus]:
        return self._supervisor.statuses()

    def start(self) -> None:
        """Start supervisor with every program; ports and secrets are written down for the other commands."""
        for folder in (self._home, self._run, self._logs, self._home / "valkey", self._home / "index"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        secrets = ensure_secrets(self._home / SECRETS_ENV)
        ports = choose_ports(read_env_file(self._home / STACK_ENV))
        settings = self._settings(ports, secrets)
        write_env_file(self._home / STACK_ENV, {**settings, **ports})
        valkey_config = self._write(
            _VALKEY_CONFIG,
            render_valkey_config(
                port=ports["KHOBOR_VALKEY_PORT"],
                password=secrets["KHOBOR_VALKEY_PASSWORD"],
                directory=self._home / "valkey",
            ),
        )
        config = self._write(
            "supervisord.conf",
            render_supervisor_config(
                programs(find_valkey(), valkey_config), logs=self._logs, run=self._run, socket=self._socket
            ),
        )
        (self._run / "worker.heartbeat").unlink(missing_ok=True)
        self._launch(config, settings | {name: str(port) for name, port in ports.items()} | secrets)

    def start_stopped_programs(self) -> list[str]:
        """Start again what gave up or was stopped by hand; returns the names."""
        stopped = (ProcessState.STOPPED, ProcessState.EXITED, ProcessState.FATAL)
        names = [status.name for status in self._supervisor.statuses() if status.state in stopped]
        for name in names:
            self._supervisor.start(name)
        return names

    def wait_until_ready(self) -> Iterator[str]:
        """Yield each program's name as it becomes ready; raises NotReadyError."""
        return wait_until_ready(self._supervisor, self._probes(), seconds=_READY_SECONDS)

    def stop(self, *, on_wait: Callable[[], None] = lambda: None) -> bool:
        """Stop everything in order; False when nothing ran.

        Raises:
            StackError: when supervisor is still there after a minute.
        """
        pid = self._supervisor.pid()
        if pid is None:
            return False
        self._supervisor.shut_down()
        deadline = time.monotonic() + _STOP_SECONDS
        while _is_alive(pid):
            if time.monotonic() > deadline:
                raise StackError(f"supervisor (pid {pid}) does not end; its log is {self._logs / 'supervisord.log'}")
            on_wait()
            time.sleep(0.1)
        return True

    def keeps_journal(self, redis_url: str) -> bool:
        """Whether this address is that of the stack's own Valkey, which has run before."""
        written_down = read_env_file(self._home / STACK_ENV).get("KHOBOR_REDIS_URL")
        return written_down == redis_url and (self._run / _VALKEY_CONFIG).exists()

    @contextmanager
    def valkey_alone(self) -> Iterator[None]:
        """Run Valkey without the rest, for work that needs the rest stopped.

        Raises:
            StackError: when it does not start.
        """
        url = read_env_file(self._home / STACK_ENV)["KHOBOR_REDIS_URL"]
        valkey = subprocess.Popen(  # noqa: S603 - our own files
            [str(find_valkey()), str(self._run / _VALKEY_CONFIG)], stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + _READY_SECONDS
            while not _valkey_answers(url):
                if valkey.poll() is not None or time.monotonic() > deadline:
                    raise StackError(f"valkey does not start; its configuration is {self._run / _VALKEY_CONFIG}")
                time.sleep(0.05)
            yield
        finally:
            valkey.terminate()
            valkey.wait(_STOP_SECONDS)

    def addresses(self) -> list[Address]:
        values = read_env_file(self._home / STACK_ENV)
        api, ingest = values["KHOBOR_API_URL"], values["KHOBOR_INGEST_URL"]
        flower = f"http://127.0.0.1:{values['KHOBOR_FLOWER_PORT']}"
        return [
            Address("readers' page", f"{api}/"),
            Address("search API", f"{api}/docs"),
            Address("publishers' door", f"{ingest}/docs"),
            Address("flower", f"{flower}/", f"user khobor, password in {self._home / SECRETS_ENV}"),
            Address("worker metrics", f"http://127.0.0.1:{values['KHOBOR_WORKER_METRICS_PORT']}/metrics"),
        ]

    def ports_moved(self) -> dict[str, tuple[int, int]]:
        """Listeners that are not on the port that is tried first: setting -> (preferred, chosen)."""
        values = read_env_file(self._home / STACK_ENV)
        return {
            name: (preferred, int(values[name]))
            for name, preferred in PREFERRED.items()
            if int(values.get(name, preferred)) != preferred
        }

    def log_tail(self, program: str, lines: int) -> str:
        try:
            text = (self._logs / f"{program}.log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _settings(self, ports: Mapping[str, int], secrets: Mapping[str, str]) -> dict[str, str]:
        """The KHOBOR_ environment of every process, and of the commands that talk to them."""
        redis_base = f"redis://:{secrets['KHOBOR_VALKEY_PASSWORD']}@127.0.0.1:{ports['KHOBOR_VALKEY_PORT']}"
        ingest_url = f"http://127.0.0.1:{ports['KHOBOR_INGEST_PORT']}"
        api_url = f"http://127.0.0.1:{ports['KHOBOR_API_PORT']}"
        return {
            "KHOBOR_ENVIRONMENT": "local",
            "KHOBOR_LOG_FORMAT": "console",
            "KHOBOR_REDIS_URL": f"{redis_base}/0",
            "KHOBOR_INDEX_PATH": str(self._home / "index"),
            "KHOBOR_INGEST_URL": ingest_url,
            "KHOBOR_API_URL": api_url,
            "KHOBOR_CORS_ORIGINS": f'["{api_url}"]',
            "KHOBOR_WORKER_HEARTBEAT_FILE": str(self._run / "worker.heartbeat"),
            "KHOBOR_BEAT_SCHEDULE_FILE": str(self._run / "beat-schedule"),
            "KHOBOR_FLOWER_DATABASE": str(self._run / "flower.db"),
        }

    def _probes(self) -> dict[str, Probe]:
        values = read_env_file(self._home / STACK_ENV)
        return {
            VALKEY: lambda: _valkey_answers(values["KHOBOR_REDIS_URL"]),
            "ingest": http_probe(f"{values['KHOBOR_INGEST_URL']}/readyz"),
            "api": http_probe(f"{values['KHOBOR_API_URL']}/readyz"),
            "worker": heartbeat_probe(self._run / "worker.heartbeat"),
            # Supervisor calls a program running after its first second.
            "beat": lambda: True,
            "flower": http_probe(f"http://127.0.0.1:{values['KHOBOR_FLOWER_PORT']}/healthcheck"),
        }

    def _write(self, name: str, text: str) -> Path:
        file = self._run / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        return file

    def _launch(self, config: Path, settings: Mapping[str, str]) -> None:
        started = subprocess.run(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            env={**os.environ, **settings, "PYTHONUNBUFFERED": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if started.returncode != 0:
            raise StackError(f"supervisor does not start: {(started.stderr or started.stdout).strip()}")
        deadline = time.monotonic() + 10
        while not self.is_running():
            if time.monotonic() > deadline:
                raise StackError(f"supervisor does not answer; its log is {self._logs / 'supervisord.log'}")
            time.sleep(0.05)


def _socket_path(preferred: Path) -> Path:
    """A folder deep in the tree does not fit into a socket's address: then a short name among temporary files."""
    if len(os.fsencode(preferred)) <= _LONGEST_SOCKET_PATH:
        return preferred
    digest = hashlib.blake2b(os.fsencode(preferred), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"khobor-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "supervisor.sock"


def _valkey_answers(url: str) -> bool:
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
