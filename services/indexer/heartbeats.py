"""Heartbeats of worker and beat: a file that is touched while their loops turn.

`inspect ping` costs 0.6 s of CPU a call, fails on busy workers and restarts healthy ones when only the broker is
down; a file does not.
"""

from pathlib import Path
from typing import Any, Final

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler
from celery.worker.worker import WorkController

from shared.heartbeat import touch_heartbeat

BEAT_SECONDS: Final = 5.0


def worker_heartbeat(file: Path) -> type[bootsteps.StartStopStep]:
    """A worker step that touches `file` every five seconds from the worker's timer."""

    class WorkerHeartbeat(bootsteps.StartStopStep):  # type: ignore[misc] # celery is untyped
        requires = ("celery.worker.components:Timer",)

        def start(self, parent: WorkController) -> None:
            touch_heartbeat(file)
            self._timer = parent.timer.call_repeatedly(BEAT_SECONDS, touch_heartbeat, (file,))

        def stop(self, _parent: WorkController) -> None:
            self._timer.cancel()

    return WorkerHeartbeat


def beat_scheduler(file: Path) -> type[PersistentScheduler]:
    """Celery's own scheduler; it also touches `file` at every tick, and goes on when the clock is put back."""

    class HeartbeatScheduler(PersistentScheduler):  # type: ignore[misc] # celery is untyped
        def tick(self, *arguments: Any, **options: Any) -> float:
            touch_heartbeat(file)
            self._forget_the_future()
            return float(super().tick(*arguments, **options))

        def _forget_the_future(self) -> None:
            """Celery would ring for nobody until the clock has reached the last run again."""
            for entry in self.schedule.values():
                now = entry.default_now()
                if entry.last_run_at > now:
                    entry.last_run_at = now
                    # It holds the times of the next runs, and is built anew.
                    self._heap = None

    return HeartbeatScheduler


def install_worker_heartbeat(app: Celery, file: Path) -> None:
    app.steps["worker"].add(worker_heartbeat(file))
