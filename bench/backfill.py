"""`python -m bench.backfill`: how long live articles take to be searchable while an archive is imported.

Starts Valkey (AOF `always`), ingest, one worker and beat with the embedded index three times: without an import, with
`khobor import` (the archive says `priority: backfill`), and with `khobor import --live` (it does not). Meanwhile a
publisher PUTs an article every second. Their trails tell how long each took from the journal to being
searchable; the last one of the import tells how long that took.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from services.cli.demo.articles import read_sample_records
from shared.journal.redis_drain import RedisJournalDrain
from tests.support.ingest_process import IngestProcess, publisher_headers
from tests.support.valkey import ValkeyServer

# The mean of Bengali news.
_ARTICLE_CHARACTERS: Final = 2_900
_EVERY_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 3_600.0
_PARTITIONS: Final = 8
_LIVE_UNDER_WAY: Final = 10


class Run(NamedTuple):
    """Seconds from received to searchable of each live article, and of the import as a whole."""

    live: list[float]
    import_seconds: float | None


class Processes(NamedTuple):
    ingest: str
    headers: Mapping[str, str]
    journal: RedisJournalDrain


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Live articles while an archive is imported.")
    parser.add_argument("--articles", type=int, default=20_000, help="size of the archive")
    size: int = parser.parse_args(arguments).articles
    table = Table("import", "live articles", "p50 s", "p99 s", "slowest s", "import s", "imported/s")
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="khobor-bench-") as folder:
        archive = Path(folder) / "archive.ndjson"
        _write_archive(archive, size)
        for name, options in (("none", None), ("backfill", []), ("--live", ["--live"])):
            with _processes(Path(folder) / name.strip("-")) as processes:
                run = _measure(processes, None if options is None else [str(archive), *options])
            took = run.import_seconds
            percentiles = quantiles(run.live, n=100, method="inclusive")
            figures = [f"{figure:.2f}" for figure in (percentiles[49], percentiles[98], max(run.live))]
            console.print(f"{name}: p50 {figures[0]} s, p99 {figures[1]} s, slowest {figures[2]} s", highlight=False)
            rate = ["", ""] if took is None else [f"{took:.0f}", f"{size / took:.0f}"]
            table.add_row(name, str(len(run.live)), *figures, *rate)
    Console().print(table)
    return 0


def _measure(processes: Processes, import_options: list[str] | None) -> Run:
    with httpx.Client(base_url=processes.ingest, headers=processes.headers, timeout=60) as door:
        # What the worker loads on its first article is no part of it.
        door.put("/v1/articles/first", json=_article(random.Random(), 0)).raise_for_status()
        _seconds_to_searchable(door, "first")
        importing = _start_import(processes, import_options) if import_options else None
        began, sent = time.monotonic(), 0
        while _goes_on(processes, importing, time.monotonic() - began):
            door.put(f"/v1/articles/live-{sent}", json=_article(random.Random(sent), sent)).raise_for_status()
            sent += 1
            time.sleep(max(0.0, began + sent * _EVERY_SECONDS - time.monotonic()))
        took = time.monotonic() - began
        live = [_seconds_to_searchable(door, f"live-{number}") for number in range(sent)]
    return Run(live, took if importing else None)


def _start_import(processes: Processes, options: list[str]) -> subprocess.Popen[bytes]:
    key = processes.headers["Authorization"].removeprefix("Bearer ")
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli.main", "import", *options],
        env={**os.environ, "KHOBOR_INGEST_URL": processes.ingest, "KHOBOR_API_KEY": key},
        stdout=subprocess.DEVNULL,
    )


def _goes_on(processes: Processes, importing: subprocess.Popen[bytes] | None, seconds: float) -> bool:
    """Until everything is accepted and applied; the live articles themselves hardly ever wait."""
    if importing is None:
        return seconds < _QUIET_SECONDS
    if seconds > _LONGEST_SECONDS:
        raise TimeoutError(f"the import is not over after {seconds:.0f} s")
    if importing.poll() is None:
        return True
    if importing.returncode != 0:
        raise RuntimeError(f"the import failed with exit code {importing.returncode}")
    return sum(backlog.entries for backlog in processes.journal.backlogs()) > _LIVE_UNDER_WAY


def _seconds_to_searchable(door: httpx.Client, article_id: str) -> float:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = door.get(f"/v1/articles/{article_id}/status").json()
        if status["state"] == "searchable":
            at = {step["stage"]: datetime.fromisoformat(step["at"]) for step in status["trail"]}
            return (at["searchable"] - at["received"]).total_seconds()
        time.sleep(0.1)
    raise TimeoutError(f"{article_id} did not become searchable")


def _write_archive(file: Path, size: int) -> None:
    source = random.Random(20_261_124)
    with file.open("w", encoding="utf-8") as stream:
        for number in range(size):
            stream.write(json.dumps({"id": f"archive-{number}", **_article(source, number)}, ensure_ascii=False) + "\n")


def _article(source: random.Random, number: int) -> dict[str, Any]:
    """A text of real sentences in an order of its own, as long as news are."""
    sentences = _sentences()
    body = ""
    while len(body) < _ARTICLE_CHARACTERS:
        body += f"{source.choice(sentences)} {source.randrange(10_000)}। "
    published_at = datetime(2026, 1, 1).astimezone() + timedelta(seconds=number)
    return {
        "version": 1,
        "title": f"{source.choice(sentences)[:80]} {number}",
        "body": body,
        "category": "জাতীয়",
        "published_at": published_at.isoformat(),
    }


@cache
def _sentences() -> list[str]:
    bodies = (record["body"] for record in read_sample_records())
    return [sentence.strip() for body in bodies for sentence in re.split(r"[।\n]", body) if len(sentence) > 20]


@contextmanager
def _processes(folder: Path) -> Iterator[Processes]:
    folder.mkdir()
    with ValkeyServer() as valkey, valkey.client() as client:
        environment = {
            **os.environ,
            "KHOBOR_REDIS_URL": valkey.url,
            "KHOBOR_INDEX_PATH": str(folder / "index"),
            "KHOBOR_WORKER_METRICS_PORT": "0",
            "KHOBOR_WORKER_HEARTBEAT_FILE": str(folder / "worker"),
            "KHOBOR_BEAT_HEARTBEAT_FILE": str(folder / "beat"),
            "KHOBOR_BEAT_SCHEDULE_FILE": str(folder / "schedule"),
            "KHOBOR_LOG_LEVEL": "WARNING",
        }
        with (
            IngestProcess(valkey.url, partitions=str(_PARTITIONS), log_level="WARNING") as ingest,
            _running("worker", environment, folder),
            _running("beat", environment, folder),
        ):
            journal = RedisJournalDrain(client, partitions=_PARTITIONS)
            yield Processes(ingest.url, publisher_headers(valkey), journal)


@contextmanager
def _running(process: str, environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "services.indexer", process]
    with (folder / f"{process}.log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(60)


if __name__ == "__main__":
    sys.exit(main())
