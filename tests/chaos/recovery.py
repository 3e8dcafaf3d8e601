"""How long it takes until things go on under load: a worker is stopped or killed, the journal's server is restarted."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import Final

import httpx

from shared.views.redis_reader import RedisViewReader
from tests.chaos.audit import Findings, audit, wait_until_quiet
from tests.chaos.processes import ProductProcess
from tests.chaos.publishers import Publishers
from tests.chaos.round import Sending, wait_until_ready
from tests.chaos.stack import MAX_DELIVERIES, PARTITIONS, ChaosStack
from tests.chaos.truth import Truth

# Far beyond every goal: what is reported is how long it took.
_LONGEST: Final = 120.0
_LOOK_EVERY: Final = 0.01


@contextmanager
def loaded_stack() -> Iterator["LoadedStack"]:
    """Two doors, two workers and beat on the embedded index, with publishers that send without pause."""
    with ChaosStack(engine="embedded", low_marks=False) as stack:
        stack.start()
        wait_until_ready(stack)
        loaded = LoadedStack(stack)
        try:
            yield loaded
        finally:
            loaded.end_load()


class LoadedStack:
    """Each fault answers how long it took, in seconds, and leaves the stack whole."""

    def __init__(self, stack: ChaosStack) -> None:
        self._stack = stack
        self._truth = Truth()
        self._numbers = count(1)
        self._viewed: list[str] = []
        self._sending = Sending(Publishers(stack, self._truth, Random(1), refusable=False))

    def end_load(self) -> None:
        self._sending.finish()

    def findings(self) -> Findings:
        """End the load, and compare what is there with what was accepted."""
        self.end_load()
        assert wait_until_quiet(self._stack, self._truth, seconds=_LONGEST), "something still waits"
        assert [self._views(article_id) for article_id in self._viewed] == [1] * len(self._viewed)
        return audit(self._stack, self._truth)

    def stop_worker(self) -> tuple[int, float]:
        """SIGTERM to a worker that works: its exit code, and the seconds until it has ended."""
        self._settle()
        worker = self._stack.workers[0]
        worker.terminate()
        code, seconds = worker.wait_for_stop()
        worker.start()
        return code, seconds

    def restart_valkey(self, *, away: float) -> float:
        """From the moment that the server answers again until a new view is accepted and counted."""
        self._settle()
        self._stack.valkey.kill()
        time.sleep(away)
        self._stack.valkey.start()
        answers = time.monotonic()
        article_id = f"after-restart-{next(self._numbers)}"
        self._send_view(article_id)
        self._wait_until_counted(article_id)
        return time.monotonic() - answers

    def take_over(self) -> float:
        """From SIGKILL of a worker that is about to count a view, and so has the lease, until the view is counted."""
        self._settle()
        article_id = f"kills-its-worker-{next(self._numbers):06d}"
        # The stack kills whoever is about to count it as often as an entry may cost a worker its life; here it is once.
        self._stack.deaths[article_id.encode()] = MAX_DELIVERIES - 1
        self._send_view(article_id)
        _wait_until(self._dead_workers, "no worker died")
        died = time.monotonic()
        self._wait_until_counted(article_id)
        seconds = time.monotonic() - died
        for worker in self._dead_workers():
            worker.start()
        return seconds

    def _settle(self) -> None:
        """Wait until everything is up, and both workers have applied something since they came up."""
        ended = [process for process in self._stack.processes if not process.is_running]
        assert not ended, f"{ended[0].name} ended by itself: {ended[0].log_tail()}"
        wait_until_ready(self._stack)
        for worker in self._stack.workers:
            _wait_until(lambda: worker.has_said("articles.applied"), f"{worker.name} applies nothing")  # noqa: B023

    def _dead_workers(self) -> list[ProductProcess]:
        return [worker for worker in self._stack.workers if not worker.is_running]

    def _send_view(self, article_id: str) -> None:
        """Through a door, again and again until it is accepted."""
        view = {"article_id": article_id, "event_id": article_id, "viewer": article_id}
        with httpx.Client(base_url=self._stack.door_urls[0], headers=self._stack.headers, timeout=5) as client:
            _wait_until(lambda: client.post("/v1/views", json=view).status_code == 202, "the view was not accepted")
        self._viewed.append(article_id)

    def _wait_until_counted(self, article_id: str) -> None:
        _wait_until(lambda: self._views(article_id) == 1, "the view was not counted")

    def _views(self, article_id: str) -> int:
        with self._stack.valkey.client() as client:
            return RedisViewReader(client, partitions=PARTITIONS).counts([article_id])[article_id].counted


def _wait_until(is_so: Callable[[], object], otherwise: str) -> None:
    deadline = time.monotonic() + _LONGEST
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(_LOOK_EVERY)
