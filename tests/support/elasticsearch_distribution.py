"""A real Elasticsearch without Docker: the distribution from Maven Central and a Java to run it."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

VERSION: Final = "9.5.3"
# The server without its optional modules; the only form of it in a package registry.
_ARTIFACT: Final = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_SHA256: Final = "bec49f3b8d00e75c8d1cec85c35298635ec9fbd3ae80ef5aeb6bc05abdb3db2d"
OLDEST_JAVA: Final = 21
_DOWNLOAD_SECONDS: Final = 600


class CannotRunElasticsearchError(Exception):
    """Something that Elasticsearch needs is not on this machine; the message says what to install."""


def find_java() -> Path:
    """The home of a JDK or JRE of version 21 or newer.

    Raises:
        CannotRunElasticsearchError: when there is none.
    """
    named = [os.environ.get(name) for name in ("ES_JAVA_HOME", "JAVA_HOME")]
    on_path = shutil.which("java")
    candidates = [
        *(Path(home) for home in named if home),
        *([Path(on_path).resolve().parent.parent] if on_path else []),
        *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True),
    ]
    for home in candidates:
        if _java_version(home) >= OLDEST_JAVA:
            return home
    raise CannotRunElasticsearchError(
        f"Elasticsearch {VERSION} needs Java {OLDEST_JAVA} or newer: install a JDK (such as Temurin) "
        "or set ES_JAVA_HOME"
    )


def _java_version(home: Path) -> int:
    """Read from the JDK's own release file, which costs no start of a virtual machine."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found and (home / "bin" / "java").exists() else 0


def fetch_elasticsearch() -> Path:
    """The unpacked distribution, fetched and checked once per machine; safe when several processes ask.

    Raises:
        CannotRunElasticsearchError: without Maven, when the download fails or is not what it should be.
    """
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / f"elasticsearch-{VERSION}"
    with _locked(cache / "elasticsearch.lock"):
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                archive = _download(Path(scratch))
                with zipfile.ZipFile(archive) as packed:
                    packed.extractall(scratch)
                unpacked = Path(scratch) / home.name
                for program in (unpacked / "bin").iterdir():
                    program.chmod(0o755)
                unpacked.rename(home)
    return home


def _cache() -> Path:
    """Root's home is closed to the unprivileged user who runs the server, so root's cache lies elsewhere."""
    if named := os.environ.get("KHOBOR_CACHE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/cache/khobor")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "khobor"


def _download(folder: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRunElasticsearchError(f"install Maven (mvn): it fetches Elasticsearch {VERSION} from Maven Central")
    command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise CannotRunElasticsearchError(
            f"Maven did not fetch {_ARTIFACT} within {_DOWNLOAD_SECONDS} seconds"
        ) from error
    if done.returncode != 0:
        raise CannotRunElasticsearchError(f"Maven could not fetch {_ARTIFACT}:\n{done.stdout[-2000:]}")
    archive = folder / f"elasticsearch-{VERSION}.zip"
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != _SHA256:
        raise CannotRunElasticsearchError(f"{archive.name} has SHA-256 {digest}, expected {_SHA256}")
    return archive


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
