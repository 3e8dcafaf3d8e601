"""Redis clients that never repeat a command by themselves.

redis-py's default sends a command again when the reply was lost, which counts a view twice; the code that knows
whether a command may be repeated decides that itself.
"""

from datetime import timedelta

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry


def connect(url: str, *, timeout: timedelta, client_name: str) -> redis.Redis:
    """A client that opens its connections on first use."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout.total_seconds(),
        socket_connect_timeout=timeout.total_seconds(),
        socket_keepalive=True,
        health_check_interval=10,
        client_name=client_name,
        retry=Retry(NoBackoff(), 0),
    )


def connect_async(url: str, *, timeout: timedelta, client_name: str) -> redis.asyncio.Redis:
    """As `connect`, for an event loop."""
    return redis.asyncio.Redis.from_url(
        url,
        socket_timeout=timeout.total_seconds(),
        socket_connect_timeout=timeout.total_seconds(),
        socket_keepalive=True,
        health_check_interval=10,
        client_name=client_name,
        retry=AsyncRetry(NoBackoff(), 0),
    )
