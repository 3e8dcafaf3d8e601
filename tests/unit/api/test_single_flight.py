"""The cache that makes an answer once for everybody who wants it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.api.single_flight import SingleFlightCache


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_kept_until_it_expires() -> None:
    clock = Clock()
    cache: SingleFlightCache[str, float] = SingleFlightCache(timedelta(seconds=5), max_entries=9, clock=clock)
    assert cache.get("a", lambda: 1.0) == 1.0
    clock.now = 4.9
    assert cache.get("a", lambda: 2.0) == 1.0
    clock.now = 5.0
    assert cache.get("a", lambda: 2.0) == 2.0


def test_many_who_ask_at_once_share_one_making() -> None:
    cache: SingleFlightCache[str, int] = SingleFlightCache(timedelta(seconds=5), max_entries=9)
    may_go_on, made = threading.Event(), []

    def make() -> int:
        may_go_on.wait(5)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(cache.get, "a", make) for _ in range(8)]
        may_go_on.set()
        assert [answer.result(5) for answer in answers] == [1] * 8
    assert made == [1]


def test_a_failure_reaches_all_who_waited_and_is_not_kept() -> None:
    cache: SingleFlightCache[str, int] = SingleFlightCache(timedelta(seconds=5), max_entries=9)
    entered, may_go_on, tries = threading.Event(), threading.Event(), []

    def fail() -> int:
        tries.append(1)
        entered.set()
        may_go_on.wait(5)
        raise OSError("gone")

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(cache.get, "a", fail)
        entered.wait(5)
        waiting = [threads.submit(cache.get, "a", fail) for _ in range(3)]
        may_go_on.set()
        for answer in [first, *waiting]:
            with pytest.raises(OSError, match="gone"):
                answer.result(5)
    assert cache.get("a", lambda: 7) == 7


def test_the_least_recently_asked_for_goes_first() -> None:
    cache: SingleFlightCache[str, str] = SingleFlightCache(timedelta(seconds=5), max_entries=2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key)  # type: ignore[misc]
    assert cache.get("a", lambda: "made again") == "a"
    assert cache.get("b", lambda: "made again") == "made again"
