"""A cluster of Elasticsearch loses nodes under load: which losses it survives, and what readers and publishers notice.

Real nodes, real processes. docs/operations.md, "A cluster of Elasticsearch", says what was seen.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.elasticsearch import skipping_where_it_cannot_run
from tests.support.elasticsearch_cluster import DATA_AND_VOTE, VOTE_ONLY, ElasticsearchCluster
from tests.support.index_stack import LISTS, PAGES, PATIENCE_SECONDS, READ, SLACK_SECONDS, IndexStack, Load
from tests.support.local_stack import eventually
from tests.support.meanwhile import meanwhile
from tests.support.valkey import ValkeyServer

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(600)]

# Found by every search, whatever else happens.
EARLY_ARTICLES = 20


class Clustered(NamedTuple):
    cluster: ElasticsearchCluster
    stack: IndexStack

    def wait_until_whole(self) -> None:
        """Every node is there, and both copies of every shard hold the same number of documents."""
        self.cluster.wait_until_green()
        eventually(self._documents_by_shard, lambda shards: all(len(set(copies)) == 1 for copies in shards), seconds=30)

    def _documents_by_shard(self) -> list[list[int]]:
        [index] = self.stack.index.indices.stats(index=self.stack.names.read, level="shards")["indices"].values()
        shards = [[copy["docs"]["count"] for copy in copies] for copies in index["shards"].values()]
        assert [len(copies) for copies in shards] == [2, 2]
        return shards


class Answer(NamedTuple):
    """`at` is when it came, `seconds` is how long it took; `found` is None when it is no 200."""

    at: float
    status: int
    seconds: float
    found: int | None


@contextmanager
def clustered(roles: Mapping[str, str], valkey: ValkeyServer, folder: Path) -> Iterator[Clustered]:
    with valkey.client() as client:
        client.flushall()
    with ExitStack() as opened:
        with skipping_where_it_cannot_run():
            cluster = opened.enter_context(ElasticsearchCluster(roles))
        urls = cluster.urls_with_data()
        stack = IndexStack(
            valkey,
            folder,
            index_urls=urls,
            server_urls=urls,
            prefix="khobor",
            settings={"index_replicas": "1", "index_shards": "2"},
        )
        opened.enter_context(stack)
        stack.assert_recovered(stack.publish(EARLY_ARTICLES), settled_before=0)
        yield Clustered(cluster, stack)


@contextmanager
def reading(stack: IndexStack) -> Iterator[list[Answer]]:
    """A reader who searches all the time; what he was answered."""
    answers: list[Answer] = []

    def search() -> None:
        began = time.monotonic()
        response = stack.search()
        found = response.json()["total"]["value"] if response.status_code == 200 else None
        now = time.monotonic()
        answers.append(Answer(now, response.status_code, now - began, found))
        assert found is not None or int(response.headers["Retry-After"]) > 0

    with meanwhile(search, every=0.02):
        yield answers


def assert_read_well(answers: list[Answer], *, refused: float) -> None:
    """In time, and whole or not at all; `refused` is the largest share of answers that may be 503."""
    assert {answer.status for answer in answers} <= {200, 503}
    assert max(answer.seconds for answer in answers) < PATIENCE_SECONDS + SLACK_SECONDS
    assert min(answer.found for answer in answers if answer.found is not None) >= EARLY_ARTICLES
    assert sum(answer.status == 503 for answer in answers) <= len(answers) * refused


def assert_goes_on_without(clustered: Clustered, name: str, *, status: str) -> None:
    """The node is killed while articles are published and searched for, and comes back while they still are."""
    cluster, stack = clustered
    before = stack.settled()
    ages: list[float] = []

    def settled() -> int:
        ages.append(stack.metric("khobor_journal_oldest_seconds", stream="articles"))
        return stack.settled()

    with stack.load() as load, reading(stack) as answers:
        eventually(stack.settled, lambda count: count > before + 25, seconds=60)
        cluster.kill(name)
        at_the_kill = settled()
        eventually(settled, lambda count: count > at_the_kill + 100, seconds=120)
        assert cluster.status() == status
        cluster.start(name)
        cluster.wait_until_green()
        back = stack.settled()
        eventually(stack.settled, lambda count: count > back + 25, seconds=60)
    report(name, load, answers, f"at the kill an event waited up to {max(ages):.1f} s")
    assert_read_well(answers, refused=0.05)
    stack.assert_recovered(load.accepted, settled_before=before)
    clustered.wait_until_whole()


def assert_reads_on_and_catches_up_without(clustered: Clustered, *names: str) -> None:
    """Those nodes had the majority: what is left can be searched and not written to, until they are back."""
    cluster, stack = clustered
    before = stack.settled()
    opened = len(stack.worker.logged("circuit.opened"))

    def reasons() -> str:
        return "; ".join(line["reason"] for line in stack.worker.logged("circuit.opened")[opened:])

    with stack.load() as load, reading(stack) as answers:
        eventually(stack.settled, lambda count: count > before + 25, seconds=60)
        cluster.kill(*names)
        # The client asks both addresses, and tells what the last one said: that of a dead node cannot be reached.
        eventually(reasons, lambda seen: "no master" in seen, seconds=120)
        stopped_at = stack.settled()
        eventually(stack.waiting, lambda count: count > 100, seconds=60)
        assert stack.settled() == stopped_at
        doors = (*READ, *LISTS, *PAGES, "/readyz")
        assert {path: stack.reader.get(path).status_code for path in doors} == dict.fromkeys(doors, 200)
        waiting = stack.waiting()
        cluster.start(*names)
        eventually(stack.settled, lambda count: count > stopped_at + 100, seconds=120)
    report(" and ".join(names), load, answers, f"{waiting} events waited when they were started again")
    assert_read_well(answers, refused=0.1)
    stack.assert_recovered(load.accepted, settled_before=before)
    clustered.wait_until_whole()


def report(names: str, load: Load, answers: list[Answer], more: str) -> None:
    """`pytest -rP` shows it; seconds are counted from the first search, a moment before the kill."""
    began = answers[0].at
    good = [answer.at for answer in answers if answer.status == 200]
    gap = max(later - earlier for earlier, later in pairwise(good))
    refused = ", ".join(f"{answer.at - began:.0f}" for answer in answers if answer.status == 503)
    slowest = max(answer.seconds for answer in answers)
    print(  # noqa: T201
        f"{names} killed: {len(load.accepted)} articles accepted; {len(answers) - len(good)} of {len(answers)} "
        f"searches answered 503 (in second {refused or '-'} of {answers[-1].at - began:.0f}), "
        f"the slowest after {slowest:.1f} s, at most {gap:.1f} s without a 200; {more}"
    )


@pytest.fixture(scope="class")
def three_nodes(valkey_server: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clustered]:
    roles = {"one": DATA_AND_VOTE, "two": DATA_AND_VOTE, "tiebreaker": VOTE_ONLY}
    with clustered(roles, valkey_server, tmp_path_factory.mktemp("three")) as made:
        yield made


@pytest.fixture(scope="class")
def two_nodes(valkey_server: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clustered]:
    with clustered({"one": DATA_AND_VOTE, "two": DATA_AND_VOTE}, valkey_server, tmp_path_factory.mktemp("two")) as made:
        yield made


class TestThreeNodesOneOfThemWithoutArticles:
    """Any one of them may go."""

    def test_the_master_dies(self, three_nodes: Clustered) -> None:
        three_nodes.cluster.make_master("one")
        assert_goes_on_without(three_nodes, "one", status="yellow")

    def test_another_one_with_articles_dies(self, three_nodes: Clustered) -> None:
        three_nodes.cluster.make_master("one")
        assert_goes_on_without(three_nodes, "two", status="yellow")

    def test_the_one_without_articles_dies(self, three_nodes: Clustered) -> None:
        three_nodes.cluster.make_master("tiebreaker")
        assert_goes_on_without(three_nodes, "tiebreaker", status="green")

    def test_two_of_them_die(self, three_nodes: Clustered) -> None:
        assert_reads_on_and_catches_up_without(three_nodes, "two", "tiebreaker")


class TestTwoNodes:
    """One of them has the only vote."""

    def test_the_one_without_the_vote_dies(self, two_nodes: Clustered) -> None:
        [name] = two_nodes.cluster.nodes.keys() - two_nodes.cluster.voters()
        assert_goes_on_without(two_nodes, name, status="yellow")

    def test_the_one_with_the_vote_dies(self, two_nodes: Clustered) -> None:
        [name] = two_nodes.cluster.voters()
        assert_reads_on_and_catches_up_without(two_nodes, name)
