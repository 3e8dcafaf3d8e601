"""Several Elasticsearch nodes on loopback that are one cluster, to be killed one by one."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final, Self

from elasticsearch import Elasticsearch

from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.local_stack import eventually
from tests.support.valkey import free_port

DATA_AND_VOTE: Final = "[ master, data ]"
VOTE_ONLY: Final = "[ master ]"
_HEAP_MB: Final = 384
# Three Java processes that start at once share two cores.
_GREEN_SECONDS: Final = 180


class ElasticsearchCluster:
    """`roles` says which nodes there are. Use it as a context manager, which starts them all."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        transports = {name: str(free_port()) for name in roles}
        self._roles = roles
        self.nodes = {
            name: ElasticsearchServer(
                heap_mb=_HEAP_MB,
                settings={
                    "node.name": name,
                    "node.roles": roles[name],
                    "transport.port": transports[name],
                    "discovery.type": "multi-node",
                    "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in transports.values()),
                    "cluster.initial_master_nodes": ",".join(roles),
                },
            )
            for name in roles
        }

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for node in self.nodes.values():
                opened.callback(node.close)
            self.start(*self.nodes)
            urls = [node.url for node in self.nodes.values()]
            self._client = opened.enter_context(Elasticsearch(urls, request_timeout=10, max_retries=len(urls)))
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self, *names: str) -> None:
        """Nodes that do not run; returns when all of them belong to a cluster with a master.

        Raises:
            CannotRunElasticsearchError: one dies, or is not up in time.
        """
        for name in names:
            self.nodes[name].launch()
        for name in names:
            self.nodes[name].wait_until_ready()

    def kill(self, *names: str) -> None:
        for name in names:
            self.nodes[name].kill()

    def urls_with_data(self) -> list[str]:
        return [node.url for name, node in self.nodes.items() if self._roles[name] == DATA_AND_VOTE]

    def status(self) -> str:
        return str(self._client.cluster.health()["status"])

    def wait_until_green(self) -> None:
        eventually(self.status, lambda status: status == "green", seconds=_GREEN_SECONDS)

    def master(self) -> str | None:
        """None while there is none."""
        state = self._client.cluster.state(metric="master_node,nodes")
        return next((node["name"] for key, node in state["nodes"].items() if key == state["master_node"]), None)

    def make_master(self, name: str) -> None:
        """Have the others give up their vote until it has been elected."""
        others = [other for other in self.nodes if other != name]
        self._client.cluster.post_voting_config_exclusions(node_names=others)
        eventually(self.master, lambda master: master == name, seconds=30)
        self._client.cluster.delete_voting_config_exclusions(wait_for_removal=False)
        eventually(self.voters, lambda voters: len(voters) == _odd(len(self.nodes)), seconds=30)

    def voters(self) -> set[str]:
        """The nodes of which a majority is needed for every decision."""
        state = self._client.cluster.state(metric="metadata,nodes")
        voting = state["metadata"]["cluster_coordination"]["last_committed_config"]
        return {state["nodes"][node]["name"] for node in voting if node in state["nodes"]}


def _odd(count: int) -> int:
    """As many of `count` nodes vote: with an even number a cluster cut in halves would have no majority on any side."""
    return count - (count + 1) % 2
