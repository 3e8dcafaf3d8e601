"""The publishers' door over real HTTP, on a real Valkey, through the faults that a door meets."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.ingest.ports import redis_ports
from services.ingest.settings import IngestSettings
from shared.events import article_event_from_journal
from shared.keys import PartitionKeys, StreamKind
from shared.views.model import RecordedView, decode_views
from tests.support.ingest_process import PARTITIONS, IngestProcess, publisher_headers
from tests.support.lost_reply_proxy import LostReplyProxy
from tests.support.publishers_door import BROWSER, a_published_event, a_viewed_event, an_article
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that tests may kill, and that nobody empties in between."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture(scope="module")
def door(own_valkey: ValkeyServer) -> Iterator[IngestProcess]:
    with IngestProcess(own_valkey.url) as process:
        yield process


@pytest.fixture(scope="module")
def http(door: IngestProcess, own_valkey: ValkeyServer) -> Iterator[httpx.Client]:
    headers = {**publisher_headers(own_valkey), "User-Agent": BROWSER}
    with httpx.Client(base_url=door.url, headers=headers, timeout=20) as client:
        yield client


def bodies(server: ValkeyServer, kind: StreamKind) -> list[bytes]:
    with server.client() as client:
        streams = [PartitionKeys(partition).stream(kind) for partition in range(PARTITIONS)]
        entries: Any = [entry for stream in streams for entry in client.xrange(stream)]
        return [fields[b"body"] for _, fields in entries]


def events(server: ValkeyServer, article_id: str | None = None) -> Counter[str]:
    """Event ids in the journal, and how often each is there."""
    found = [article_event_from_journal(body) for body in bodies(server, StreamKind.ARTICLES)]
    return Counter(event.id for event in found if article_id in {None, event.subject})


def views(server: ValkeyServer, article_id: str) -> list[RecordedView]:
    found = [view for body in bodies(server, StreamKind.VIEWS) for view in decode_views(body)]
    return [view for view in found if view.article_id == article_id]


def test_what_is_accepted_is_on_disk(http: httpx.Client, own_valkey: ValkeyServer) -> None:
    answer = http.put("/v1/articles/ilish", json=an_article())
    assert answer.status_code == 202, answer.text
    assert events(own_valkey, "ilish") == {answer.json()["event_id"]: 1}

    status = http.get(answer.json()["status_url"]).json()
    assert (status["state"], status["version"]) == ("received", 1)

    assert http.delete("/v1/articles/ilish", params={"version": 2}).status_code == 202
    assert len(events(own_valkey, "ilish")) == 2


def test_the_same_event_again_is_a_duplicate(http: httpx.Client, own_valkey: ValkeyServer) -> None:
    event = a_published_event("once", "once-1")
    assert http.post("/v1/events", json=event, headers=STRUCTURED).json() == {"accepted": 1, "duplicates": 0}
    batch = [event, a_published_event("once", "once-2")]
    assert http.post("/v1/events", json=batch, headers=BATCH).json() == {"accepted": 1, "duplicates": 1}
    assert events(own_valkey, "once") == {"once-1": 1, "once-2": 1}


def test_views_of_a_beacon(http: httpx.Client, door: IngestProcess, own_valkey: ValkeyServer) -> None:
    url = f"{door.url}/v1/views"
    beacon = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": BROWSER}
    for viewer in ("ক", "ক", "খ"):
        body = f'{{"article_id": "beacon", "viewer": "{viewer}"}}'
        assert httpx.post(url, content=body.encode(), headers=beacon).json() == {"accepted": 1}
    assert httpx.get(f"{url}.gif?article=beacon", headers={"User-Agent": BROWSER}).status_code == 200
    recorded = views(own_valkey, "beacon")
    assert len(recorded) == 4
    assert len({view.viewer_hash for view in recorded}) == 3

    repeated = {"article_id": "repeated", "event_id": "r-1"}
    for _ in range(3):
        assert http.post("/v1/views", json=repeated).json() == {"accepted": 1}
    assert len(views(own_valkey, "repeated")) == 1


def test_many_requests_at_once_are_each_told_of_their_own(http: httpx.Client, own_valkey: ValkeyServer) -> None:
    async def run() -> list[dict[str, int]]:
        async with httpx.AsyncClient(base_url=http.base_url, headers=http.headers, timeout=20) as client:
            posts = [
                client.post("/v1/events", json=a_published_event("crowd", f"crowd-{n % 40}"), headers=STRUCTURED)
                for n in range(80)
            ]
            return [answer.json() for answer in await asyncio.gather(*posts)]

    answers = asyncio.run(run())
    assert sum(answer["accepted"] for answer in answers) == 40
    assert sum(answer["duplicates"] for answer in answers) == 40
    assert set(events(own_valkey, "crowd").values()) == {1}


def test_a_body_of_50_megabytes_is_refused_without_being_read(door: IngestProcess) -> None:
    def megabytes() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 1_000_000

    for headers, content in (
        ({"Content-Length": "50000000"}, megabytes()),
        ({"Transfer-Encoding": "chunked"}, megabytes()),
    ):
        answer = httpx.post(f"{door.url}/v1/views", content=content, headers=headers, timeout=20)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Connection"] == "close"
    assert httpx.get(f"{door.url}/livez").status_code == 200


@pytest.mark.parametrize("path", ["/v1/views", "/v1/articles/%2e%2e", "/v1/articles/a%2Fb", "/v1/events"])
def test_raw_nonsense_gets_an_answer_or_the_door(door: IngestProcess, path: str) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=5) as connection:
        connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        answer = connection.recv(10_000)
        assert answer.startswith((b"HTTP/1.1 4",))
        assert b"problem+json" in answer


def test_while_the_journal_is_dead_nothing_is_accepted_and_then_it_goes_on(
    http: httpx.Client, own_valkey: ValkeyServer
) -> None:
    """Clients send one event after the other, and repeat each until it is accepted, as publishers do."""
    refused = 0

    async def publish(client: httpx.AsyncClient, name: str) -> None:
        nonlocal refused
        event = a_published_event("outage", name)
        while True:
            answer = await client.post("/v1/events", json=event, headers=STRUCTURED)
            if answer.status_code == 202:
                return
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            refused += 1
            await asyncio.sleep(0.1)

    async def run() -> float:
        async with httpx.AsyncClient(base_url=http.base_url, headers=http.headers, timeout=20) as client:
            publishing = [asyncio.create_task(publish(client, f"outage-{n}")) for n in range(100)]
            await asyncio.sleep(0.05)
            await asyncio.to_thread(own_valkey.kill)
            more = [asyncio.create_task(publish(client, f"outage-{n}")) for n in range(100, 150)]
            await asyncio.sleep(2.5)
            await asyncio.to_thread(own_valkey.start)
            started = time.monotonic()
            await asyncio.gather(*publishing, *more)
            return time.monotonic() - started

    recovery = asyncio.run(run())
    assert refused > 0
    assert recovery < 5
    assert events(own_valkey, "outage") == {f"outage-{n}": 1 for n in range(150)}
    assert http.get("/readyz").status_code == 200


def test_readiness_names_a_dead_journal(http: httpx.Client, own_valkey: ValkeyServer) -> None:
    own_valkey.kill()
    try:
        answer = http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["dependencies"]["journal"]["ok"] is False
        assert answer.json()["dependencies"]["broker"]["ok"] is False
        assert http.get("/livez").status_code == 200
    finally:
        own_valkey.start()
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["dependencies"]["broker"]["ok"]) == (200, True)


def test_without_a_broker_events_are_taken_and_readiness_says_what_is_missing(own_valkey: ValkeyServer) -> None:
    headers = publisher_headers(own_valkey)
    with IngestProcess(own_valkey.url, broker_url="redis://127.0.0.1:1/0", key_rate="2/minute") as door:
        ready = httpx.get(f"{door.url}/readyz", timeout=10)
        assert ready.status_code == 200
        dependencies = ready.json()["dependencies"]
        assert (dependencies["journal"]["ok"], dependencies["broker"]["ok"]) == (True, False)
        puts = [
            httpx.put(
                f"{door.url}/v1/articles/no-broker", json=an_article(version=version), headers=headers, timeout=10
            )
            for version in (1, 2, 3)
        ]
        assert [answer.status_code for answer in puts] == [202, 202, 429]
        assert 1 <= int(puts[2].headers["Retry-After"]) <= 60


def test_a_door_killed_between_append_and_answer_counts_once(own_valkey: ValkeyServer) -> None:
    """The append is carried out, its reply is lost, and the door dies before it can answer or repeat."""
    headers = {**publisher_headers(own_valkey), "User-Agent": BROWSER}
    event, view = a_published_event("killed", "killed-1"), a_viewed_event("killed", "killed-2")

    async def post(url: str) -> httpx.Response:
        async with httpx.AsyncClient(headers=headers, timeout=20) as client:
            return await client.post(f"{url}/v1/events", json=[event, view], headers=BATCH)

    async def kill_in_between(door: IngestProcess, proxy: LostReplyProxy) -> None:
        # The key is looked up, and the script known to the server, before a reply is lost.
        async with httpx.AsyncClient(headers=headers, timeout=20) as client:
            assert (await client.put(f"{door.url}/v1/articles/before", json=an_article())).status_code == 202
        sending = asyncio.create_task(post(door.url))
        while not proxy.lost:
            proxy.lose_reply_to(b"killed-1")
            await asyncio.sleep(0.005)
        door.kill()
        with pytest.raises(httpx.TransportError):
            await sending

    with LostReplyProxy(own_valkey.port) as proxy:
        with IngestProcess(proxy.url) as door:
            asyncio.run(kill_in_between(door, proxy))
            assert events(own_valkey, "killed") == {"killed-1": 1}
        with IngestProcess(own_valkey.url) as door:
            answer = asyncio.run(post(door.url))
            assert answer.status_code == 202, answer.text
            assert answer.json()["accepted"] + answer.json()["duplicates"] == 2
            assert answer.json()["duplicates"] >= 1
    assert events(own_valkey, "killed") == {"killed-1": 1}
    assert len(views(own_valkey, "killed")) == 1


def test_a_stopped_door_finishes_what_is_under_way(own_valkey: ValkeyServer) -> None:
    headers = publisher_headers(own_valkey)

    async def run(door: IngestProcess) -> tuple[list[httpx.Response | BaseException], int]:
        async with httpx.AsyncClient(base_url=door.url, headers=headers, timeout=20) as client:
            posts = [
                asyncio.create_task(
                    client.post("/v1/events", json=a_published_event("stopped", f"stopped-{n}"), headers=STRUCTURED)
                )
                for n in range(60)
            ]
            await asyncio.sleep(1)
            code = await asyncio.to_thread(door.stop)
            return await asyncio.gather(*posts, return_exceptions=True), code

    # Events gather for so long that the stop comes in between.
    with IngestProcess(own_valkey.url, commit_wait="3") as door:
        answers, code = asyncio.run(run(door))
    assert code == 0, door.log
    accepted = [answer for answer in answers if isinstance(answer, httpx.Response) and answer.status_code == 202]
    assert accepted
    assert sum(events(own_valkey, "stopped").values()) >= len(accepted)
    assert set(events(own_valkey, "stopped").values()) == {1}


@pytest.mark.parametrize(("policy", "warnings"), [("always", []), ("everysec", ["journal.not_durable"])])
def test_a_journal_that_is_not_synced_is_said_at_the_start(
    own_valkey: ValkeyServer, policy: str, warnings: list[str]
) -> None:
    async def run() -> None:
        settings = IngestSettings(redis_url=SecretStr(own_valkey.url), viewer_secret=SecretStr("s" * 32))
        ports = redis_ports(settings)
        await ports.open()
        await ports.close()

    with own_valkey.client() as client:
        client.config_set("appendfsync", policy)
        try:
            with capture_logs() as logs:
                asyncio.run(run())
        finally:
            client.config_set("appendfsync", "always")
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == warnings


def test_settings_that_are_not_right_are_said_at_the_start() -> None:
    process = IngestProcess("redis://127.0.0.1:1/0", viewer_secret="short and secret")
    with pytest.raises(AssertionError, match="viewer_secret must have at least"):
        process.start()
    assert "short and secret" not in process.log
    process.__exit__(None, None, None)
