"""What no door takes: refused with what is wrong and where, nothing stored, and the services go on."""

from typing import Any

import httpx
import pytest

from tests.support.local_stack import Stack

pytestmark = pytest.mark.e2e

ARTICLE = {
    "id": "bad-input",
    "version": 1,
    "title": "সাঙ্গু নদীতে নৌকাবাইচ",
    "body": "বান্দরবানের সাঙ্গু নদীতে নৌকাবাইচ হয়েছে।",
    "published_at": "2026-11-20T09:00:00+06:00",
}
PAGE = "text/plain; charset=utf-8"


def _refused(answer: httpx.Response, status: int, *words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"]
    problem = answer.json()
    assert problem["status"] == status
    said = problem["detail"] + str(problem.get("errors"))
    assert all(word in said for word in words), said


def _put(stack: Stack, article: dict[str, Any], path: str = "bad-input") -> httpx.Response:
    return httpx.put(f"{stack.ingest}/v1/articles/{path}", json=article, headers=stack.headers(), timeout=30)


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        ("১২ নভেম্বর, ২০২৪ | ৭:০০\n\n".encode(), 422, "headline"),
        ("সাঙ্গু নদীতে নৌকাবাইচ\n\nবান্দরবানের সাঙ্গু নদীতে নৌকাবাইচ হয়েছে।\n".encode(), 422, "date"),
        (b"", 422, "empty"),
        (bytes(range(256)) * 20, 422, "byte"),
        ("নদী".encode() + b"\xff\xfe\xff", 422, "byte"),
    ],
    ids=["no headline", "no date", "empty", "binary", "invalid UTF-8"],
)
def test_a_page_that_is_none(stack: Stack, content: bytes, status: int, word: str) -> None:
    headers = {**stack.headers(), "Content-Type": PAGE}
    answer = httpx.post(f"{stack.ingest}/v1/pages", content=content, headers=headers, timeout=30)
    _refused(answer, status, word)


def test_a_body_of_fifty_megabytes(stack: Stack) -> None:
    headers = {**stack.headers(), "Content-Type": PAGE}
    try:
        answer = httpx.post(f"{stack.ingest}/v1/pages", content=b"x" * 50_000_000, headers=headers, timeout=30)
    except httpx.WriteError:
        # The door answers and closes without reading the rest; a client that still writes may see that instead.
        return
    _refused(answer, 413)


def test_an_article_without_a_version(stack: Stack) -> None:
    _refused(_put(stack, {name: value for name, value in ARTICLE.items() if name != "version"}), 422, "version")


def test_a_time_without_an_offset(stack: Stack) -> None:
    _refused(_put(stack, ARTICLE | {"published_at": "2026-11-20T09:00:00"}), 422, "published_at")


def test_an_unknown_field(stack: Stack) -> None:
    _refused(_put(stack, ARTICLE | {"headline": "নৌকাবাইচ"}), 422, "headline")


@pytest.mark.parametrize("path", ["bad%2Finput", "bad/input"])
def test_an_id_with_a_slash(stack: Stack, path: str) -> None:
    _refused(_put(stack, ARTICLE | {"id": "bad/input"}, path), 422, "slash")


def test_a_faulty_event_in_a_batch_is_named_and_none_is_taken(stack: Stack) -> None:
    good = {
        "specversion": "1.0",
        "id": "1",
        "source": "https://news.example",
        "type": "khobor.article.published.v1",
        "subject": "bad-input",
        "data": ARTICLE,
    }
    headers = {**stack.headers(), "Content-Type": "application/cloudevents-batch+json"}
    answer = httpx.post(f"{stack.ingest}/v1/events", json=[good, good | {"id": ""}], headers=headers, timeout=30)
    _refused(answer, 422, "1", "id")


def test_no_key_and_a_wrong_one(stack: Stack) -> None:
    url = f"{stack.ingest}/v1/articles/bad-input"
    _refused(httpx.put(url, json=ARTICLE, timeout=30), 401)
    _refused(httpx.put(url, json=ARTICLE, headers={"Authorization": "Bearer khobor_no_key"}, timeout=30), 401)


def test_bad_queries_say_where(stack: Stack) -> None:
    _refused(httpx.get(f"{stack.api}/v1/search", params={"q": '"নদী'}, timeout=30), 400)
    _refused(httpx.get(f"{stack.api}/v1/search", params={"limit": "1000"}, timeout=30), 422, "limit")
    _refused(httpx.get(f"{stack.api}/v1/nothing", timeout=30), 404)
    _refused(httpx.post(f"{stack.api}/v1/search", timeout=30), 405)


def test_nothing_of_it_was_stored_and_both_doors_still_work(stack: Stack) -> None:
    assert httpx.get(f"{stack.api}/v1/articles/bad-input", timeout=30).status_code == 404
    for url in (stack.ingest, stack.api):
        assert httpx.get(f"{url}/readyz", timeout=30).json()["ready"]


def test_the_command_line_says_it_too(stack: Stack) -> None:
    answer = stack.run("publish-page", "LICENSE")
    assert answer.returncode == 2
    assert "422" in answer.stderr
