"""Redis clients that never repeat a command by themselves.

redis-py's default sends a command again when the reply was lost, which counts a view twice; the code that knows
whether a command may be repeated decides that itself.
"""

from datetime import timedelta

import hiredis
import redis
import redis.asyncio
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.typing import EncodableT


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


class _Connection(Connection):
    """redis-py's connection for event loops reads with hiredis, yet packs in Python, which takes ten times as long."""

    def pack_command(self, *args: EncodableT) -> list[bytes]:
        command = args[0]
        # The client writes commands of two words as one: "SCRIPT LOAD".
        words = command.split() if isinstance(command, str | bytes) else [command]
        return [hiredis.pack_command((*words, *args[1:]))]


def connect_async(url: str, *, timeout: timedelta, client_name: str) -> redis.asyncio.Redis:
    """As `connect`, for an event loop."""
    return redis.asyncio.Redis.from_url(
        url,
        # For rediss:// and unix:// the URL brings its own class along.
        connection_class=_Connection,
        socket_timeout=timeout.total_seconds(),
        socket_connect_timeout=timeout.total_seconds(),
        socket_keepalive=True,
        health_check_interval=10,
        client_name=client_name,
        retry=AsyncRetry(NoBackoff(), 0),
    )
