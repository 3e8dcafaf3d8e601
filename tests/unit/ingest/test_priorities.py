"""How publishers say that articles may wait, at each of the ways in."""

import orjson
import pytest

from shared.journal.model import StreamId
from shared.keys import StreamKind
from tests.support.publishers_door import PARTITIONS, Door, a_published_event, an_article, open_door

STRUCTURED = "application/cloudevents+json"
PAGE = "চলনবিলে পানি কমছে\n\nনাটোর, ২৪ নভেম্বর ২০২৬\n\nচলনবিলের পানি কমতে শুরু করায় জেলেরা জাল গুটিয়ে নিচ্ছেন।"


def waiting(door: Door) -> dict[StreamKind, int]:
    """Streams that are not empty, and how much is in them."""
    backlogs = door.journal.backlogs()
    entries = {kind: sum(one.entries for one in backlogs if one.stream.kind is kind) for kind in StreamKind}
    return {kind: number for kind, number in entries.items() if number}


@pytest.mark.parametrize(
    ("query", "kind"),
    [("", StreamKind.ARTICLES), ("live", StreamKind.ARTICLES), ("backfill", StreamKind.BACKFILL)],
)
def test_statements_say_it_in_the_query(door: Door, query: str, kind: StreamKind) -> None:
    parameters = {"priority": query} if query else {}
    put = door.http.put("/v1/articles/ilish", json=an_article(), headers=door.publisher, params=parameters)
    delete = door.http.delete("/v1/articles/ilish", headers=door.publisher, params={"version": 2, **parameters})
    page = door.http.post(
        "/v1/pages",
        content=PAGE.encode(),
        headers={**door.publisher, "Content-Type": "text/plain"},
        params={"id": "chalanbil", "version": 1, **parameters},
    )
    assert [put.status_code, delete.status_code, page.status_code] == [202, 202, 202], page.text
    assert waiting(door) == {kind: 3}
    [step] = door.http.get("/v1/articles/ilish/status", headers=door.publisher).json()["trail"]
    assert step["priority"] == (query or "live")


def test_the_same_article_is_the_same_event_whatever_its_priority(door: Door) -> None:
    live = door.put("ilish").json()
    archived = door.http.put("/v1/articles/ilish?priority=backfill", json=an_article(), headers=door.publisher).json()
    assert live == archived


def test_events_say_it_in_an_extension_attribute_each_for_itself(door: Door) -> None:
    batch = [
        a_published_event("a", "1", priority="backfill"),
        a_published_event("b", "2", priority="live"),
        a_published_event("c", "3"),
    ]
    assert door.post_events(batch, "application/cloudevents-batch+json").json() == {"accepted": 3, "duplicates": 0}
    assert waiting(door) == {StreamKind.ARTICLES: 2, StreamKind.BACKFILL: 1}


def test_binary_events_say_it_in_a_header(door: Door) -> None:
    event = a_published_event("a", "1")
    headers = {f"ce-{name}": event[name] for name in ("specversion", "type", "source", "id", "subject")}
    answer = door.post_events(orjson.dumps(event["data"]), "application/json", **headers, **{"ce-priority": "backfill"})
    assert answer.status_code == 202, answer.text
    assert waiting(door) == {StreamKind.BACKFILL: 1}


def test_an_event_counts_once_whichever_way_it_comes(door: Door) -> None:
    assert door.post_events(a_published_event("a", "1", priority="backfill"), STRUCTURED).json()["accepted"] == 1
    assert door.post_events(a_published_event("a", "1"), STRUCTURED).json() == {"accepted": 0, "duplicates": 1}


def test_a_priority_that_is_none_is_refused_where_it_stands(door: Door) -> None:
    event = door.post_events(a_published_event("a", "1", priority="backfil"), STRUCTURED)
    put = door.http.put("/v1/articles/ilish?priority=low", json=an_article(), headers=door.publisher)
    assert [event.status_code, put.status_code] == [422, 422]
    assert event.json()["errors"][0]["loc"] == ["body", "priority"]
    assert put.json()["errors"][0]["loc"] == ["query", "priority"]
    assert waiting(door) == {}


def test_a_full_backfill_refuses_backfill_and_takes_the_news_of_today() -> None:
    with open_door(high_water_backfill=1, low_water_backfill=0, high_water_interval=0.01) as door:
        assert door.post_events(a_published_event("old", "1", priority="backfill"), STRUCTURED).status_code == 202
        door.http.wait(0.1)
        refused = door.post_events(a_published_event("older", "2", priority="backfill"), STRUCTURED)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        assert door.put("ilish").status_code == 202

        for partition in range(PARTITIONS):
            stream = StreamId(StreamKind.BACKFILL, partition)
            for entry in door.journal.read(stream, 10):
                door.journal.acknowledge(stream, entry.id)
        door.http.wait(0.1)
        again = door.post_events(a_published_event("older", "2", priority="backfill"), STRUCTURED)
        assert again.status_code == 202
