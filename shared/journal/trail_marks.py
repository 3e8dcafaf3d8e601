"""How a trail mark lies in Redis: one small JSON object per stage."""

from datetime import UTC, datetime

import orjson

from shared.journal.model import TrailMark, TrailStage


def encode_mark(mark: TrailMark) -> bytes:
    return orjson.dumps(
        {
            "version": mark.version,
            "event": mark.event_id,
            "at": round(mark.at.timestamp() * 1_000),
            "attempts": mark.attempts,
            "retracted": mark.retracted,
            "reason": mark.reason,
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
    )
