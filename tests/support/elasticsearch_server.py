"""One private Elasticsearch node: start, stop, kill, start again under the same address."""

import contextlib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.elasticsearch_distribution import CannotRunElasticsearchError, fetch_elasticsearch, find_java
from tests.support.elasticsearch_security import Security
from tests.support.opened import Opened

# 10 s on an idle machine with two cores, 55 s on a crowded one; pytest gives up a test after 120 s.
_BOOT_SECONDS: Final = 110
_STOP_SECONDS: Final = 30
# Elasticsearch refuses to run as root.
_UNPRIVILEGED: Final = "nobody"


class ElasticsearchServer(Opened):
    """A node of its own: data, logs and settings lie in a temporary folder that `close` removes.

    `heap_mb` is all of the Java heap. `quick_boot` leaves out the optimising compiler: the node is up about 3 s
    earlier and answers slower, so not for benchmarks. `settings` are added to elasticsearch.yml.
    """

    def __init__(
        self,
        *,
        heap_mb: int = 512,
        quick_boot: bool = True,
        security: Security | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._home = fetch_elasticsearch()
        self._java = find_java()
        self._heap_mb = heap_mb
        self._quick_boot = quick_boot
        self._security = security
        self._settings = dict(settings or {})
        self._folder = Path(tempfile.mkdtemp(prefix="khobor-elasticsearch-"))
        self._ports = self._folder / "logs" / "http.ports"
        self._address: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._write_config()

    @property
    def url(self) -> str:
        """Known once the node has been started; stays the same when it is started again."""
        if self._address is None:
            raise RuntimeError("the node has never been started")
        scheme = "https" if self._security and self._security.tls else "http"
        return f"{scheme}://{self._address}"

    @property
    def pid(self) -> int:
        """Of its launcher; the server is its child."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What the node has written to its standard output."""
        return (self._folder / "output.log").read_text(errors="replace")

    @property
    def config(self) -> Path:
        """The folder of elasticsearch.yml."""
        return self._folder / "config"

    @property
    def data(self) -> Path:
        """The folder of the indices."""
        return self._folder / "data"

    def start(self) -> None:
        """Return when the node answers and its indices can be searched.

        Raises:
            CannotRunElasticsearchError: when it dies or is not up in time; ends with its last words.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Return at once: a node that needs others is not ready before they run."""
        if self._process is not None:
            raise RuntimeError("the node runs already")
        self._ports.unlink(missing_ok=True)
        identity = pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None
        with (self._folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*die_with_parent(), str(self._home / "bin" / "elasticsearch")],
                env=self._environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=identity.pw_uid if identity else None,
                group=identity.pw_gid if identity else None,
                extra_groups=[] if identity else None,
            )

    def wait_until_ready(self) -> None:
        """See `start`."""
        started = time.monotonic()
        while not self._is_ready():
            if self._process is None or self._process.poll() is not None or time.monotonic() - started > _BOOT_SECONDS:
                self.kill()
                raise CannotRunElasticsearchError(f"Elasticsearch did not start:\n{self.log[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Shut down in order; the data stays."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the node (its launcher and its server) without a goodbye; the data stays."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def pause(self) -> None:
        """Freeze the node: connections stay open, nothing answers."""
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_group(signal.SIGCONT)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self) -> None:
        self.start()

    def wait(self) -> int:
        """Wait until the node ends by itself; returns its exit status."""
        if self._process is None:
            return 0
        return self._process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("the node does not run")
        os.killpg(self._process.pid, number)

    def _write_config(self) -> None:
        for name in ("config/jvm.options.d", "data", "logs", "tmp"):
            (self._folder / name).mkdir(parents=True)
        for name in ("jvm.options", "log4j2.properties"):
            shutil.copy(self._home / "config" / name, self.config)
        settings = {
            "cluster.name": "khobor-test",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            # 0: the node takes free ports and, told by portsfile, writes them down.
            "http.port": "0",
            "transport.port": "0",
            "node.portsfile": "true",
            "path.data": str(self.data),
            "path.logs": str(self._folder / "logs"),
            # Indices must not turn read-only because the machine's disk is nearly full.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "xpack.security.enabled": "false",
        }
        if self._security:
            settings |= self._security.write(self.config)
        self._settings = settings | self._settings
        self._write_settings()
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, _UNPRIVILEGED)

    def _write_settings(self) -> None:
        lines = (f"{name}: {value}\n" for name, value in self._settings.items())
        (self.config / "elasticsearch.yml").write_text("".join(lines))

    def _environment(self) -> dict[str, str]:
        options = [f"-Xms{self._heap_mb}m", f"-Xmx{self._heap_mb}m"]
        if self._quick_boot:
            options.append("-XX:TieredStopAtLevel=1")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "ES_JAVA_HOME": str(self._java),
            "ES_PATH_CONF": str(self.config),
            # Not a folder above the settings: the node gets write access to it, and refuses that for its settings.
            "ES_TMPDIR": str(self._folder / "tmp"),
            "ES_JAVA_OPTS": " ".join(options),
        }

    def _is_ready(self) -> bool:
        try:
            addresses = self._ports.read_text().split()
        except OSError:
            return False
        if not addresses:
            return False
        self._address = addresses[0]
        self._settings["http.port"] = self._address.rpartition(":")[2]
        self._write_settings()
        request = urllib.request.Request(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s")
        context: ssl.SSLContext | None = None
        if self._security:
            request.add_header("Authorization", self._security.authorization)
            context = self._security.ssl_context()
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def die_with_parent() -> list[str]:
    """Killed test runs must not leave nodes behind; the server itself ends when its launcher does."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
