"""POST /v1/events: every form a CloudEvent may come in."""

from typing import Any
from urllib.parse import quote

import orjson
import pytest

from shared.api_keys.model import Scope
from shared.events import ArticlePublished, ArticleRetracted
from tests.support.publishers_door import Door, a_published_event, a_viewed_event, an_article, open_door

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def lines(*events: dict[str, Any]) -> bytes:
    return b"\n".join(orjson.dumps(event) for event in events)


def binary(door: Door, data: Any, **attributes: str) -> Any:
    headers = {f"ce-{name}": quote(value) for name, value in attributes.items()}
    return door.post_events(data, "application/json", **headers)


class TestForms:
    def test_structured(self, door: Door) -> None:
        answer = door.post_events(a_published_event(time="2026-11-04T06:01:00+06:00"), STRUCTURED)
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"accepted": 1, "duplicates": 0}
        [event] = door.articles()
        assert isinstance(event, ArticlePublished)
        assert event.id == "e1"
        assert event.data.title == an_article()["title"]

    def test_batch_of_all_types(self, door: Door) -> None:
        retraction = a_published_event("old", "e2", type="khobor.article.retracted.v1", data={"version": 9})
        answer = door.post_events([a_published_event(), retraction, a_viewed_event()], BATCH)
        assert answer.json() == {"accepted": 3, "duplicates": 0}
        assert {type(event) for event in door.articles()} == {ArticlePublished, ArticleRetracted}
        assert [view.article_id for view in door.views()] == ["ilish"]

    def test_lines(self, door: Door) -> None:
        body = b"\n" + lines(a_published_event("a", "1"), a_published_event("b", "2")) + b"\r\n\n"
        assert door.post_events(body, LINES).json() == {"accepted": 2, "duplicates": 0}
        assert {event.subject for event in door.articles()} == {"a", "b"}

    def test_binary_with_percent_encoded_attributes(self, door: Door) -> None:
        answer = binary(
            door,
            {"id": "ilish", **an_article()},
            specversion="1.0",
            type="khobor.article.published.v1",
            source="urn:tests:desk",
            id="ডেস্ক ১",
            subject="ilish",
        )
        assert answer.status_code == 202, answer.text
        [event] = door.articles()
        assert event.id == "ডেস্ক ১"

    def test_binary_without_data(self, door: Door) -> None:
        event = a_viewed_event()
        answer = binary(door, b"", **event)
        assert answer.status_code == 202, answer.text
        assert len(door.views()) == 1

    def test_an_empty_batch_is_accepted(self, door: Door) -> None:
        assert door.post_events([], BATCH).json() == {"accepted": 0, "duplicates": 0}

    def test_extension_attributes_are_let_through(self, door: Door) -> None:
        assert door.post_events(a_published_event(partitionkey="x", sequence=1), STRUCTURED).status_code == 202


class TestDuplicates:
    def test_source_and_id_make_an_event(self, door: Door) -> None:
        assert door.post_events(a_published_event(), STRUCTURED).json() == {"accepted": 1, "duplicates": 0}
        assert door.post_events(a_published_event(), STRUCTURED).json() == {"accepted": 0, "duplicates": 1}
        other = a_published_event(source="urn:tests:another-desk")
        assert door.post_events(other, STRUCTURED).json() == {"accepted": 1, "duplicates": 0}
        assert len(door.articles()) == 2

    def test_within_one_request(self, door: Door) -> None:
        twice = [a_viewed_event(), a_viewed_event(), a_viewed_event(event_id="v2")]
        assert door.post_events(twice, BATCH).json() == {"accepted": 2, "duplicates": 1}
        assert len(door.views()) == 2


class TestTraceContext:
    def test_the_events_own_goes_before_the_requests(self, door: Door) -> None:
        own = "00-11111111111111111111111111111111-2222222222222222-01"
        door.post_events(
            [a_published_event("a", "1", traceparent=own), a_published_event("b", "2")],
            BATCH,
            traceparent=TRACE,
            tracestate="desk=1",
        )
        traces = {event.subject: (event.traceparent, event.tracestate) for event in door.articles()}
        assert traces == {"a": (own, None), "b": (TRACE, "desk=1")}

    def test_a_broken_header_is_ignored(self, door: Door) -> None:
        assert door.post_events(a_published_event(), STRUCTURED, traceparent="nonsense").status_code == 202
        assert door.articles()[0].traceparent is None


class TestFaults:
    def test_a_batch_is_refused_whole_and_each_fault_is_named_by_index(self, door: Door) -> None:
        article = {"id": "c", **an_article(published_at="2026-11-04T06:00:00")}
        answer = door.post_events(
            [
                a_published_event("a", "1"),
                a_published_event("b/b", "2"),
                a_published_event("c", "3", data=article),
                {"specversion": "1.0"},
                17,
            ],
            BATCH,
        )
        assert answer.status_code == 422
        places = [fault["loc"] for fault in answer.json()["errors"]]
        assert ["body", 1, "subject"] in places
        assert ["body", 2, "data", "published_at"] in places
        assert ["body", 3, "type"] in places
        assert ["body", 4] in places
        assert door.articles() == []

    @pytest.mark.parametrize(
        ("event", "place"),
        [
            (a_published_event(type="khobor.article.published.v2"), ["body", "type"]),
            (a_published_event(type=None), ["body", "type"]),
            (a_published_event(specversion="0.3"), ["body", "specversion"]),
            (a_published_event(id=None), ["body", "id"]),
            (a_published_event(source=""), ["body", "source"]),
            (a_published_event(subject=".."), ["body", "subject"]),
            (a_published_event(data=None), ["body", "data"]),
            (a_published_event(datacontenttype="text/xml"), ["body", "datacontenttype"]),
            (a_published_event(data_base64="e30="), ["body", "data_base64"]),
            (a_published_event(time="2026-11-04T06:00:00"), ["body", "time"]),
            (a_viewed_event(data={"viewer": "ক", "address": "203.0.113.7"}), ["body", "data", "address"]),
        ],
    )
    def test_the_place_is_told_in_the_clients_terms(self, door: Door, event: dict[str, Any], place: list[str]) -> None:
        answer = door.post_events(event, STRUCTURED)
        assert answer.status_code == 422, answer.text
        assert place in [fault["loc"] for fault in answer.json()["errors"]]

    def test_in_binary_mode_the_header_is_named(self, door: Door) -> None:
        attributes = {"specversion": "1.0", "type": "khobor.article.viewed.v1", "source": "urn:x", "id": "1"}
        answer = binary(door, {}, **attributes)
        assert answer.json()["errors"][0]["loc"] == ["header", "ce-subject"]
        answer = binary(door, {"viewer": 1}, **attributes, subject="ilish")
        assert answer.json()["errors"][0]["loc"] == ["body", "viewer"]

    def test_a_broken_line_is_named(self, door: Door) -> None:
        answer = door.post_events(lines(a_published_event()) + b'\n{"id": \n', LINES)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["loc"] == ["body", "line 2"]

    def test_no_more_faults_than_a_person_reads(self, door: Door) -> None:
        answer = door.post_events([{}] * 10_000, BATCH)
        assert answer.status_code == 422
        assert len(answer.json()["errors"]) == 100

    def test_a_name_by_the_megabyte_is_not_repeated(self, door: Door) -> None:
        answer = door.post_events(a_published_event() | {"n_" * 500_000: 1}, STRUCTURED)
        assert answer.status_code == 422
        assert len(answer.content) < 10_000

    @pytest.mark.parametrize("body", [b"{}", b"1", b"null"])
    def test_a_batch_is_an_array(self, door: Door, body: bytes) -> None:
        answer = door.post_events(body, BATCH)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["body"]

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/xml", ""])
    def test_another_content_type_is_refused_and_the_right_ones_are_named(self, door: Door, content_type: str) -> None:
        answer = door.post_events(a_published_event(), content_type)
        assert answer.status_code == 415
        assert STRUCTURED in answer.json()["detail"]

    def test_another_method_is_refused(self, door: Door) -> None:
        answer = door.http.get("/v1/events", headers=door.publisher)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")

    def test_a_key_is_needed(self, door: Door) -> None:
        assert door.http.post("/v1/events", json={}).status_code == 401
        assert door.http.post("/v1/events", json={}, headers=door.key(Scope.ADMIN)).status_code == 403


class TestLimits:
    def test_events_in_a_batch(self) -> None:
        with open_door(batch_limit=3) as door:
            four = [a_viewed_event(event_id=str(number)) for number in range(4)]
            for body, content_type in ((four, BATCH), (lines(*four), LINES)):
                answer = door.post_events(body, content_type)
                assert answer.status_code == 413
                assert answer.json()["type"] == "urn:khobor:problem:too-many-items"
            assert door.post_events(four[:3], BATCH).status_code == 202
            assert len(door.views()) == 3

    def test_one_event(self) -> None:
        with open_door(article_limit=2_000, body_limit=50_000) as door:
            large = a_published_event("large", "2", data={"id": "large", **an_article(body="দীর্ঘ " * 1_000)})
            assert door.post_events(large, STRUCTURED).status_code == 413
            answer = door.post_events([a_published_event(), large], BATCH)
            assert answer.status_code == 422
            assert answer.json()["errors"] == [
                {"loc": ["body", 1], "msg": "the event is larger than the limit of 2,000 bytes", "type": "too_large"}
            ]
            assert door.articles() == []


def test_a_large_batch_is_accepted_whole(door: Door) -> None:
    events = [a_viewed_event(f"article-{number % 50}", str(number)) for number in range(3_000)]
    assert door.post_events(events, BATCH).json() == {"accepted": 3_000, "duplicates": 0}
    assert len(door.views()) == 3_000


def test_the_order_of_an_articles_events_stays(door: Door) -> None:
    events = [
        a_published_event("ilish", str(version), data={"id": "ilish", **an_article(version=version)})
        for version in range(1, 40)
    ]
    door.post_events(events, BATCH)
    assert [event.data.version for event in door.articles()] == list(range(1, 40))


def test_what_is_accepted_and_refused_is_counted(door: Door) -> None:
    door.post_events([a_published_event(), a_viewed_event(), a_viewed_event()], BATCH)
    door.post_events({}, STRUCTURED)
    assert door.metric('khobor_ingest_events_total{outcome="accepted",stream="articles"}') == 1
    assert door.metric('khobor_ingest_events_total{outcome="duplicate",stream="views"}') == 1
    assert door.metric('khobor_ingest_refused_requests_total{reason="invalid"}') == 1
    assert door.metric('khobor_http_requests_total{method="POST",route="/v1/events",status="202"}') == 1
    assert door.metric('khobor_http_request_seconds_count{route="/v1/events"}') == 2
