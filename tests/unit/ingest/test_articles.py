"""PUT, DELETE and the status of an article."""

import pytest
from structlog.testing import capture_logs

from shared.api_keys.model import Scope
from shared.events import ArticlePublished, ArticleRetracted
from shared.journal.model import TrailMark, TrailStage
from tests.support.publishers_door import NOW, Door, an_article


def test_a_published_article_is_in_the_journal(door: Door) -> None:
    answer = door.put("ilish-2026", version=7, sources=["জেলা মৎস্য অফিস"])

    assert answer.status_code == 202, answer.text
    [event] = door.articles()
    assert isinstance(event, ArticlePublished)
    assert event.data.id == "ilish-2026"
    assert event.data.version == 7
    assert event.data.sources == ("জেলা মৎস্য অফিস",)
    assert event.time == NOW
    assert answer.json() == {
        "article_id": "ilish-2026",
        "version": 7,
        "event_id": event.id,
        "status_url": "/v1/articles/ilish-2026/status",
    }
    assert answer.headers["X-Request-ID"]


def test_the_same_request_again_is_the_same_event(door: Door) -> None:
    assert door.put("ilish").json() == door.put("ilish").json()
    assert door.put("ilish").json()["event_id"] != door.put("ilish", title="অন্য শিরোনাম").json()["event_id"]
    assert door.put("ilish").json()["event_id"] != door.put("ilish", version=2).json()["event_id"]


def test_a_retraction_is_in_the_journal(door: Door) -> None:
    answer = door.http.delete("/v1/articles/ilish", params={"version": 3}, headers=door.publisher)

    assert answer.status_code == 202, answer.text
    [event] = door.articles()
    assert isinstance(event, ArticleRetracted)
    assert (event.subject, event.data.version) == ("ilish", 3)
    assert answer.json()["event_id"] == event.id


@pytest.mark.parametrize(
    ("query", "place"),
    [("", ["query", "version"]), ("?version=0", ["query", "version"]), ("?version=new", ["query", "version"])],
)
def test_a_retraction_needs_a_version(door: Door, query: str, place: list[str]) -> None:
    answer = door.http.delete(f"/v1/articles/ilish{query}", headers=door.publisher)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == place


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"version": None}, ["body", "version"]),
        ({"version": 0}, ["body", "version"]),
        ({"version": "1"}, ["body", "version"]),
        ({"version": True}, ["body", "version"]),
        ({"version": 2**53}, ["body", "version"]),
        ({"title": " \n"}, ["body", "title"]),
        ({"title": None}, ["body", "title"]),
        ({"title": "শূন্য\x00বর্ণ"}, ["body", "title"]),
        ({"published_at": "2026-11-04T06:00:00"}, ["body", "published_at"]),
        ({"published_at": 1_700_000_000}, ["body", "published_at"]),
        ({"published_at": "গতকাল"}, ["body", "published_at"]),
        ({"categry": "জাতীয়"}, ["body", "categry"]),
        ({"url": "javascript:alert(1)"}, ["body", "url"]),
        ({"id": "another"}, ["body", "id"]),
        ({"page_views": -1}, ["body", "page_views"]),
        ({"tags": ["ট্যাগ"] * 51}, ["body", "tags"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(door: Door, changes: dict[str, object], place: list[str]) -> None:
    answer = door.put("ilish", **changes)

    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["errors"][0]["loc"] == place
    assert ".".join(place) in problem["detail"]
    assert door.articles() == []


@pytest.mark.parametrize(
    "path",
    ["a%2Fb", "a/b", "%2E%2E", "..%2Fadmin", "খবর", "a%20b", "a%00b", "x" * 201, "", "ilish%2F"],
)
def test_an_id_that_does_not_travel_in_a_path_is_refused_clearly(door: Door, path: str) -> None:
    answer = door.http.put(f"/v1/articles/{path}", json=an_article(), headers=door.publisher)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"] == ["path", "article_id"]
    assert "no slash" in answer.json()["detail"]
    assert door.articles() == []


def test_another_address_is_not_found(door: Door) -> None:
    answer = door.http.get("/v1/article/ilish")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "empty"),
        (b'{"version": 1, ', "not valid JSON"),
        (b'{"version": NaN}', "not valid JSON"),
        (b'{"title": "\xff"}', "not valid UTF-8 at byte 11"),
        (b'{"title": "\\ud800"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_body_that_is_no_json_is_refused_with_the_place(door: Door, body: bytes, detail: str) -> None:
    answer = door.http.put(
        "/v1/articles/ilish", content=body, headers={**door.publisher, "Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null"])
def test_json_that_is_no_article_is_refused(door: Door, body: bytes) -> None:
    answer = door.http.put(
        "/v1/articles/ilish", content=body, headers={**door.publisher, "Content-Type": "application/json"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("content_type", ["text/html", "application/xml", "application/json; charset=utf-16", ""])
def test_another_content_type_is_refused(door: Door, content_type: str) -> None:
    answer = door.http.put(
        "/v1/articles/ilish", content=b"{}", headers={**door.publisher, "Content-Type": content_type}
    )
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "application/problem+json"


class TestKeys:
    def test_without_a_key(self, door: Door) -> None:
        answer = door.http.put("/v1/articles/ilish", json=an_article())
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:khobor:problem:key-missing"

    @pytest.mark.parametrize("token", ["wrong", "khobor_0123456789ab_" + "x" * 43])
    def test_with_a_wrong_key(self, door: Door, token: str) -> None:
        answer = door.http.put("/v1/articles/ilish", json=an_article(), headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:khobor:problem:key-invalid"

    def test_with_a_key_for_something_else(self, door: Door) -> None:
        answer = door.http.put("/v1/articles/ilish", json=an_article(), headers=door.key(Scope.ADMIN))
        assert answer.status_code == 403

    def test_the_status_needs_one_too(self, door: Door) -> None:
        assert door.http.get("/v1/articles/ilish/status").status_code == 401


class TestWhenTheJournalCannotTakeIt:
    def test_it_is_refused_for_now(self, door: Door) -> None:
        door.journal.available = False
        answer = door.put("ilish")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["type"] == "urn:khobor:problem:journal-unavailable"

        door.journal.available = True
        assert door.put("ilish").status_code == 202
        assert len(door.articles()) == 1

    def test_a_fault_of_ours_is_said_without_details_and_with_the_request_id(self, door: Door) -> None:
        door.app.state.ingest = None
        with capture_logs() as logs:
            answer = door.http.get("/v1/articles/ilish/status", headers=door.publisher)
        assert [entry for entry in logs if entry["event"] == "request.failed"]
        assert answer.status_code == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"]
        assert "NoneType" not in answer.text


class TestStatus:
    def test_an_unknown_article_has_none(self, door: Door) -> None:
        answer = door.http.get("/v1/articles/unknown/status", headers=door.publisher)
        assert answer.status_code == 404
        assert "unknown" in answer.json()["detail"]

    def test_a_received_article_says_so(self, door: Door) -> None:
        event_id = door.put("ilish", version=4).json()["event_id"]
        status = door.http.get("/v1/articles/ilish/status", headers=door.publisher).json()
        assert (status["state"], status["version"], status["reason"]) == ("received", 4, None)
        assert [(step["stage"], step["event_id"]) for step in status["trail"]] == [("received", event_id)]

    def test_a_searchable_article_says_so(self, door: Door) -> None:
        event_id = door.put("ilish", version=4).json()["event_id"]
        door.journal.leave_mark("ilish", TrailMark(TrailStage.APPLIED, 4, event_id, NOW))
        door.journal.leave_mark("ilish", TrailMark(TrailStage.SEARCHABLE, 4, "", NOW))
        status = door.http.get("/v1/articles/ilish/status", headers=door.publisher).json()
        assert status["state"] == "searchable"
        assert [step["stage"] for step in status["trail"]] == ["received", "applied", "searchable"]
