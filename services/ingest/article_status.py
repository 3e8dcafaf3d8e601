"""The trail of an article, in the words of the publisher who asks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from shared.events import Priority
from shared.journal.model import TrailMark, TrailStage


class ArticleState(StrEnum):
    RECEIVED = "received"
    INDEXED = "indexed"
    SEARCHABLE = "searchable"
    REFUSED = "refused"
    DEAD_LETTERED = "dead_lettered"
    RETRACTED = "retracted"


class TrailStep(BaseModel):
    """The newest thing that happened at one stage; `applied` means that the index has it.

    `priority` is null where it is not known, as it is for `searchable`.
    """

    stage: TrailStage
    version: int
    event_id: str
    at: datetime
    attempts: int
    retracted: bool
    reason: str | None
    priority: Priority | None


class ArticleStatus(BaseModel):
    """`state`, `version` and `reason` tell how the event that came last fares; `trail` tells all, oldest first."""

    article_id: str
    state: ArticleState
    version: int
    reason: str | None
    trail: list[TrailStep]


def status_of(article_id: str, marks: Sequence[TrailMark]) -> ArticleStatus:
    """`marks` are oldest first and at least one."""
    latest = _latest(marks)
    outcome = _outcome(latest, marks)
    return ArticleStatus(
        article_id=article_id,
        state=_state(outcome, marks),
        version=latest.version,
        reason=outcome.reason if outcome else None,
        trail=[
            TrailStep(
                stage=mark.stage,
                version=mark.version,
                event_id=mark.event_id,
                at=mark.at,
                attempts=mark.attempts,
                retracted=mark.retracted,
                reason=mark.reason,
                priority=mark.priority,
            )
            for mark in marks
        ],
    )


_ENDS: Final = frozenset({TrailStage.APPLIED, TrailStage.STALE, TrailStage.DEAD_LETTERED})


def _latest(marks: Sequence[TrailMark]) -> TrailMark:
    """What was received last, or the newest thing known when that is not."""
    for stages in ({TrailStage.RECEIVED}, _ENDS):
        known = [mark for mark in marks if mark.stage in stages]
        if known:
            return known[-1]
    return marks[-1]


def _outcome(latest: TrailMark, marks: Sequence[TrailMark]) -> TrailMark | None:
    """How the event ended, when it has."""
    same = [mark for mark in marks if mark.stage in _ENDS and mark.event_id == latest.event_id]
    if same:
        return same[-1]
    if any(mark.stage is TrailStage.APPLIED and mark.version > latest.version for mark in marks):
        # Whether its turn has come or is to come: only the newest mark of each stage is kept.
        return replace(latest, stage=TrailStage.STALE)
    return None


def _state(outcome: TrailMark | None, marks: Sequence[TrailMark]) -> ArticleState:
    if outcome is None:
        return ArticleState.RECEIVED
    if outcome.stage is TrailStage.STALE:
        return ArticleState.REFUSED
    if outcome.stage is TrailStage.DEAD_LETTERED:
        return ArticleState.DEAD_LETTERED
    if outcome.retracted:
        return ArticleState.RETRACTED
    seen = any(mark.stage is TrailStage.SEARCHABLE and mark.version >= outcome.version for mark in marks)
    return ArticleState.SEARCHABLE if seen else ArticleState.INDEXED
