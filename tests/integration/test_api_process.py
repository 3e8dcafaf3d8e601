"""The readers' door as a process of its own, on a real Valkey and the embedded index."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shared.api_keys.model import Scope, issue_key
from shared.api_keys.redis_store import RedisApiKeyStore
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ArticleChange
from shared.views.model import RecordedView
from shared.views.viewer_hash import viewer_hash
from tests.support.journals import PARTITIONS, Journal, redis_journal
from tests.support.readers_door import ARTICLES
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SECONDS = 15


@dataclass
class Door:
    process: subprocess.Popen[bytes]
    client: httpx.Client
    journal: Journal

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, article_id: str, *readers: str) -> None:
        at_ms = round(time.time() * 1_000)
        hashes = [viewer_hash(b"salt", reader, article_id) for reader in readers]
        self.journal.view(*(RecordedView(article_id, one, at_ms, countable=True) for one in hashes))


@contextmanager
def open_door(server: ValkeyServer, folder: Path) -> Iterator[Door]:
    """Its port is one that the kernel chose for it, as it logs it."""
    settings = {
        "KHOBOR_REDIS_URL": server.url,
        "KHOBOR_PARTITIONS": str(PARTITIONS),
        "KHOBOR_INDEX_PATH": str(folder / "index"),
        "KHOBOR_API_PORT": "0",
        "KHOBOR_LIVE_INTERVAL": "0.1",
        "KHOBOR_LIVE_HEARTBEAT": "0.5",
        "KHOBOR_MOST_READ_CACHE": "0",
        "KHOBOR_HOTTEST_CACHE": "0",
        "KHOBOR_LOG_FORMAT": "json",
    }
    log = folder / "api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.api"], cwd=ROOT, env={**os.environ, **settings}, stderr=output
        )
    try:
        port = eventually(lambda: listening_port(process, log), bool)
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
            redis_journal(server, datetime.now(UTC)) as journal,
        ):
            yield Door(process, client, journal)
    finally:
        process.kill()
        process.wait()


def listening_port(process: subprocess.Popen[bytes], log: Path) -> int:
    assert process.poll() is None, log.read_text()
    for line in log.read_bytes().splitlines():
        event = str(orjson.loads(line).get("event", ""))
        if "running on http://" in event:
            return int(event.split("://")[1].split(maxsplit=1)[0].rpartition(":")[2])
    return 0


def eventually(look: Callable[[], Any], good: Callable[[Any], bool], seconds: float = SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r}"
        time.sleep(0.05)
    return seen


@pytest.fixture(scope="module")
def door(valkey_server: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """It starts while there is no index yet."""
    with valkey_server.client() as client:
        client.flushall()
    folder = tmp_path_factory.mktemp("api")
    with open_door(valkey_server, folder) as door:
        assert door.client.get("/livez").status_code == 200
        assert door.client.get("/v1/search").status_code == 503
        publish(door, folder)
        eventually(lambda: door.client.get("/readyz").status_code, lambda status: status == 200)
        yield door


def publish(door: Door, folder: Path) -> None:
    writer = EmbeddedArticleWriter(folder / "index")
    writer.apply([ArticleChange(article.id, article.version, article) for article in ARTICLES])
    writer.make_searchable()
    writer.close()
    for article in ARTICLES:
        door.journal.publish(article.id, article.version, category=article.category)


def test_it_finds_what_came_after_its_start(door: Door) -> None:
    door.read("mosquito", "ক", "খ")
    [hit] = door.get("/v1/search", q="মশা মারতে")["results"]
    assert hit["id"] == "mosquito"
    assert hit["views"] == {"counted": 2, "raw": 2}
    assert [item["id"] for item in door.get("/v1/trending", window="1h", category="স্বাস্থ্য")["items"]] == ["mosquito"]
    stats = door.get("/v1/stats")
    assert (stats["engine"], stats["articles"]) == ("embedded", len(ARTICLES))
    assert stats["journal"]["views"]["waiting"] == 0


def test_an_admin_key_opens_the_analysis(door: Door, valkey_server: ValkeyServer) -> None:
    issued = issue_key(name="desk", scopes=(Scope.ADMIN,), created_at=datetime.now(UTC))
    with valkey_server.client() as client:
        RedisApiKeyStore(client).add(issued.key)
    headers = {"Authorization": f"Bearer {issued.token}"}
    assert door.client.get("/v1/analyze", params={"text": "ঢাকায়"}, headers=headers).status_code == 200
    assert door.client.get("/v1/analyze", params={"text": "ঢাকায়"}).status_code == 401


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, orjson.loads(value)


def test_a_live_list_tells_changes_and_heartbeats(door: Door) -> None:
    door.read("football", "ক")
    with door.client.stream("GET", "/v1/live", params={"window": "1h", "category": "খেলা"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer.iter_lines())
        name, first = next(told)
        assert name == "most-read"
        assert [item["views"]["counted"] for item in first["items"]] == [1]
        name, beat = next(told)
        assert name == "heartbeat"
        assert beat["as_of"] >= first["as_of"]
        door.read("football", "খ", "গ")
        changed = next(data for name, data in told if name == "most-read")
        assert [item["views"]["counted"] for item in changed["items"]] == [3]
        eventually(lambda: door.client.get("/metrics").text, lambda text: "khobor_live_listeners 1.0" in text)
    eventually(lambda: door.client.get("/metrics").text, lambda text: "khobor_live_listeners 0.0" in text)


def test_it_stops_soon_although_somebody_listens(valkey: ValkeyServer, tmp_path: Path) -> None:
    with open_door(valkey, tmp_path) as door:
        publish(door, tmp_path)
        with door.client.stream("GET", "/v1/live") as answer:
            told = events(answer.iter_lines())
            next(told)
            door.process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            # The answer ends as it should; a connection that breaks off would raise here.
            assert [name for name, _ in told if name != "heartbeat"] == []
        # uvicorn ends by the signal that stopped it.
        assert door.process.wait(timeout=5) in {0, -signal.SIGTERM}
        assert time.monotonic() - started < 3


def test_searches_go_on_without_redis_and_lists_come_back_with_it(tmp_path: Path) -> None:
    with ValkeyServer() as server, open_door(server, tmp_path) as door:
        publish(door, tmp_path)
        door.read("dengue", "ক")
        assert door.get("/v1/trending")["items"]

        server.freeze()
        first, second = (seconds_of(lambda: door.get("/v1/search", q="ডেঙ্গু")) for _ in range(2))
        server.thaw()
        # The time-out of a read is a second; after a failure nobody asks for two.
        assert first < 3
        assert second < 0.5

        server.kill()
        answer = door.get("/v1/search", q="ডেঙ্গু")
        assert answer["results"][0]["views"] is None
        assert answer["query"]["notes"]
        refused = door.client.get("/v1/trending")
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"]
        assert door.client.get("/").status_code == 200
        ready = door.client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["dependencies"]["redis"]["ok"] is False

        server.start()
        items = eventually(lambda: door.client.get("/v1/trending").json().get("items"), bool)
        assert items[0]["views"]["counted"] == 1
        eventually(
            lambda: door.get("/v1/search", q="ডেঙ্গু")["results"][0]["views"],
            lambda views: views == {"counted": 1, "raw": 1},
        )


def seconds_of(do: Callable[[], object]) -> float:
    started = time.monotonic()
    do()
    return time.monotonic() - started
