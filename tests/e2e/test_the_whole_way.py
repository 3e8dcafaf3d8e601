"""From a publisher's page to a reader's list, through real processes."""

import os
import re
import signal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.local_stack import ROOT, Stack, eventually

pytestmark = pytest.mark.e2e

SEED = sorted((ROOT.parent / "shared" / "seed").glob("*.txt"))


def _article(**changes: Any) -> dict[str, Any]:
    identifier = f"e2e-{uuid4().hex[:12]}"
    return {
        "id": identifier,
        "version": 1,
        "title": "কুশিয়ারার চরে তরমুজের বাম্পার ফলন",
        "body": "কুশিয়ারা নদীর চরে এ বছর তরমুজের ভালো ফলন হয়েছে।\nকৃষকেরা বলছেন, দামও মিলছে ভালো।",
        "category": "কৃষি",
        "published_at": "2026-11-20T09:00:00+06:00",
    } | changes


def _put(stack: Stack, article: dict[str, Any]) -> httpx.Response:
    return httpx.put(f"{stack.ingest}/v1/articles/{article['id']}", json=article, headers=stack.headers(), timeout=10)


def _found(stack: Stack, query: str) -> list[str]:
    return [hit["id"] for hit in stack.get("/v1/search", q=query, limit=100)["results"]]


def _view(stack: Stack, article_id: str, viewer: str) -> None:
    view = {"article_id": article_id, "event_id": uuid4().hex, "viewer": viewer}
    assert httpx.post(f"{stack.ingest}/v1/views", json=view, timeout=10).status_code == 202


def _on_list(stack: Stack, article_id: str, window: str = "24h") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = stack.get("/v1/trending", window=window, limit=100)["items"]
    return [item for item in items if item["id"] == article_id]


def test_an_article_is_published_found_viewed_and_retracted(stack: Stack) -> None:
    article = _article()
    answer = _put(stack, article)
    assert answer.status_code == 202, answer.text

    # In the title it says কুশিয়ারার; the reader types the dictionary form on another keyboard (য + nukta).
    eventually(lambda: _found(stack, "কুশিয়ারা তরমুজ"), lambda ids: article["id"] in ids)
    hit = next(hit for hit in stack.get("/v1/search", q="তরমুজ")["results"] if hit["id"] == article["id"])
    assert "<mark>তরমুজের</mark>" in hit["highlights"]["title"]

    for viewer in ("ক", "খ", "খ"):
        _view(stack, article["id"], viewer)
    listed = eventually(
        lambda: _on_list(stack, article["id"]), lambda items: bool(items) and items[0]["views"]["raw"] == 3
    )
    assert listed[0]["views"]["counted"] == 2

    gone = httpx.delete(
        f"{stack.ingest}/v1/articles/{article['id']}", params={"version": 2}, headers=stack.headers(), timeout=10
    )
    assert gone.status_code == 202, gone.text
    eventually(lambda: _found(stack, "কুশিয়ারা তরমুজ"), lambda ids: article["id"] not in ids)
    eventually(lambda: _on_list(stack, article["id"]), lambda items: not items)
    assert httpx.get(f"{stack.api}/v1/articles/{article['id']}", timeout=10).status_code == 410


def test_an_older_version_does_not_bring_a_retracted_article_back(stack: Stack) -> None:
    article = _article(version=5)
    httpx.delete(f"{stack.ingest}/v1/articles/{article['id']}", params={"version": 9}, headers=stack.headers())
    assert _put(stack, article).status_code == 202

    def stages() -> set[str]:
        answer = httpx.get(f"{stack.ingest}/v1/articles/{article['id']}/status", headers=stack.headers(), timeout=10)
        return {mark["stage"] for mark in answer.json()["trail"]}

    eventually(stages, lambda seen: "stale" in seen)
    assert httpx.get(f"{stack.api}/v1/articles/{article['id']}", timeout=10).status_code == 410


def test_a_killed_worker_loses_nothing(stack: Stack) -> None:
    articles = [_article(title=f"পদ্মার পানি বাড়ছে, প্রতিবেদন {number}") for number in range(20)]
    for number, article in enumerate(articles):
        assert _put(stack, article).status_code == 202
        _view(stack, article["id"], f"পাঠক {number}")
        if number == 10:
            os.kill(_pid(stack, "worker"), signal.SIGKILL)
    wanted = {article["id"] for article in articles}
    eventually(lambda: set(_found(stack, "পদ্মার পানি প্রতিবেদন")), lambda ids: wanted <= ids, seconds=30)

    def counted() -> list[int]:
        return [stack.get(f"/v1/articles/{article_id}")["views"]["counted"] for article_id in sorted(wanted)]

    eventually(counted, lambda counts: counts == [1] * len(wanted), seconds=30)


def test_a_page_of_our_own_becomes_an_article(stack: Stack) -> None:
    page = ROOT / "services/cli/demo/sample_page.txt"
    answer = stack.run("publish-page", str(page))
    assert answer.returncode == 0, answer.stderr
    assert "accepted" in answer.stdout


@pytest.mark.skipif(not SEED, reason="../shared/seed is not here: the seed's page is read where it lies")
def test_the_seed_is_found_by_its_words_counted_and_retracted(stack: Stack) -> None:
    content = SEED[0].read_bytes()
    draft = httpx.post(
        f"{stack.ingest}/v1/pages",
        params={"dry_run": "true"},
        content=content,
        headers={**stack.headers(), "Content-Type": "text/plain"},
    )
    assert draft.status_code == 200, draft.text
    article = draft.json()["article"]
    assert article["byline"] == "ডেস্ক নিউজ"
    assert article["published_at"] == "2024-11-07T07:00:00+06:00"
    assert article["page_views"] == 104
    assert article["sources"] == ["তাস", "আনাদোলু এজেন্সি"]
    assert len(article["related"]) == 1
    assert "সূত্র" not in article["body"]
    assert "সংশ্লিষ্ট সংবাদ" not in article["body"]

    assert stack.run("publish-page", str(SEED[0])).returncode == 0
    for query in ("ল্যাভরভ", "যুক্তরাষ্ট্র রাশিয়া", "রাশিয়ার নতুন রাষ্ট্রদূত"):
        eventually(partial(_found, stack, query), lambda ids: article["id"] in ids, seconds=5)
        hit = next(hit for hit in stack.get("/v1/search", q=query)["results"] if hit["id"] == article["id"])
        assert "<mark>" in hit["highlights"]["title"] + "".join(hit["highlights"]["body"])

    _view(stack, article["id"], "একজন পাঠক")
    eventually(lambda: _on_list(stack, article["id"], "1h"), bool)
    stored = stack.get(f"/v1/articles/{article['id']}")
    assert stored["views"] == {"counted": 1, "raw": 1, "baseline": 104}

    version = article["version"] + 1
    httpx.delete(f"{stack.ingest}/v1/articles/{article['id']}", params={"version": version}, headers=stack.headers())
    eventually(lambda: _found(stack, "ল্যাভরভ"), lambda ids: article["id"] not in ids)
    eventually(lambda: _on_list(stack, article["id"], "1h"), lambda items: not items)


def test_up_again_says_that_it_runs(stack: Stack) -> None:
    again = stack.run("up")
    assert again.returncode == 0, again.stderr
    assert "runs already" in again.stdout


def test_status_names_every_part(stack: Stack) -> None:
    answer = stack.run("status")
    assert answer.returncode == 0, answer.stdout
    for part in ("valkey", "ingest", "worker", "beat", "api", "flower"):
        assert part in answer.stdout


def test_flower_wants_a_password_and_shows_the_worker(stack: Stack) -> None:
    url = f"http://127.0.0.1:{stack.setting('KHOBOR_FLOWER_PORT')}"
    assert httpx.get(f"{url}/workers", timeout=10).status_code == 401
    login = ("khobor", stack.setting("KHOBOR_FLOWER_PASSWORD"))

    def workers() -> str:
        return httpx.get(f"{url}/workers", auth=login, timeout=10).text

    assert re.search(r"khobor-\d+@", eventually(workers, lambda page: "khobor-" in page))


def test_the_worker_tells_its_metrics(stack: Stack) -> None:
    url = f"http://127.0.0.1:{stack.setting('KHOBOR_WORKER_METRICS_PORT')}/metrics"
    metrics = httpx.get(url, timeout=10).text
    assert "khobor_journal_oldest_seconds" in metrics
    assert "khobor_dead_letters 0.0" in metrics


def test_a_taken_port_that_was_asked_for_is_named(stack: Stack, tmp_path: Path) -> None:
    taken = stack.setting("KHOBOR_API_PORT")
    other = Stack(tmp_path, {"KHOBOR_API_PORT": taken})
    answer = other.run("up")
    assert answer.returncode == 2
    assert taken in answer.stderr
    assert "in use" in answer.stderr


def test_a_poisonous_entry_ends_in_the_dead_letters_and_can_be_replayed_and_dropped(stack: Stack) -> None:
    from redis import Redis  # the journal's own server, to put in what no door would accept

    from shared.keys import PartitionKeys, StreamKind

    keys = PartitionKeys(3)
    with Redis.from_url(stack.setting("KHOBOR_REDIS_URL")) as client:
        client.xadd(keys.stream(StreamKind.ARTICLES), {"body": b'{"specversion": "1.0", "broken": true}'})

    def listed() -> str:
        return stack.run("dead-letters", "list").stdout

    assert "not a valid article event" in eventually(listed, lambda text: "not a valid" in text)
    assert "1 replayed" in stack.run("dead-letters", "replay", "--all").stdout
    eventually(listed, lambda text: "not a valid" in text)
    assert "1 dropped" in stack.run("dead-letters", "drop", "--reason", "not a valid").stdout
    assert "no dead letters" in listed()


def _pid(stack: Stack, program: str) -> int:
    for line in stack.run("status").stdout.splitlines():
        cells = [cell.strip() for cell in line.strip("│┃ ").split("│")]
        if cells[0] == program:
            return int(cells[2])
    raise AssertionError(f"{program} is not in the status")
