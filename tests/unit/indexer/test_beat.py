"""The schedule goes on when the machine's clock is put back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.indexer.app import build_celery
from services.indexer.heartbeats import beat_scheduler
from services.indexer.settings import IndexerSettings


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Any]:
    app = build_celery(IndexerSettings(broker_url=SecretStr("memory://")))
    scheduler = beat_scheduler(tmp_path / "beat.heartbeat")(app=app, schedule_filename=str(tmp_path / "schedule"))
    yield scheduler
    scheduler.close()


def test_entries_that_ran_in_the_future_run_again_within_their_interval(scheduler: Any, tmp_path: Path) -> None:
    sent: list[str] = []
    scheduler.apply_async = lambda entry, **_: sent.append(entry.task)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + timedelta(hours=2)

    waits = [scheduler.tick() for _ in range(4)]

    assert max(waits) <= 5, f"asleep for {max(waits):.0f} s"
    for entry in scheduler.schedule.values():
        entry.last_run_at -= timedelta(seconds=10)
    scheduler._heap = None
    while scheduler.tick() == 0:
        pass
    assert set(sent) == {"khobor.ring_doorbells", "khobor.make_searchable"}
    assert (tmp_path / "beat.heartbeat").exists()
