"""Redis clients that never repeat a command by themselves, of one server or of a cluster.

redis-py's default sends a command again when the reply was lost, which counts a view twice; the code that knows
whether a command may be repeated decides that itself. A cluster's client follows a slot to the server that has it
(which did not run the command before), and asks anew who has what after a lost connection.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, Self, cast

import hiredis
import redis
import redis.asyncio
from redis.asyncio.cluster import ClusterNode as AsyncClusterNode
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.commands.core import Script
from redis.connection import parse_url
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from redis.typing import EncodableT

from shared.redis_urls import CLUSTER_SCHEMES, is_cluster

REDIS_ERRORS: Final = (redis.RedisError, RedisClusterException)
"""All that a client raises: redis-py keeps what is wrong with a cluster apart."""


def connect(url: str, *, timeout: timedelta, client_name: str) -> redis.Redis:
    """A client that opens its connections on first use."""
    options = _options(timeout, client_name)
    if not is_cluster(url):
        return redis.Redis.from_url(url, **options, retry=Retry(NoBackoff(), 0))

    def connect_cluster() -> redis.RedisCluster:
        nodes, url_options = _cluster_nodes(url)
        return redis.RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],  # type: ignore[no-untyped-call]
            # With some slots lost the others go on.
            require_full_coverage=False,
            retry=Retry(NoBackoff(), 0),
            **options,
            **url_options,
        )

    # It has the same commands, and no type in common.
    return cast("redis.Redis", _ClusterOnFirstUse(connect_cluster))


def connect_async(url: str, *, timeout: timedelta, client_name: str) -> redis.asyncio.Redis:
    """As `connect`, for an event loop."""
    options = _options(timeout, client_name)
    if not is_cluster(url):
        return redis.asyncio.Redis.from_url(
            url,
            # For rediss:// and unix:// the URL brings its own class along.
            connection_class=_Connection,
            **options,
            retry=AsyncRetry(NoBackoff(), 0),
        )
    cluster = redis.asyncio.RedisCluster(**async_cluster_options(url, timeout=timeout, client_name=client_name))
    return cast("redis.asyncio.Redis", cluster)


def async_cluster_options(url: str, *, timeout: timedelta, client_name: str) -> dict[str, Any]:
    """What `connect_async` gives to redis-py, for a library that makes the client itself."""
    nodes, url_options = _cluster_nodes(url)
    return {
        "startup_nodes": [AsyncClusterNode(host, port) for host, port in nodes],
        "require_full_coverage": False,
        "retry": AsyncRetry(NoBackoff(), 0),
        **_options(timeout, client_name),
        **url_options,
    }


async def run_each(client: redis.asyncio.Redis, commands: Sequence[Sequence[EncodableT]]) -> list[Any]:
    """The answer of each command, or its error; one round trip to each server.

    A cluster's pipeline would fail as a whole with one of its servers, and would not look for the one that took over.
    """
    if isinstance(client, redis.asyncio.RedisCluster):
        running = (client.execute_command(*command) for command in commands)
        return list(await asyncio.gather(*running, return_exceptions=True))
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(await pipeline.execute(raise_on_error=False))


async def ask_each_server(client: redis.asyncio.Redis, *command: str) -> list[Any]:
    """The answer of the one server, or of each server of a cluster that takes writes."""
    if isinstance(client, redis.asyncio.RedisCluster):
        await client.initialize()
        asking = (client.execute_command(*command, target_nodes=node) for node in client.get_primaries())
        return list(await asyncio.gather(*asking))
    return [await client.execute_command(*command)]  # type: ignore[no-untyped-call]


def _options(timeout: timedelta, client_name: str) -> dict[str, Any]:
    return {
        "socket_timeout": timeout.total_seconds(),
        "socket_connect_timeout": timeout.total_seconds(),
        "socket_keepalive": True,
        "health_check_interval": 10,
        "client_name": client_name,
    }


def _cluster_nodes(url: str) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    """Host and port of each node that the URL names, and what it says of user, password and TLS."""
    scheme, _, rest = url.partition("://")
    login, at, places = rest.rpartition("@")
    one_server = CLUSTER_SCHEMES[scheme.lower()]
    options: dict[str, Any] = {"ssl": True} if one_server == "rediss" else {}
    nodes = []
    for place in places.split(","):
        found = cast("dict[str, Any]", parse_url(f"{one_server}://{login}{at}{place}"))  # type: ignore[no-untyped-call]
        nodes.append((found.pop("host", "localhost"), found.pop("port", 6379)))
        found.pop("connection_class", None)
        options |= found
    return nodes, options


class _ClusterOnFirstUse:
    """redis-py's client asks for the cluster's shape when it is made: a service could not start before its Redis."""

    def __init__(self, connect_cluster: Callable[[], redis.RedisCluster]) -> None:
        self._connect = connect_cluster

    @cached_property
    def _cluster(self) -> redis.RedisCluster:
        return self._connect()

    def register_script(self, script: str) -> Script:
        return Script(cast("redis.RedisCluster", self), script.encode())

    def close(self) -> None:
        if "_cluster" in self.__dict__:
            self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)


class _Connection(Connection):
    """redis-py's connection for event loops reads with hiredis, yet packs in Python, which takes ten times as long."""

    def pack_command(self, *args: EncodableT) -> list[bytes]:
        command = args[0]
        # The client writes commands of two words as one: "SCRIPT LOAD".
        words = command.split() if isinstance(command, str | bytes) else [command]
        return [hiredis.pack_command((*words, *args[1:]))]
