"""POST /v1/views and GET /v1/views.gif."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.api_keys.model import Scope, issue_key
from tests.support.publishers_door import NOW, Door, a_published_event, open_door

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def view(article_id: str = "ilish", **fields: Any) -> dict[str, Any]:
    return {"article_id": article_id, **fields}


class TestForms:
    def test_one(self, door: Door) -> None:
        answer = door.post_views(view(event_id="1", viewer="ক", at="2026-11-23T17:59:00+06:00"))
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"accepted": 1}
        [recorded] = door.views()
        assert recorded.article_id == "ilish"
        assert recorded.at_ms == (NOW - timedelta(minutes=1)).timestamp() * 1_000
        assert recorded.countable

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8", ""])
    def test_many_as_json(self, door: Door, content_type: str) -> None:
        answer = door.post_views([view("a"), view("b")], content_type)
        assert answer.json() == {"accepted": 2}
        assert {recorded.article_id for recorded in door.views()} == {"a", "b"}

    @pytest.mark.parametrize("content_type", ["application/x-ndjson", "text/plain"])
    def test_many_as_lines(self, door: Door, content_type: str) -> None:
        body = orjson.dumps(view("a")) + b"\n" + orjson.dumps(view("b")) + b"\n"
        assert door.post_views(body, content_type).json() == {"accepted": 2}

    def test_a_picture(self, door: Door) -> None:
        answer = door.http.get("/v1/views.gif", params={"article": "ilish"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/gif"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content.startswith(b"GIF89a")
        [recorded] = door.views()
        assert (recorded.article_id, recorded.countable) == ("ilish", True)

    def test_the_time_of_receipt_is_the_default(self, door: Door) -> None:
        door.post_views(view())
        assert door.views()[0].at_ms == door.clock.milliseconds


class TestIdentity:
    def test_with_an_event_id_a_view_counts_once(self, door: Door) -> None:
        for _ in range(3):
            assert door.post_views(view(event_id="1")).json() == {"accepted": 1}
        assert len(door.views()) == 1

    def test_without_one_it_is_taken_each_time(self, door: Door) -> None:
        for _ in range(3):
            door.post_views(view())
        assert len(door.views()) == 3

    def test_one_reader_has_one_hash_for_an_article_and_day(self, door: Door) -> None:
        door.post_views([view(viewer="ক"), view(viewer="ক"), view(viewer="খ"), view("other", viewer="ক")])
        hashes = [recorded.viewer_hash for recorded in sorted(door.views())]
        assert len(set(hashes)) == 3
        door.clock.advance(timedelta(days=1))
        door.post_views(view(viewer="ক"))
        assert len({recorded.viewer_hash for recorded in door.views()}) == 4

    def test_without_a_name_address_and_agent_tell_readers_apart(self, door: Door) -> None:
        door.post_views(view())
        door.post_views(view())
        assert len({recorded.viewer_hash for recorded in door.views()}) == 1
        door.post_views(view(), **{"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17.0 Safari/604"})
        assert len({recorded.viewer_hash for recorded in door.views()}) == 2

    def test_no_address_is_stored(self, door: Door) -> None:
        door.post_views(view())
        assert "203.0.113" not in repr(door.journal.__dict__)


class TestBehindProxies:
    def hashes(self, door: Door, *forwarded: str) -> int:
        for value in forwarded:
            door.post_views(view(), **{"X-Forwarded-For": value})
        return len({recorded.viewer_hash for recorded in door.views()})

    def test_a_header_that_anybody_can_send_is_not_believed(self, door: Door) -> None:
        assert self.hashes(door, "198.51.100.1", "198.51.100.2") == 1

    def test_our_own_proxys_is(self) -> None:
        with open_door(trusted_proxies=1) as door:
            assert self.hashes(door, "198.51.100.1", "198.51.100.2", "spoofed, 198.51.100.2") == 2

    def test_what_is_no_address_is_not(self) -> None:
        with open_door(trusted_proxies=2) as door:
            assert self.hashes(door, "198.51.100.1", "nonsense, 10.0.0.1", "unknown, 10.0.0.1") == 1


class TestWhoIsNoReader:
    @pytest.mark.parametrize(
        ("agent", "viewer", "counts"),
        [
            (GOOGLEBOT, None, False),
            (GOOGLEBOT, "ক", False),
            # A publisher's server passes on what a reader did.
            ("python-httpx/0.28", "ক", True),
            ("python-httpx/0.28", None, False),
            ("curl/8.5.0", None, False),
            ("", None, False),
        ],
    )
    def test_by_agent(self, door: Door, agent: str, viewer: str | None, counts: bool) -> None:
        door.post_views(view(viewer=viewer), **{"User-Agent": agent})
        assert [recorded.countable for recorded in door.views()] == [counts]

    @pytest.mark.parametrize(
        ("header", "value"),
        [("Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("X-Moz", "Prefetch")],
    )
    def test_pages_loaded_ahead_of_time(self, door: Door, header: str, value: str) -> None:
        door.post_views(view(viewer="ক"), **{header: value})
        assert [recorded.countable for recorded in door.views()] == [False]

    def test_a_key_vouches_for_its_readers(self, door: Door) -> None:
        door.post_views(view(), **door.publisher, **{"User-Agent": "curl/8.5.0"})
        assert [recorded.countable for recorded in door.views()] == [True]

    def test_a_key_must_be_valid(self, door: Door) -> None:
        assert door.post_views(view(), Authorization="Bearer nonsense").status_code == 401
        assert door.post_views(view(), **door.key(Scope.ADMIN)).status_code == 403
        assert door.views() == []


class TestRate:
    def test_an_address_that_sends_too_much_waits(self) -> None:
        with open_door(views_rate="5/minute") as door:
            assert door.post_views([view()] * 4).status_code == 202
            answer = door.post_views([view()] * 2)
            assert answer.status_code == 429
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            assert door.post_views(view()).status_code == 202
            assert door.http.get("/v1/views.gif?article=a").status_code == 429
            assert len(door.views()) == 5

    def test_more_than_ever_fits_is_said_to_be(self) -> None:
        with open_door(views_rate="5/minute") as door:
            answer = door.post_views([view()] * 6)
            assert answer.status_code == 413
            assert "5 per 1 minute" in answer.json()["detail"]
            assert door.post_views([view()] * 5).status_code == 202

    def test_a_shared_limiter_that_is_away_lets_views_through(self) -> None:
        with open_door(views_rate="1/minute", rate_redis_url="redis://127.0.0.1:1/0") as door:
            assert [door.post_views(view()).status_code for _ in range(3)] == [202] * 3
            assert door.metric("khobor_ingest_rate_limiter_failures_total") == 3

    def test_a_key_has_a_limit_of_its_own_for_all_that_it_sends(self) -> None:
        with open_door(key_rate="5/minute") as door:
            assert door.post_views([view()] * 2, **door.publisher).status_code == 202
            assert door.put("ilish").status_code == 202
            event = a_published_event("a", "1")
            assert door.post_events([event, event], "application/cloudevents-batch+json").status_code == 202
            refused = [
                door.put("ilish"),
                door.http.delete("/v1/articles/ilish?version=2", headers=door.publisher),
                door.http.post("/v1/pages", headers=door.publisher),
                door.http.get("/v1/articles/ilish/status", headers=door.publisher),
                door.post_events(event, "application/cloudevents+json"),
                door.post_views(view(), **door.publisher),
            ]
            assert {answer.status_code for answer in refused} == {429}
            for answer in refused:
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert 1 <= int(answer.headers["Retry-After"]) <= 60
                assert answer.json()["type"] == "urn:khobor:problem:too-many-events"
            assert door.post_views(view()).status_code == 202, "an address is not a key"
            another = door.key(Scope.PUBLISH)
            assert door.post_views(view(), **another).status_code == 202, "nor is another key"

    def test_a_key_may_have_a_rate_of_its_own(self) -> None:
        with open_door(key_rate="1000/minute") as door:
            issued = issue_key(name="small", scopes=(Scope.PUBLISH,), created_at=door.clock(), rate="2/minute")
            door.keys.add(issued.key)
            small = {"Authorization": f"Bearer {issued.token}"}
            batch = [a_published_event("a", str(number)) for number in range(3)]
            whole = door.post_events(batch, "application/cloudevents-batch+json", **small)
            assert (whole.status_code, whole.json()["type"]) == (413, "urn:khobor:problem:too-many-items")
            assert "2 per 1 minute" in whole.json()["detail"]
            assert door.post_events(batch[:2], "application/cloudevents-batch+json", **small).status_code == 202
            assert door.post_events(batch[2:], "application/cloudevents-batch+json", **small).status_code == 429
            assert len(door.articles()) == 2

    def test_a_key_has_no_such_limit(self) -> None:
        with open_door(views_rate="5/minute") as door:
            assert door.post_views([view()] * 50, **door.publisher).status_code == 202


class TestCrossOrigin:
    SITE = "https://khobor.example"

    def test_a_page_of_an_allowed_site_reads_the_answer(self) -> None:
        with open_door(cors_origins=(self.SITE,)) as door:
            answer = door.post_views(view(), Origin=self.SITE)
            assert answer.headers["Access-Control-Allow-Origin"] == self.SITE
            assert "Origin" in answer.headers["Vary"]
            assert answer.status_code == 202

    def test_another_page_does_not(self) -> None:
        with open_door(cors_origins=(self.SITE,)) as door:
            answer = door.post_views(view(), Origin="https://other.example")
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_refusals_can_be_read_as_well(self) -> None:
        with open_door(cors_origins=(self.SITE,)) as door:
            answer = door.post_views({}, Origin=self.SITE)
            assert answer.status_code == 422
            assert answer.headers["Access-Control-Allow-Origin"] == self.SITE

    @pytest.mark.parametrize(("origin", "status"), [(SITE, 200), ("https://other.example", 400)])
    def test_a_browser_asks_first(self, origin: str, status: int) -> None:
        with open_door(cors_origins=(self.SITE,)) as door:
            answer = door.http.request(
                "OPTIONS",
                "/v1/views",
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "content-type",
                },
            )
            assert answer.status_code == status
            assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is (status == 200)

    def test_nothing_else_is_open_to_pages(self) -> None:
        with open_door(cors_origins=(self.SITE,)) as door:
            answer = door.http.request(
                "OPTIONS", "/v1/events", headers={"Origin": self.SITE, "Access-Control-Request-Method": "POST"}
            )
            assert answer.status_code == 405
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_every_site_in_a_local_stack(self) -> None:
        with open_door(cors_origins=("*",), environment="local") as door:
            assert door.post_views(view(), Origin=self.SITE).headers["Access-Control-Allow-Origin"] == "*"


class TestFaults:
    @pytest.mark.parametrize(
        ("value", "place"),
        [
            ({}, ["body", "article_id"]),
            (view("a/b"), ["body", "article_id"]),
            (view(".."), ["body", "article_id"]),
            (view(at="2026-11-23T12:00:00"), ["body", "at"]),
            (view(at=5), ["body", "at"]),
            (view(viewer=""), ["body", "viewer"]),
            (view(event_id="x" * 201), ["body", "event_id"]),
            (view(address="203.0.113.7"), ["body", "address"]),
            (view() | {f"f{number}": 1 for number in range(100)}, ["body"]),
            ("ilish", ["body"]),
            (None, ["body"]),
        ],
    )
    def test_are_named_with_their_place(self, door: Door, value: Any, place: list[str]) -> None:
        answer = door.post_views(value)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["loc"] == place

    def test_in_a_list_by_index_and_nothing_is_taken(self, door: Door) -> None:
        answer = door.post_views([view(), view(at="now"), view(), {}])
        assert answer.status_code == 422
        assert [fault["loc"] for fault in answer.json()["errors"]] == [["body", 1, "at"], ["body", 3, "article_id"]]
        assert door.views() == []

    def test_in_a_long_list_too(self, door: Door) -> None:
        values: list[Any] = [view()] * 1_300
        values[3], values[1_201] = view(".."), 5
        answer = door.post_views(values)
        assert [fault["loc"] for fault in answer.json()["errors"]] == [["body", 3, "article_id"], ["body", 1_201]]
        values[700] = {str(number): 1 for number in range(100)}
        assert door.post_views(values).json()["errors"][0]["loc"] == ["body", 700]
        assert door.post_views([view()] * 1_300).json() == {"accepted": 1_300}
        assert len(door.views()) == 1_300

    @pytest.mark.parametrize("body", [b"", b"  ", b"{", b'{"article_id": "\xff"}', b"\x00\x01", b'{"article_id": NaN}'])
    @pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
    def test_what_cannot_be_read(self, door: Door, body: bytes, content_type: str) -> None:
        answer = door.post_views(body, content_type)
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"]

    @pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/html", "text/plain;charset=x"])
    def test_another_content_type(self, door: Door, content_type: str) -> None:
        assert door.post_views(view(), content_type).status_code == 415

    @pytest.mark.parametrize("query", ["", "?article=", "?article=a/b", "?article=a&article=b", "?article=%ff"])
    def test_a_picture_without_an_article(self, door: Door, query: str) -> None:
        answer = door.http.get(f"/v1/views.gif{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["query", "article"]

    def test_a_query_made_of_many_fields(self, door: Door) -> None:
        assert door.http.get("/v1/views.gif?" + "a=1&" * 1_000).status_code == 422

    def test_too_many_at_once(self) -> None:
        with open_door(batch_limit=2) as door:
            assert door.post_views([view()] * 3).status_code == 413
            lines = b"\n".join([orjson.dumps(view())] * 3)
            assert door.post_views(lines, "application/x-ndjson").status_code == 413
