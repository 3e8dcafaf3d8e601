"""Bodies that are too large or packed, the pages route, readiness, settings and the log."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from services.ingest.examples import PAGE_EXAMPLE
from services.ingest.log_budget import LogBudget
from services.ingest.settings import IngestSettings
from shared.events import ArticlePublished
from tests.support.publishers_door import Door, a_published_event, open_door

LARGE = b"x" * 6_000_000
SECRET = "s" * 32


class TestBodies:
    @pytest.mark.parametrize(
        ("method", "path", "content_type"),
        [
            ("PUT", "/v1/articles/ilish", "application/json"),
            ("POST", "/v1/events", "application/cloudevents+json"),
            ("POST", "/v1/views", "application/json"),
            ("POST", "/v1/pages", "text/html"),
        ],
    )
    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [
            (LARGE, {}, 413),
            (b"", {"Content-Length": "50000000"}, 413),
            (b"\x1f\x8b", {"Content-Encoding": "gzip"}, 415),
        ],
    )
    def test_every_route_refuses_them(
        self,
        door: Door,
        method: str,
        path: str,
        content_type: str,
        content: bytes,
        headers: dict[str, str],
        status: int,
    ) -> None:
        answer = door.http.request(
            method, path, content=content, headers={**door.publisher, "Content-Type": content_type, **headers}
        )
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Connection"] == "close"
        assert answer.headers["X-Request-ID"]

    def test_an_article_has_a_limit_of_its_own(self) -> None:
        with open_door(article_limit=5_000) as door:
            assert door.put("ilish", body="ক" * 2_000).status_code == 413
            assert door.put("ilish").status_code == 202


class TestPages:
    def post(self, door: Door, content: bytes, content_type: str = "text/plain", query: str = "") -> Any:
        headers = {**door.publisher, "Content-Type": content_type}
        return door.http.post(f"/v1/pages{query}", content=content, headers=headers)

    def test_a_page_becomes_an_article(self, door: Door) -> None:
        answer = self.post(door, PAGE_EXAMPLE.encode(), query="?category=জাতীয়&id=haor-bonna&version=5")
        assert answer.status_code == 202, answer.text
        [event] = door.articles()
        assert isinstance(event, ArticlePublished)
        assert event.data.title == "হাওরে আগাম বন্যার শঙ্কা, ধান কাটতে মাইকিং"
        assert event.data.byline == "ডেস্ক নিউজ"
        assert event.data.page_views == 57
        assert event.data.sources == ("জেলা প্রশাসন",)
        assert (event.data.id, event.data.version, event.data.category) == ("haor-bonna", 5, "জাতীয়")
        assert answer.json()["event_id"] == event.id
        assert answer.json()["status_url"] == "/v1/articles/haor-bonna/status"
        assert answer.json()["article"]["title"] == event.data.title

    def test_the_same_page_again_is_the_same_event(self, door: Door) -> None:
        first, second = (self.post(door, PAGE_EXAMPLE.encode()).json() for _ in range(2))
        assert first == second

    def test_a_dry_run_stores_nothing(self, door: Door) -> None:
        answer = self.post(door, PAGE_EXAMPLE.encode(), query="?dry_run=true")
        assert answer.status_code == 200
        assert answer.json()["article"]["byline"] == "ডেস্ক নিউজ"
        assert "event_id" not in answer.json()
        assert door.articles() == []

    @pytest.mark.parametrize(
        ("content", "content_type", "status"),
        [
            (b"", "text/plain", 422),
            (b"\x00\x01\x02" * 100, "text/plain", 422),
            ("শিরোনাম ছাড়া আর কিছু নেই".encode(), "text/plain", 422),
            (b"\xff\xfe\xfa" * 100, "text/html", 422),
            (b"{}", "application/json", 415),
            (b"%PDF-1.7 \x00\x01", "application/pdf", 415),
        ],
    )
    def test_what_is_no_page_is_refused_with_its_place(
        self, door: Door, content: bytes, content_type: str, status: int
    ) -> None:
        answer = self.post(door, content, content_type)
        assert answer.status_code == status, answer.text
        [fault] = answer.json()["errors"]
        assert fault["loc"][0] == "page"
        assert fault["msg"]
        assert door.articles() == []

    @pytest.mark.parametrize(
        "query", ["?id=a/b", "?id=..", "?version=0", "?version=x", "?category=", "?url=ftp://x", "?dry_run=perhaps"]
    )
    def test_a_wrong_override_is_refused(self, door: Door, query: str) -> None:
        assert self.post(door, PAGE_EXAMPLE.encode(), query=query).status_code == 422
        assert door.articles() == []


class TestProbes:
    def test_it_is_alive_and_ready(self, door: Door) -> None:
        assert door.http.get("/livez").status_code == 200
        assert door.http.get("/readyz").json()["ready"] is True

    def test_the_docs_are_there(self, door: Door) -> None:
        assert door.http.get("/docs").status_code == 200


class TestLog:
    def test_there_are_so_many_lines_a_second(self) -> None:
        now = 7.0
        budget = LogBudget(lines_per_second=2, monotonic=lambda: now)
        assert [budget.spend() for _ in range(5)] == [0, 0, None, None, None]
        now = 8.0
        assert [budget.spend() for _ in range(3)] == [3, 0, None]

    def test_an_accepted_article_is_named(self, door: Door) -> None:
        with capture_logs() as logs:
            event_id = door.put("ilish", version=3).json()["event_id"]
        [entry] = [entry for entry in logs if entry["event"] == "article.accepted"]
        assert (entry["article_id"], entry["version"], entry["event_id"]) == ("ilish", 3, event_id)
        assert 0 <= entry["partition"] < 4

    def test_an_accepted_event_is_named(self, door: Door) -> None:
        with capture_logs() as logs:
            answer = door.post_events(a_published_event(), "application/cloudevents+json")
        [entry] = [entry for entry in logs if entry["event"] == "events.accepted"]
        assert (entry["article_id"], entry["event_id"], entry["accepted"]) == ("ilish", "e1", 1)
        assert 0 <= entry["partition"] < 4
        assert entry["request_id"] == answer.headers["X-Request-ID"]

    def test_keys_and_addresses_are_not(self, door: Door) -> None:
        with capture_logs() as logs:
            door.put("ilish")
            door.post_events({}, "application/cloudevents+json")
            door.post_views({"article_id": "ilish"})
            door.http.put("/v1/articles/ilish", headers=door.publisher, content=b"")
        # The secret itself may hold underscores.
        token = door.publisher["Authorization"].split("_", 2)[2]
        assert token not in str(logs)
        assert "203.0.113" not in str(logs)


class TestSettings:
    @pytest.mark.parametrize(
        "changes",
        [
            {"viewer_secret": "short"},
            {"cors_origins": "*"},
            {"cors_origins": "https://a.example, *"},
            {"low_water_articles": 5, "high_water_articles": 5},
            {"low_water_memory": "3GB", "high_water_memory": "2GB"},
            {"article_limit": "6MB"},
            {"views_rate": "many"},
            {"high_water_interval": "0"},
        ],
    )
    def test_what_is_unsafe_or_senseless_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            IngestSettings(**{"viewer_secret": SECRET, **changes})

    def test_a_local_stack_may_be_open(self) -> None:
        settings = IngestSettings(environment="local", viewer_secret="short", cors_origins="*")
        assert settings.cors_origins == ("*",)

    @pytest.mark.parametrize(
        "value", ["https://a.example,https://b.example", '["https://a.example", "https://b.example"]']
    )
    def test_origins_are_a_list(self, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KHOBOR_CORS_ORIGINS", value)
        monkeypatch.setenv("KHOBOR_COMMIT_WAIT", "0.25")
        settings = IngestSettings(viewer_secret=SECRET)
        assert settings.cors_origins == ("https://a.example", "https://b.example")
        assert settings.commit_wait.total_seconds() == 0.25

    def test_a_secret_is_needed_and_never_shown(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("KHOBOR_VIEWER_SECRET", raising=False)
        with pytest.raises(ValidationError, match="viewer_secret"):
            IngestSettings()
        with pytest.raises(ValidationError) as caught:
            IngestSettings(viewer_secret="a secret but short")
        assert "a secret" not in str(caught.value)
