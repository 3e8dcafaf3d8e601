"""A private cluster of Valkey servers on loopback: three that take writes, and a replica of each where wanted."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, cast

import pytest
import redis
import redis.asyncio

from shared.keys import PartitionKeys
from shared.redis_clients import connect, connect_async
from tests.support.opened import Opened
from tests.support.valkey import CannotRunValkeyError, ValkeyServer, free_port

SLOTS: Final = 16_384
MASTERS: Final = 3
_TIMEOUT: Final = timedelta(seconds=5)
_START_SECONDS: Final = 30


class ValkeyCluster(Opened):
    """Use it as a context manager. `masters[i]` is replicated by `replicas[i]`, if there are any.

    A server that is gone for `node_timeout` counts as dead, and its replica takes over.
    """

    def __init__(self, *, replicas: bool = False, node_timeout: timedelta = timedelta(seconds=1)) -> None:
        self._stack = ExitStack()
        self._node_timeout = node_timeout
        self._bus_ports: dict[int, int] = {}
        self.masters = [self._server() for _ in range(MASTERS)]
        self.replicas = [self._server() for _ in range(MASTERS if replicas else 0)]

    def open(self) -> None:
        for server in self._servers:
            self._stack.enter_context(server)
        self._join()

    def close(self) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self._servers)

    def client(self) -> redis.Redis:
        """As the services make theirs: it never repeats a command."""
        return connect(self.url, timeout=_TIMEOUT, client_name="tests")

    def async_client(self) -> redis.asyncio.Redis:
        return connect_async(self.url, timeout=_TIMEOUT, client_name="tests")

    def master_of(self, partition: int) -> int:
        """The index in `masters` of the one that holds a partition when nothing has failed yet."""
        with self.masters[0].client() as client:
            slot = int(client.execute_command("CLUSTER", "KEYSLOT", PartitionKeys(partition).tag))
        return next(i for i, (first, last) in enumerate(_slot_ranges()) if first <= slot <= last)

    def wait_for_takeover(self, index: int, seconds: float = 20) -> None:
        """Until the replica of `masters[index]` takes writes."""
        with self.replicas[index].client() as client:
            _until(lambda: cast("dict[str, Any]", client.info("replication"))["role"] == "master", seconds)
            _until(lambda: _cluster_info(client)["cluster_state"] == "ok", seconds)

    @property
    def _servers(self) -> list[ValkeyServer]:
        return [*self.masters, *self.replicas]

    def _server(self) -> ValkeyServer:
        # The bus would be 10,000 ports above, which may be beyond the last one.
        bus_port = free_port()
        server = ValkeyServer(
            *("--cluster-enabled", "yes", "--cluster-port", str(bus_port)),
            *("--cluster-node-timeout", str(round(self._node_timeout.total_seconds() * 1_000))),
            *("--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0"),
        )
        self._bus_ports[server.port] = bus_port
        return server

    def _join(self) -> None:
        with ExitStack() as stack:
            clients = [stack.enter_context(server.client()) for server in self._servers]
            ids = [client.execute_command("CLUSTER", "MYID") for client in clients]
            for client, (first, last) in zip(clients, _slot_ranges(), strict=False):
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            for client in clients[1:]:
                for server in self._servers:
                    client.execute_command("CLUSTER", "MEET", "127.0.0.1", server.port, self._bus_ports[server.port])
            for client in clients:
                _until(lambda: int(_cluster_info(client)["cluster_known_nodes"]) == len(clients))  # noqa: B023
            for client, master in zip(clients[MASTERS:], ids, strict=False):
                client.execute_command("CLUSTER", "REPLICATE", master)
            for client in clients:
                _until(lambda: _cluster_info(client)["cluster_state"] == "ok")  # noqa: B023
            for client in clients[MASTERS:]:
                _until(lambda: cast("dict[str, Any]", client.info("replication"))["master_link_status"] == "up")  # noqa: B023


@pytest.fixture(scope="session")
def valkey_cluster_servers() -> Iterator[ValkeyCluster]:
    """One cluster without replicas for all tests of the session; skipped, and failing in CI, as `valkey_server`."""
    cluster = ValkeyCluster()
    try:
        cluster.__enter__()
    except CannotRunValkeyError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
    yield cluster
    cluster.__exit__(None, None, None)


@pytest.fixture
def valkey_cluster(valkey_cluster_servers: ValkeyCluster) -> ValkeyCluster:
    """The session's cluster, empty."""
    with valkey_cluster_servers.client() as client:
        client.flushall()
    return valkey_cluster_servers


def _slot_ranges() -> list[tuple[int, int]]:
    borders = [SLOTS * i // MASTERS for i in range(MASTERS + 1)]
    return [(first, after - 1) for first, after in pairwise(borders)]


def _cluster_info(client: redis.Redis) -> dict[str, str]:
    return cast("dict[str, str]", client.execute_command("CLUSTER INFO"))  # type: ignore[no-untyped-call]


def _until(happened: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise CannotRunValkeyError(f"the cluster is not as wanted after {seconds:g} s")
        time.sleep(0.02)
