"""Marks of a trail: what a settled article leaves, and how a mark lies in Redis: one small JSON object per stage."""

from datetime import UTC, datetime

import orjson

from shared.events import Priority
from shared.journal.model import SettledArticle, TrailMark, TrailStage
from shared.journal.priorities import priority_of
from shared.keys import StreamKind


def settled_mark(article: SettledArticle, kind: StreamKind, at: datetime) -> TrailMark:
    """The mark of an article that came out of a stream of this kind."""
    return TrailMark(
        TrailStage(article.outcome),
        article.version,
        article.event_id,
        at,
        article.attempts,
        article.retracted,
        priority=priority_of(kind),
    )


def encode_mark(mark: TrailMark) -> bytes:
    return orjson.dumps(
        {
            "version": mark.version,
            "event": mark.event_id,
            "at": round(mark.at.timestamp() * 1_000),
            "attempts": mark.attempts,
            "retracted": mark.retracted,
            "reason": mark.reason,
            "priority": mark.priority,
        }
    )


def decode_mark(stage: str, encoded: bytes) -> TrailMark:
    fields = orjson.loads(encoded)
    return TrailMark(
        stage=TrailStage(stage),
        version=fields["version"],
        event_id=fields["event"],
        at=datetime.fromtimestamp(fields["at"] / 1_000, UTC),
        attempts=fields["attempts"],
        retracted=fields["retracted"],
        reason=fields["reason"],
        priority=Priority(fields["priority"]) if fields.get("priority") else None,
    )
