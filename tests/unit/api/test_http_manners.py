"""What holds for every answer: errors, headers, HEAD, CORS, compression, the OpenAPI document."""

import re
import shlex
from pathlib import Path

import pytest

from tests.support.readers_door import Newsroom

ROOT = Path(__file__).parents[3]


def test_what_is_not_there_is_a_problem(quiet_newsroom: Newsroom) -> None:
    assert "/v2/search" in quiet_newsroom.problem(404, "/v2/search")["detail"]
    refused = quiet_newsroom.client.request("POST", "/v1/search")
    assert refused.status_code == 405
    assert refused.headers["content-type"] == "application/problem+json"


def test_every_answer_carries_its_request_id_and_the_security_headers(quiet_newsroom: Newsroom) -> None:
    for path in ("/", "/v1/search", "/v1/nothing", "/docs"):
        answer = quiet_newsroom.client.get(path, headers={"X-Request-ID": "desk-7"})
        assert answer.headers["x-request-id"] == "desk-7"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self' https://ingest.example;" in policy
        assert "unsafe-inline" not in policy


@pytest.mark.parametrize("path", ["/", "/v1/search", "/v1/trending/feed.rss", "/livez", "/v1/live"])
def test_head_is_get_without_its_body(quiet_newsroom: Newsroom, path: str) -> None:
    head = quiet_newsroom.client.request("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    if path != "/v1/live":
        length = int(quiet_newsroom.client.get(path).headers["content-length"])
        # `took_ms` has more digits when it took longer.
        varies = len("12345.6") if path == "/v1/search" else 0
        assert abs(int(head.headers["content-length"]) - length) <= varies
    assert (
        f'method="HEAD",route="{path.replace("rss", "{form}")}",status="200"'
        in quiet_newsroom.client.get("/metrics").text
    )


def test_pages_of_other_sites_may_read_the_api(quiet_newsroom: Newsroom) -> None:
    answer = quiet_newsroom.client.get("/v1/trending", headers={"Origin": "https://portal.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]


def test_pages_are_compressed_and_answers_of_the_api_are_not(quiet_newsroom: Newsroom) -> None:
    for path, encoding in (("/", "gzip"), ("/v1/search", None)):
        answer = quiet_newsroom.client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers.get("content-encoding") == encoding


def test_the_openapi_document_speaks_bengali_and_names_the_errors(quiet_newsroom: Newsroom) -> None:
    document = quiet_newsroom.get("/openapi.json")
    search = document["paths"]["/v1/search"]["get"]
    assert {parameter["name"] for parameter in search["parameters"]} >= {"q", "from", "to", "cursor", "facets"}
    assert "ঢাকায় ডেঙ্গু" in str(search)
    assert set(search["responses"]) >= {"200", "400", "422", "503"}
    assert "application/problem+json" in search["responses"]["400"]["content"]
    assert "ডেঙ্গুতে" in str(document["components"]["schemas"]["SearchAnswer"]["examples"])


def test_the_reference_is_made_here_and_needs_nothing_from_elsewhere(quiet_newsroom: Newsroom) -> None:
    page = quiet_newsroom.client.get("/docs").text
    for path in quiet_newsroom.get("/openapi.json")["paths"]:
        assert f"<code>{path}</code>" in page
    assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="https?://', page) == []


def curl_examples() -> list[str]:
    """The readers' door's commands of docs/http.md, each on one line."""
    text = (ROOT / "docs/http.md").read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "$KHOBOR_API_URL" in line]


@pytest.mark.parametrize("command", curl_examples())
def test_the_examples_of_the_documentation_work(quiet_newsroom: Newsroom, command: str) -> None:
    words = shlex.split(command.replace("$KHOBOR_API_URL", "").replace("boat-race-modhumati", "dengue"))
    [target] = [word for word in words if word.startswith("/v1/")]
    given = [words[at + 1].partition("=") for at, word in enumerate(words) if word in {"-d", "--data-urlencode"}]
    if target.startswith("/v1/live"):
        answer = quiet_newsroom.client.request("HEAD", target)
    else:
        # httpx would replace the query of the address by empty parameters.
        answer = quiet_newsroom.client.get(target, **({"params": [(n, v) for n, _, v in given]} if given else {}))
    assert answer.status_code == 200, answer.text


def test_there_are_such_examples() -> None:
    assert len(curl_examples()) >= 10
