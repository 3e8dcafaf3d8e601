"""Back-pressure: refuse from the high mark on, accept again from the low one down."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from services.ingest.high_water import HighWater, Marks
from services.ingest.metrics import IngestMetrics
from shared.journal.layout import JournalLayoutError
from shared.journal.model import JournalPressure
from shared.journal.ports import JournalFullError, JournalUnavailableError
from shared.keys import StreamKind
from tests.support.publishers_door import Door, a_published_event, a_viewed_event, open_door


class Gauge:
    """A journal as full as the test says."""

    def __init__(self) -> None:
        self.entries: Mapping[StreamKind, int] = dict.fromkeys(StreamKind, 0)
        self.memory = 0
        self.limit = 0
        self.reachable = True
        self.partitions_agree = True

    async def pressure(self) -> JournalPressure:
        if not self.partitions_agree:
            raise JournalLayoutError("the journal has 12 partitions and KHOBOR_PARTITIONS says 8")
        if not self.reachable:
            raise JournalUnavailableError("away")
        return JournalPressure(self.entries, self.memory, self.limit)


class Level:
    """A high-water mark of 10 articles, 20 of backfill, 100 views and 1,000 bytes; the low ones are half of it."""

    def __init__(self) -> None:
        self.gauge = Gauge()
        self.registry = CollectorRegistry()
        self._high_water = HighWater(
            self.gauge,
            entries={
                StreamKind.ARTICLES: Marks(10, 5),
                StreamKind.BACKFILL: Marks(20, 10),
                StreamKind.VIEWS: Marks(100, 50),
            },
            memory=Marks(1_000, 500),
            interval=timedelta(seconds=1),
            metrics=IngestMetrics(self.registry),
        )

    def open(self, *, articles: int = 0, backfill: int = 0, views: int = 0, memory: int = 0) -> set[StreamKind]:
        """What is accepted when the journal is this full."""
        self.gauge.entries = {
            StreamKind.ARTICLES: articles,
            StreamKind.BACKFILL: backfill,
            StreamKind.VIEWS: views,
        }
        self.gauge.memory = memory
        asyncio.run(self._high_water.poll())
        return {kind for kind in StreamKind if self._accepts(kind)}

    def _accepts(self, kind: StreamKind) -> bool:
        try:
            self._high_water.check(kind)
        except (JournalFullError, JournalUnavailableError):
            return False
        return True


ALL = set(StreamKind)
NO_ARTICLES = {StreamKind.BACKFILL, StreamKind.VIEWS}


def test_each_stream_has_marks_of_its_own() -> None:
    level = Level()
    assert level.open(articles=9, backfill=19, views=99) == ALL
    assert level.open(articles=10, backfill=19, views=99) == NO_ARTICLES
    assert level.open(articles=10, backfill=20, views=99) == {StreamKind.VIEWS}
    assert level.open(articles=10, backfill=20, views=100) == set()


def test_a_bulk_import_that_is_too_fast_closes_the_door_for_itself_alone() -> None:
    level = Level()
    assert level.open(backfill=20) == {StreamKind.ARTICLES, StreamKind.VIEWS}


def test_between_the_marks_things_stay_as_they_are() -> None:
    level = Level()
    assert level.open(articles=7) == ALL
    assert level.open(articles=10) == NO_ARTICLES
    assert level.open(articles=7) == NO_ARTICLES
    assert level.open(articles=5) == ALL
    assert level.open(articles=7) == ALL


def test_memory_closes_all() -> None:
    level = Level()
    assert level.open(memory=1_000) == set()
    assert level.open(memory=700) == set()
    assert level.open(memory=500) == ALL


def test_a_stream_between_its_marks_opens_when_memory_does() -> None:
    level = Level()
    assert level.open(articles=7, memory=1_000) == set()
    assert level.open(articles=7, memory=100) == ALL


@pytest.mark.parametrize(("memory", "accepted"), [(899, ALL), (900, set()), (450, ALL)])
def test_the_servers_own_limit_goes_before_a_higher_mark(memory: int, accepted: set[StreamKind]) -> None:
    level = Level()
    level.gauge.limit = 1_000
    assert level.open(memory=memory) == accepted


def test_a_journal_that_cannot_be_asked_changes_nothing() -> None:
    level = Level()
    level.open(articles=10)
    level.gauge.reachable = False
    with capture_logs() as logs:
        assert level.open() == NO_ARTICLES
        assert level.open() == NO_ARTICLES
        level.gauge.reachable = True
        assert level.open() == ALL
    assert [entry["event"] for entry in logs] == ["journal.unreachable", "journal.reachable", "high_water.left"]


def test_a_journal_that_is_cut_otherwise_takes_nothing_until_it_is_not() -> None:
    level = Level()
    assert level.open() == ALL
    level.gauge.partitions_agree = False
    with capture_logs() as logs:
        assert level.open() == set()
        assert level.open() == set()
    assert [entry["event"] for entry in logs] == ["journal.other_layout"]
    level.gauge.partitions_agree = True
    assert level.open() == ALL


def test_nothing_is_taken_before_the_journal_was_asked_once() -> None:
    level = Level()
    level.gauge.reachable = False
    assert level.open() == set()
    level.gauge.reachable = True
    assert level.open() == ALL


def test_it_is_counted_and_said() -> None:
    level = Level()
    with capture_logs() as logs:
        level.open(views=123, memory=77)
        level.open(views=123, memory=77)
    assert [(entry["event"], entry["stream"], entry["entries"]) for entry in logs] == [
        ("high_water.reached", "views", 123)
    ]
    sample = level.registry.get_sample_value
    assert sample("khobor_ingest_over_high_water", {"stream": "views"}) == 1
    assert sample("khobor_ingest_over_high_water", {"stream": "articles"}) == 0
    assert sample("khobor_journal_entries", {"stream": "views"}) == 123
    assert sample("khobor_journal_memory_bytes") == 77


class TestAtTheDoor:
    def test_nothing_is_accepted_until_the_journal_has_drained(self) -> None:
        with open_door(high_water_articles=2, low_water_articles=1, high_water_interval=0.01) as door:
            batch = [a_published_event("a", "1"), a_published_event("b", "2")]
            assert door.post_events(batch, "application/cloudevents-batch+json").status_code == 202
            self._let_it_look(door)

            for answer in (
                door.put("c"),
                door.http.delete("/v1/articles/c?version=1", headers=door.publisher),
                door.post_events(a_published_event("c", "3"), "application/cloudevents+json"),
                door.post_events([a_viewed_event(), a_published_event("c", "3")], "application/cloudevents-batch+json"),
                door.http.post("/v1/pages", content=b"x", headers={**door.publisher, "Content-Type": "text/plain"}),
            ):
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["Retry-After"]) >= 1
                assert answer.json()["type"] == "urn:khobor:problem:journal-full"
            assert door.post_views({"article_id": "a"}).status_code == 202

            # Reading them as the worker does empties the journal.
            assert len(door.articles()) == 2
            assert len(door.views()) == 1
            self._let_it_look(door)
            assert door.put("c").status_code == 202

    def test_views_have_their_own_mark(self) -> None:
        with open_door(high_water_views=1, low_water_views=0, high_water_interval=0.01) as door:
            assert door.post_views({"article_id": "a"}).status_code == 202
            self._let_it_look(door)
            assert door.post_views({"article_id": "a"}).status_code == 503
            assert door.http.get("/v1/views.gif?article=a").status_code == 503
            assert door.put("c").status_code == 202

    @staticmethod
    def _let_it_look(door: Door) -> None:
        door.http.wait(0.05)
