"""How a trail reads to the publisher who asks."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.article_status import ArticleState, status_of
from shared.journal.model import TrailMark, TrailStage

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def mark(stage: TrailStage, version: int, event_id: str = "", *, second: int = 0, **fields: object) -> TrailMark:
    return TrailMark(stage, version, event_id, START + timedelta(seconds=second), **fields)  # type: ignore[arg-type]


RECEIVED = mark(TrailStage.RECEIVED, 2, "e2")


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ([RECEIVED], ArticleState.RECEIVED),
        ([RECEIVED, mark(TrailStage.APPLIED, 2, "e2", second=1)], ArticleState.INDEXED),
        (
            [RECEIVED, mark(TrailStage.APPLIED, 2, "e2", second=1), mark(TrailStage.SEARCHABLE, 2, second=2)],
            ArticleState.SEARCHABLE,
        ),
        ([RECEIVED, mark(TrailStage.APPLIED, 2, "e2", second=1, retracted=True)], ArticleState.RETRACTED),
        ([RECEIVED, mark(TrailStage.STALE, 2, "e2", second=1)], ArticleState.REFUSED),
        ([RECEIVED, mark(TrailStage.DEAD_LETTERED, 2, "e2", second=1, reason="bad")], ArticleState.DEAD_LETTERED),
        # An older version is searchable; the newer one is still on its way.
        (
            [mark(TrailStage.APPLIED, 1, "e1"), mark(TrailStage.SEARCHABLE, 1), mark(TrailStage.RECEIVED, 2, "e2")],
            ArticleState.RECEIVED,
        ),
        (
            [mark(TrailStage.SEARCHABLE, 1), RECEIVED, mark(TrailStage.APPLIED, 2, "e2", second=1)],
            ArticleState.INDEXED,
        ),
        # Late and older; another late one has taken the place of its refusal.
        (
            [mark(TrailStage.APPLIED, 3, "e3"), RECEIVED, mark(TrailStage.STALE, 1, "e1", second=1)],
            ArticleState.REFUSED,
        ),
        # What was received has expired, what became of it has not.
        ([mark(TrailStage.APPLIED, 2, "e2"), mark(TrailStage.SEARCHABLE, 2)], ArticleState.SEARCHABLE),
        ([mark(TrailStage.SEARCHABLE, 2)], ArticleState.RECEIVED),
    ],
)
def test_the_state_is_that_of_the_event_that_came_last(marks: list[TrailMark], state: ArticleState) -> None:
    assert status_of("ilish", marks).state is state


def test_the_reason_and_the_whole_trail_are_told() -> None:
    dead = mark(TrailStage.DEAD_LETTERED, 2, "e2", second=1, reason="refused by the index", attempts=4)
    status = status_of("ilish", [RECEIVED, dead])
    assert (status.version, status.reason) == (2, "refused by the index")
    assert [(step.stage, step.attempts) for step in status.trail] == [("received", 1), ("dead_lettered", 4)]
