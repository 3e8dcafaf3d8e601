"""Live lists: one look for all listeners, news only when there is some."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from prometheus_client import CollectorRegistry

from services.api.answers import MostReadAnswer, MostReadItem, WindowViews
from services.api.live_lists import LiveEvent, LiveLists, TooManyListenersError
from services.api.metrics import ApiMetrics
from services.api.parameters import ListScope
from shared.search.ports import IndexUnavailableError
from shared.views.model import ListKind, Window

SCOPE = ListScope(window=Window.HOUR)
# Only against a test that hangs: each fault is logged with its trace, which takes long on a busy machine.
SECONDS = 60


class List:
    """A most-read list that tests change."""

    def __init__(self) -> None:
        self.counted = 1
        self.window_views = 1.0
        self.down = False
        self.broken = False
        self.looks = 0

    def __call__(self, scope: ListScope) -> MostReadAnswer:
        self.looks += 1
        self.window_views *= 0.99
        if self.down:
            raise IndexUnavailableError("gone")
        if self.broken:
            raise ZeroDivisionError
        now = datetime.now(UTC)
        views = WindowViews(counted=self.counted, raw=self.counted, window=self.window_views)
        item = MostReadItem(
            rank=1, id="a", title="ক", url=None, category=None, published_at=now, age_hours=0, views=views
        )
        return MostReadAnswer(
            window=scope.window,
            kind=ListKind.TOP,
            category=scope.category,
            as_of=now,
            stale=False,
            counted_views=1,
            items=[item],
            reason=None,
        )


def live(look: List, max_listeners: int = 9) -> LiveLists:
    return LiveLists(
        look,
        interval=timedelta(milliseconds=5),
        max_listeners=max_listeners,
        metrics=ApiMetrics(CollectorRegistry()),
    )


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within_seconds() -> None:
        await asyncio.wait_for(test(), SECONDS)

    asyncio.run(within_seconds())


async def nothing_for(listener: AsyncGenerator[LiveEvent, None], seconds: float) -> None:
    waiting = asyncio.ensure_future(anext(listener))
    done, _ = await asyncio.wait([waiting], timeout=seconds)
    assert not done
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def counted(event: LiveEvent) -> int:
    value: int = orjson.loads(event.data)["items"][0]["views"]["counted"]
    return value


def test_a_listener_hears_the_list_at_once_and_then_its_changes_alone() -> None:
    async def test() -> None:
        look = List()
        lists = live(look)
        listener = lists.listen(SCOPE)
        assert counted(await anext(listener)) == 1
        look.counted = 2
        assert counted(await anext(listener)) == 2
        # The decayed counts sink with every look, and that is no news.
        looks = look.looks
        await nothing_for(listener, 0.1)
        assert look.looks > looks
        await lists.close()

    run(test)


def test_all_listeners_of_a_list_share_one_look() -> None:
    async def test() -> None:
        look = List()
        lists = LiveLists(
            look, interval=timedelta(seconds=60), max_listeners=50, metrics=ApiMetrics(CollectorRegistry())
        )
        listeners = [lists.listen(SCOPE) for _ in range(20)]
        events = await asyncio.gather(*(anext(listener) for listener in listeners))
        assert {event.name for event in events} == {"most-read"}
        assert look.looks == 1
        await lists.close()

    run(test)


def test_nobody_looks_when_nobody_listens() -> None:
    async def test() -> None:
        look = List()
        lists = live(look)
        listener = lists.listen(SCOPE)
        await anext(listener)
        await listener.aclose()
        await asyncio.sleep(0.02)
        looks = look.looks
        await asyncio.sleep(0.05)
        assert look.looks == looks
        assert lists.as_of(SCOPE) is None

    run(test)


def test_an_outage_is_told_once_and_its_end_too() -> None:
    async def test() -> None:
        look = List()
        lists = live(look)
        listener = lists.listen(SCOPE)
        assert (await anext(listener)).name == "most-read"
        look.down = True
        assert (await anext(listener)).name == "unavailable"
        look.down = False
        assert (await anext(listener)).name == "most-read"
        await lists.close()

    run(test)


def test_a_fault_of_ours_does_not_end_the_list() -> None:
    async def test() -> None:
        look = List()
        lists = live(look)
        listener = lists.listen(SCOPE)
        await anext(listener)
        look.broken = True
        await asyncio.sleep(0.03)
        look.broken, look.counted = False, 5
        assert counted(await anext(listener)) == 5
        await lists.close()

    run(test)


def test_one_listener_too_many_is_refused() -> None:
    async def test() -> None:
        lists = live(List(), max_listeners=1)
        listener = lists.listen(SCOPE)
        await anext(listener)
        with pytest.raises(TooManyListenersError):
            lists.ensure_room()
        with pytest.raises(TooManyListenersError):
            await anext(lists.listen(SCOPE))
        await listener.aclose()
        lists.ensure_room()
        await lists.close()

    run(test)
