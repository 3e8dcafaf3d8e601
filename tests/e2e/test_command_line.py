"""The operator's commands against a running stack."""

from pathlib import Path
from uuid import uuid4

import httpx
import orjson
import pytest

from tests.support.local_stack import Stack, eventually

pytestmark = pytest.mark.e2e


def test_an_import_names_bad_lines_and_may_be_run_again(stack: Stack, tmp_path: Path) -> None:
    word = f"ক{uuid4().hex[:10]}"
    articles = [
        {
            "id": f"import-{word[1:]}-{number}",
            "version": 1,
            "title": f"{word} হাটে সবজির দাম কমেছে",
            "body": f"সরবরাহ বাড়ায় {number} নম্বর হাটে সবজির দাম কমেছে।",
            "published_at": "2026-11-22T08:00:00+06:00",
        }
        for number in range(3)
    ]
    file = tmp_path / "articles.ndjson"
    file.write_bytes(b"\n".join([*map(orjson.dumps, articles), b"{broken"]))
    for _ in range(2):
        answer = stack.run("import", str(file))
        assert answer.returncode == 2, answer.stderr
        assert "line 4: not JSON" in answer.stdout
        assert "3 articles accepted, 1 lines left out" in answer.stdout

    def total() -> int:
        found: int = stack.get("/v1/search", q=word)["total"]["value"]
        return found

    assert eventually(total, lambda number: number >= 3) == 3


def test_a_key_is_created_used_and_revoked(stack: Stack) -> None:
    created = stack.run("keys", "create", "a newsroom", "--scope", "publish")
    assert created.returncode == 0, created.stderr
    token = created.stdout.strip()
    article = {
        "version": 1,
        "title": "সেচের পানি পৌঁছাল চরে",
        "body": "চরের জমিতে সেচের পানি পৌঁছেছে।",
        "published_at": "2026-11-22T08:00:00+06:00",
    }

    def put() -> int:
        url = f"{stack.ingest}/v1/articles/key-{token[7:19]}"
        return httpx.put(url, json=article, headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code

    assert put() == 202
    assert stack.run("keys", "revoke", token.split("_")[1]).returncode == 0
    eventually(put, lambda status: status == 401, seconds=15)
    assert token.split("_", 2)[2] not in stack.run("keys", "list").stdout


def test_a_hidden_article_is_off_the_lists_and_still_found(stack: Stack) -> None:
    identifier = f"hide-{uuid4().hex[:10]}"
    article = {
        "version": 1,
        "title": "পাহাড়ি ঝরনায় পর্যটকের ভিড়",
        "body": "ছুটির দিনে পাহাড়ি ঝরনায় পর্যটকের ভিড় বেড়েছে।",
        "published_at": "2026-11-22T08:00:00+06:00",
    }
    httpx.put(f"{stack.ingest}/v1/articles/{identifier}", json=article, headers=stack.headers(), timeout=30)
    httpx.post(f"{stack.ingest}/v1/views", json={"article_id": identifier, "viewer": "পাঠক"}, timeout=30)

    def listed() -> bool:
        items = stack.get("/v1/trending", window="24h", limit=100)["items"]
        return identifier in {item["id"] for item in items}

    eventually(listed, lambda on_list: on_list)
    assert stack.run("hide", identifier).returncode == 0
    eventually(listed, lambda on_list: not on_list, seconds=20)
    assert stack.get(f"/v1/articles/{identifier}")["id"] == identifier
    assert stack.run("unhide", identifier).returncode == 0
    eventually(listed, lambda on_list: on_list, seconds=20)


def test_a_trail_tells_where_an_article_is(stack: Stack) -> None:
    identifier = f"trace-{uuid4().hex[:10]}"
    article = {
        "version": 7,
        "title": "নতুন সেতুতে যান চলাচল শুরু",
        "body": "নতুন সেতুতে যান চলাচল শুরু হয়েছে।",
        "published_at": "2026-11-22T08:00:00+06:00",
    }
    httpx.put(f"{stack.ingest}/v1/articles/{identifier}", json=article, headers=stack.headers(), timeout=30)

    def trail() -> str:
        return stack.run("trace", identifier).stdout

    seen = eventually(trail, lambda text: "searchable" in text, seconds=30)
    assert all(stage in seen for stage in ("received", "applied", "searchable"))
    assert stack.run("trace", "never-heard-of").returncode == 2


def test_the_index_is_rebuilt_compared_and_left_while_the_stack_runs(stack: Stack) -> None:
    word = f"খ{uuid4().hex[:10]}"
    article = {
        "version": 1,
        "title": f"{word} চরে আলুর ফলন ভালো",
        "body": "চরের কৃষকেরা এবার আলুর ভালো ফলন পেয়েছেন।",
        "published_at": "2026-11-22T08:00:00+06:00",
    }

    def put(number: int) -> None:
        url = f"{stack.ingest}/v1/articles/index-{word[1:]}-{number}"
        assert httpx.put(url, json=article, headers=stack.headers(), timeout=30).status_code == 202

    def total() -> int:
        found: int = stack.get("/v1/search", q=word)["total"]["value"]
        return found

    put(1)
    assert eventually(total, lambda number: number == 1) == 1
    rebuilt = stack.run("index", "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    put(2)
    assert eventually(total, lambda number: number == 2) == 2
    assert stack.run("index", "rollback").returncode == 0
    assert total() == 2
    [kept, used] = orjson.loads(stack.run("index", "list", "--json").stdout)
    assert (kept["is_in_use"], used["is_in_use"], kept["name"] in rebuilt.stdout) == (False, True, True)
    compared = stack.run("index", "reconcile", "--json")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    counts = orjson.loads(compared.stdout.splitlines()[-1])
    assert (counts["missing"], counts["stale"], counts["hopeless"]) == (0, 0, 0)
