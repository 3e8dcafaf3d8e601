"""Live most-read lists: however many listen to a list, one task looks at it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import anyio
import structlog
from anyio import to_thread

from services.api.answers import MostReadAnswer
from services.api.metrics import ApiMetrics
from services.api.parameters import ListScope
from shared.journal.ports import JournalUnavailableError
from shared.search.ports import IndexUnavailableError
from shared.views.ports import ViewsUnavailableError

LIST: Final = "most-read"
UNAVAILABLE: Final = "unavailable"

_log = structlog.get_logger(__name__)


class TooManyListenersError(Exception):
    """As many listen as may; try again later."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """`data` is JSON: the list as `/v1/trending` answers it, or a reason why there is none now."""

    name: str
    data: str
    id: str | None = None


@dataclass(slots=True)
class _Channel:
    """A list with listeners. `changed` is set, and replaced, at each change; slow listeners skip to the newest."""

    listeners: int = 0
    newest: LiveEvent | None = None
    shown: object = None
    as_of: str | None = None
    changed: anyio.Event = field(default_factory=anyio.Event)
    poller: asyncio.Task[None] | None = None

    def publish(self, event: LiveEvent) -> None:
        self.newest = event
        self.changed.set()
        self.changed = anyio.Event()


class LiveLists:
    """Looks at each list that has listeners every `interval`, and tells them when it changed.

    A list has changed when its articles, their order, their titles or their counted views have; the decayed
    counts sink at every moment and are no news. `look` blocks, and runs in a thread.
    """

    def __init__(
        self,
        look: Callable[[ListScope], MostReadAnswer],
        *,
        interval: timedelta,
        max_listeners: int,
        metrics: ApiMetrics,
    ) -> None:
        self._look = look
        self._seconds = interval.total_seconds()
        self._max_listeners = max_listeners
        self._metrics = metrics
        self._channels: dict[ListScope, _Channel] = {}
        self._listeners = 0

    def ensure_room(self) -> None:
        """Raises TooManyListenersError, before an answer has begun."""
        if self._listeners >= self._max_listeners:
            raise TooManyListenersError(f"{self._listeners} listen already, and no more may")

    def as_of(self, scope: ListScope) -> str | None:
        """When the list was last looked at with success; None: not yet, or nobody listens."""
        channel = self._channels.get(scope)
        return channel.as_of if channel else None

    async def listen(self, scope: ListScope, ending: anyio.Event | None = None) -> AsyncGenerator[LiveEvent, None]:
        """The list as it is, then each time it changes, until the listener goes or `ending` is set."""
        ending = ending or anyio.Event()
        self.ensure_room()
        channel = self._join(scope)
        try:
            seen: LiveEvent | None = None
            while not ending.is_set():
                changed = channel.changed
                if channel.newest is not None and channel.newest is not seen:
                    seen = channel.newest
                    yield seen
                else:
                    await _either(changed, ending)
        finally:
            self._leave(scope, channel)

    async def close(self) -> None:
        """Stop looking; listeners hear nothing any more."""
        pollers = [channel.poller for channel in self._channels.values() if channel.poller]
        for poller in pollers:
            poller.cancel()
        await asyncio.gather(*pollers, return_exceptions=True)

    def _join(self, scope: ListScope) -> _Channel:
        channel = self._channels.setdefault(scope, _Channel())
        channel.listeners += 1
        if channel.poller is None:
            channel.poller = asyncio.create_task(self._poll(scope, channel))
        self._count(+1)
        return channel

    def _leave(self, scope: ListScope, channel: _Channel) -> None:
        channel.listeners -= 1
        if not channel.listeners and channel.poller is not None:
            channel.poller.cancel()
            del self._channels[scope]
        self._count(-1)

    def _count(self, change: int) -> None:
        self._listeners += change
        self._metrics.live_listeners.set(self._listeners)
        self._metrics.live_lists.set(len(self._channels))

    async def _poll(self, scope: ListScope, channel: _Channel) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                await self._look_once(scope, channel)
                await asyncio.sleep(self._seconds)

    async def _look_once(self, scope: ListScope, channel: _Channel) -> None:
        try:
            answer = await to_thread.run_sync(self._look, scope, abandon_on_cancel=True)
        except (IndexUnavailableError, JournalUnavailableError, ViewsUnavailableError) as error:
            _log.warning("live.unavailable", window=scope.window, category=scope.category, error=str(error))
            self._show(channel, UNAVAILABLE, LiveEvent(UNAVAILABLE, '{"reason":"the list cannot be made now"}'))
        except Exception:  # noqa: BLE001
            # A poller is an entry point: its listeners wait for the next look rather than for ever.
            _log.exception("live.failed", window=scope.window, category=scope.category)
        else:
            channel.as_of = answer.as_of.isoformat()
            self._show(channel, _news(answer), LiveEvent(LIST, answer.model_dump_json(), channel.as_of))

    @staticmethod
    def _show(channel: _Channel, news: object, event: LiveEvent) -> None:
        if news != channel.shown:
            channel.shown = news
            channel.publish(event)


async def _either(first: anyio.Event, second: anyio.Event) -> None:
    """Wait until one of them is set."""

    async def wait(event: anyio.Event) -> None:
        await event.wait()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(wait, first)
        group.start_soon(wait, second)


def _news(answer: MostReadAnswer) -> object:
    return (
        answer.stale,
        answer.reason,
        tuple((item.id, item.title, item.views.counted) for item in answer.items),
    )
