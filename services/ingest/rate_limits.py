"""How much one address, or one API key, may send: so much in each window of time.

A client may send twice the amount across the border of two windows; that costs one counter per client and one
addition per request, and is near enough for its purpose.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from math import ceil
from typing import Any, Final, NamedTuple, Protocol

import limits
import redis.asyncio
import structlog
from limits import RateLimitItem
from limits.aio.storage import RedisClusterStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from services.ingest.metrics import IngestMetrics
from shared.api_keys.model import ApiKey
from shared.http.problems import ProblemError
from shared.redis_clients import REDIS_ERRORS, async_cluster_options, connect_async
from shared.redis_urls import is_cluster

_log = structlog.get_logger(__name__)

parse_rate = lru_cache(1_024)(limits.parse)
"""A rate such as `600/minute`, read once; ValueError when it is none."""

# A limiter that hangs must not hold views up.
_REDIS_TIMEOUT: Final = timedelta(milliseconds=200)
_CLIENT_NAME: Final = "khobor-ingest-rate"


class RateLimiter(Protocol):
    async def seconds_to_wait(self, client: str, amount: int, rate: RateLimitItem) -> int:
        """0 when the amount may come in; else how long the client has to wait, in whole seconds."""
        ...

    async def close(self) -> None: ...


class LocalRateLimiter:
    """Counts for this process alone.

    The in-memory storage of `limits` looks through all clients on every request: 1.5 ms at 10,000 of them,
    7.9 ms at 50,000. This one sweeps once per window.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._sweep_at = 0.0

    async def seconds_to_wait(self, client: str, amount: int, rate: RateLimitItem) -> int:
        now = self._monotonic()
        if now >= self._sweep_at:
            self._sweep(now, rate.get_expiry())
        ends = self._ends.get(client, 0.0)
        if ends <= now:
            self._ends[client] = now + rate.get_expiry()
            self._counts[client] = amount
            return 0
        count = self._counts[client] + amount
        if count > rate.amount:
            return ceil(ends - now)
        self._counts[client] = count
        return 0

    async def close(self) -> None:
        """Nothing is open."""

    def _sweep(self, now: float, window: float) -> None:
        self._ends = {client: ends for client, ends in self._ends.items() if ends > now}
        self._counts = {client: self._counts[client] for client in self._ends}
        self._sweep_at = now + window


class RedisRateLimiter:
    """Counts for all ingest processes together. It fails open: no event is lost because a limiter is out of order."""

    def __init__(self, url: str, metrics: IngestMetrics) -> None:
        # The library's options are typed as scalars, and go to the client as they are.
        options: dict[str, Any]
        if is_cluster(url):
            options = async_cluster_options(url, timeout=_REDIS_TIMEOUT, client_name=_CLIENT_NAME)
            storage: RedisStorage = RedisClusterStorage(f"async+{url}", implementation="redispy", **options)
            bridge: Any = storage.bridge
            self._client: redis.asyncio.Redis = bridge.get_connection()
        else:
            self._client = connect_async(url, timeout=_REDIS_TIMEOUT, client_name=_CLIENT_NAME)
            options = {"connection_pool": self._client.connection_pool}
            storage = RedisStorage(f"async+{url}", implementation="redispy", **options)
        self._limiter = FixedWindowRateLimiter(storage)
        self._metrics = metrics
        self._failing = False

    async def seconds_to_wait(self, client: str, amount: int, rate: RateLimitItem) -> int:
        try:
            if await self._limiter.hit(rate, client, cost=amount):
                self._failing = False
                return 0
            stats = await self._limiter.get_window_stats(rate, client)
        except (*REDIS_ERRORS, OSError) as error:
            self._metrics.rate_limiter_failures.inc()
            if not self._failing:
                _log.warning("rate_limiter.failed", reason=type(error).__name__)
            self._failing = True
            return 0
        return max(1, ceil(stats.reset_time - time.time()))

    async def close(self) -> None:
        await self._client.aclose()


class AddressRate:
    """How many views an address may send without an API key."""

    def __init__(self, limiter: RateLimiter, rate: str) -> None:
        self._limiter = limiter
        self._rate = parse_rate(rate)

    async def check(self, address: str, views: int) -> None:
        """Raises ProblemError: 429 now, or 413 when so many may never come at once."""
        await _check(self._limiter, f"address {address}", views, self._rate, _ADDRESS_REFUSAL)


class KeyRate:
    """How many events a key may send: as many as was said when it was created, or what holds for all others."""

    def __init__(self, limiter: RateLimiter, default: str) -> None:
        self._limiter = limiter
        self._default = default

    async def check(self, key: ApiKey, events: int) -> None:
        """Raises ProblemError: 429 now, or 413 when so many may never come at once."""
        await _check(self._limiter, f"key {key.id}", events, parse_rate(key.rate or self._default), _KEY_REFUSAL)


class _Refusal(NamedTuple):
    """A kind of problem, and its sentence with a place for the rate. A rate is put into words only when refused."""

    slug: str
    sentence: str


_ADDRESS_REFUSAL: Final = _Refusal("too-many-views", "without an API key an address may send {} views")
_KEY_REFUSAL: Final = _Refusal("too-many-events", "this API key may send {} events")


async def _check(limiter: RateLimiter, client: str, amount: int, rate: RateLimitItem, refusal: _Refusal) -> None:
    if amount > rate.amount:
        said = refusal.sentence.format(rate)
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-items", f"{said}: send fewer at once")
    seconds = await limiter.seconds_to_wait(client, amount, rate)
    if seconds:
        said = refusal.sentence.format(rate)
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, refusal.slug, said, headers={"Retry-After": str(seconds)})
