"""Which stream an article event takes: live news and backfill wait in streams of their own."""

from typing import Final

from shared.events import Priority
from shared.keys import StreamKind

_PRIORITIES: Final = {StreamKind.ARTICLES: Priority.LIVE, StreamKind.BACKFILL: Priority.BACKFILL}


def stream_kind_of(priority: Priority | None) -> StreamKind:
    """An article event that names no priority is live."""
    return StreamKind.BACKFILL if priority is Priority.BACKFILL else StreamKind.ARTICLES


def priority_of(kind: StreamKind) -> Priority | None:
    """None for views, which have none."""
    return _PRIORITIES.get(kind)
