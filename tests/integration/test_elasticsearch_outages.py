"""Whatever happens to Elasticsearch, no process gives up, nothing accepted is lost, and readers are told in time.

Real processes, real Elasticsearch. Each situation has a row in docs/operations.md, "When Elasticsearch fails".
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import orjson
import pytest

from shared.search.elasticsearch.index_setup import form
from tests.support.command_line import CommandLine
from tests.support.elasticsearch_engine import delete_indices
from tests.support.elasticsearch_faults import full_disk, red_index
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.http_fault_proxy import Answer, Fault, HangUpError, HttpFaultProxy, Request
from tests.support.index_stack import LISTS, PAGES, PATIENCE_SECONDS, READ, SLACK_SECONDS, IndexStack, timed
from tests.support.local_stack import eventually
from tests.support.valkey import ValkeyServer, free_port

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(400)]

JSON = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}


class Situation(NamedTuple):
    stack: IndexStack
    proxy: HttpFaultProxy


@pytest.fixture(scope="module")
def situation(
    elasticsearch_server: ElasticsearchServer, valkey_server: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Situation]:
    """Every process starts while nobody listens where Elasticsearch should be; later somebody does."""
    with valkey_server.client() as client:
        client.flushall()
    prefix = f"t{free_port()}"
    address = free_port()
    stack = IndexStack(
        valkey_server,
        tmp_path_factory.mktemp("outages"),
        index_urls=[f"http://127.0.0.1:{address}"],
        server_urls=[elasticsearch_server.url],
        prefix=prefix,
    )
    with stack:
        early = stack.publish(5)
        viewed = stack.publisher.post("/v1/views", json={"article_id": early[0], "viewer": "পাঠক"})
        assert viewed.status_code == 202
        eventually(lambda: stack.worker.logged("circuit.opened"), bool, seconds=30)
        # No article has been applied yet, so there is an empty list, for which no index is needed.
        assert_readers_are_told(stack, PATIENCE_SECONDS, READ)
        assert stack.reader.get("/readyz").json()["dependencies"]["index"]["ok"] is False
        assert stack.waiting() == 5
        with HttpFaultProxy(elasticsearch_server.url, port=address) as proxy:
            stack.assert_recovered(early, settled_before=0)
            assert stack.reader.get("/readyz").status_code == 200
            eventually(lambda: stack.reader.get("/v1/trending").json()["items"], bool, seconds=30)
            yield Situation(stack, proxy)
    delete_indices(elasticsearch_server.url, prefix)


def assert_readers_are_told(stack: IndexStack, seconds: float, api: Sequence[str] = (*READ, *LISTS)) -> None:
    """By problem details or by a page, that they may come back, and soon."""
    # Numbers about the index are kept for two seconds.
    eventually(lambda: stack.reader.get("/v1/stats").status_code, lambda status: status == 503)
    for path in (*api, *PAGES):
        answer, took = timed(lambda path=path: stack.reader.get(path))
        assert answer.status_code == 503, (path, answer.text)
        assert int(answer.headers["Retry-After"]) > 0
        assert took < seconds + SLACK_SECONDS, path
        kind = answer.headers["Content-Type"].partition(";")[0]
        if path in PAGES:
            assert kind == "text/html"
        else:
            assert kind == "application/problem+json"
            assert answer.json()["type"] == "urn:khobor:problem:index-unavailable"
    if set(LISTS) <= set(api):
        assert live_event(stack) == "unavailable"


def live_event(stack: IndexStack) -> str:
    with stack.reader.stream("GET", "/v1/live") as answer:
        for line in answer.iter_lines():
            if line.startswith("event:"):
                return line.removeprefix("event:").strip()
    return "none"


@contextmanager
def outage(stack: IndexStack, reason: str, *, accepted: int = 6) -> Iterator[list[str]]:
    """Inside the fault is there and articles have been accepted; after it, see `assert_outlived`."""
    seen = len(stack.worker.logged("circuit.opened"))
    published = stack.publish(accepted)
    opened = eventually(lambda: stack.worker.logged("circuit.opened")[seen:], bool, seconds=30)
    assert reason in opened[0]["reason"]
    assert stack.waiting() == accepted
    assert eventually(stack.circuit_is_open, bool, seconds=30)
    yield published


def refuse(status: int, kind: str, reason: str) -> Fault:
    error = {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}
    answer = Answer(status, orjson.dumps({"error": error, "status": status}), JSON)
    return lambda request: answer if "/_bulk" in request.path or "/_search" in request.path else None


def test_it_is_down_at_the_start(situation: Situation) -> None:
    """The fixture has seen it: events are accepted, readers are told, and everything is there once it is up."""
    assert situation.stack.worker.logged("circuit.closed")
    assert situation.stack.metric("khobor_index_failures_total") > 0
    assert "dependency.unavailable" in situation.stack.api.text
    assert live_event(situation.stack) == "most-read"


def test_it_goes_down_under_load(situation: Situation) -> None:
    stack, proxy = situation
    before = stack.settled()

    def die(_: Request) -> Answer | None:
        raise HangUpError

    with stack.load() as load:
        eventually(lambda: stack.settled() - before, lambda count: count > 10, seconds=30)
        proxy.fault = die
        eventually(stack.circuit_is_open, bool, seconds=30)
        assert_readers_are_told(stack, 1)
        eventually(stack.waiting, lambda count: count > 20, seconds=30)
        proxy.fault = None
        eventually(lambda: stack.search().status_code, lambda status: status == 200, seconds=30)
    stack.assert_recovered(load.accepted, settled_before=before)


def test_it_never_answers(situation: Situation) -> None:
    """Forty readers at once and sixteen threads: who waits for a thread must not wait for every other reader."""
    stack, proxy = situation
    before = stack.settled()
    searches: list[str] = []

    def hang(request: Request) -> Answer:
        if "/_search" in request.path:
            searches.append(request.path)
        return Answer(200, b"{}", JSON, wait=120)

    proxy.fault = hang
    with outage(stack, "did not answer in time") as published:
        searches.clear()
        with ThreadPoolExecutor(40) as readers:
            answers = [each.result() for each in [readers.submit(timed, stack.search) for _ in range(40)]]
        assert {answer.status_code for answer, _ in answers} == {503}
        assert max(took for _, took in answers) < PATIENCE_SECONDS * 2 + SLACK_SECONDS
        # Each would ask, and wait: those who found no thread were answered without.
        assert len(searches) < 30
        alive, took = timed(lambda: stack.reader.get("/livez"))
        assert (alive.status_code, took < SLACK_SECONDS) == (200, True)
        assert_readers_are_told(stack, PATIENCE_SECONDS)
        assert "index.hangs" in stack.api.text
        proxy.fault = None
    stack.assert_recovered(published, settled_before=before)
    eventually(lambda: stack.api.text, lambda text: "index.answers_again" in text)


def test_it_is_slow(situation: Situation) -> None:
    """Every request takes a second: workers go on, and a reader gets an answer or a 503, never later than his limit."""
    stack, proxy = situation
    before = stack.settled()

    def slow(request: Request) -> Answer | None:
        time.sleep(1.0)
        return None

    proxy.fault = slow
    published = stack.publish(5)
    answer, took = timed(stack.search)
    assert answer.status_code in {200, 503}
    assert took < PATIENCE_SECONDS + SLACK_SECONDS
    eventually(lambda: stack.settled() - before, lambda count: count == 5, seconds=60)
    proxy.fault = None
    stack.assert_recovered(published, settled_before=before)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (refuse(429, "es_rejected_execution_exception", "rejected execution of primary operation"), "429"),
        (refuse(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/2/no master];"), "no master"),
    ],
    ids=["429", "no master"],
)
def test_it_refuses(situation: Situation, fault: Fault, reason: str) -> None:
    stack, proxy = situation
    before = stack.settled()
    proxy.fault = fault
    with outage(stack, reason) as published:
        assert stack.search().status_code == 503
        proxy.fault = None
    stack.assert_recovered(published, settled_before=before)


def test_its_disk_is_full(situation: Situation) -> None:
    stack, _ = situation
    before = stack.settled()
    with full_disk(stack.index, stack.names.read), outage(stack, "block") as published:
        assert stack.search().json()["total"]["value"] > 0
    stack.assert_recovered(published, settled_before=before)


def test_its_index_is_red(situation: Situation) -> None:
    stack, _ = situation
    before = stack.settled()
    with red_index(stack.index, stack.names), outage(stack, "primary shard is not active") as published:
        assert stack.search().status_code == 503
    stack.assert_recovered(published, settled_before=before)


def khobor(stack: IndexStack, *arguments: str) -> None:
    answer = CommandLine(stack.settings).run("index", *arguments)
    assert answer.exit_code == 0, answer


@pytest.mark.parametrize("alias", ["read", "write"])
def test_an_alias_is_removed(situation: Situation, alias: str) -> None:
    stack, _ = situation
    before = stack.settled()
    [index] = stack.index.indices.get_alias(name=stack.names.read)
    stack.index.indices.delete_alias(index=index, name=getattr(stack.names, alias))
    if alias == "read":
        published = stack.publish(3)
        assert stack.search().status_code == 503
        khobor(stack, "create")
    else:
        with outage(stack, "") as published:
            assert stack.search().status_code == 200
            eventually(lambda: stack.worker.text, lambda text: "run `khobor index create`" in text, seconds=30)
            khobor(stack, "create")
    stack.assert_recovered(published, settled_before=before)


def test_its_index_is_of_another_analyzer(situation: Situation) -> None:
    """After an update of the program."""
    stack, _ = situation
    before = stack.settled()
    [index] = stack.index.indices.get_alias(name=stack.names.read)
    stack.index.indices.put_mapping(index=index, meta={"form": "v0-other"})
    stack.index.indices.update_aliases(
        actions=[
            {"remove": {"index": index, "alias": stack.names.write}},
            {"add": {"index": index, "alias": f"{stack.names.writers[:-1]}v0-other"}},
        ]
    )
    with outage(stack, "") as published:
        wanted = f"no index in use takes documents of the form {form()}"
        eventually(lambda: stack.worker.text, lambda text: wanted in text, seconds=30)
        assert stack.search().json()["total"]["value"] > 0
        khobor(stack, "rebuild")
    stack.assert_recovered(published, settled_before=before)
    khobor(stack, "prune", "--keep", "0")


def test_its_index_is_exchanged_for_one_that_was_made_by_hand(situation: Situation) -> None:
    """With a mapping that refuses every document: no article is to blame, so none goes to the dead letters."""
    stack, _ = situation
    before = stack.settled()
    [index] = stack.index.indices.get_alias(name=stack.names.read)
    by_hand = stack.names.index(stack.names.number_of(index) + 1)
    stack.index.indices.delete_index_template(name=stack.names.template)
    stack.index.indices.create(index=by_hand, mappings={"properties": {"published": {"type": "boolean"}}})
    stack.index.indices.update_aliases(
        actions=[
            {"remove_index": {"index": index}},
            {"add": {"index": by_hand, "alias": stack.names.read}},
            {"add": {"index": by_hand, "alias": stack.names.write, "is_write_index": True}},
        ]
    )
    with outage(stack, "has another mapping") as published:
        stack.index.indices.delete(index=by_hand)
        khobor(stack, "create")
    stack.assert_recovered(published, settled_before=before)


def test_its_index_is_deleted(situation: Situation) -> None:
    """Nobody begins an empty one but the operator: readers would be told that there is no news."""
    stack, _ = situation
    before = stack.settled()
    [index] = stack.index.indices.get_alias(name=stack.names.read)
    stack.index.indices.delete(index=index)
    with outage(stack, "") as published:
        assert stack.search().status_code == 503
        eventually(lambda: stack.worker.text, lambda text: "the index was deleted" in text, seconds=30)
        assert stack.index.indices.get(index=stack.names.pattern).body == {}
        khobor(stack, "create")
    stack.assert_recovered(published, settled_before=before)
