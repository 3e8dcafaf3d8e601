"""What an article is from now on, said by PUT, DELETE or a page: events that carry their own identity.

The event id follows from what is said, so the same request again is the same event.
"""

import hashlib
from datetime import datetime
from typing import Final

from shared.events import Article, ArticlePublished, ArticleRetracted, Priority, Retraction

SOURCE: Final = "urn:khobor:ingest"


def published(article: Article, now: datetime, priority: Priority | None) -> ArticlePublished:
    event_id = _event_id("published", article.id, article.model_dump_json())
    return ArticlePublished(id=event_id, source=SOURCE, subject=article.id, time=now, priority=priority, data=article)


def retracted(article_id: str, version: int, now: datetime, priority: Priority | None) -> ArticleRetracted:
    event_id = _event_id("retracted", article_id, str(version))
    data = Retraction(version=version)
    return ArticleRetracted(id=event_id, source=SOURCE, subject=article_id, time=now, priority=priority, data=data)


def _event_id(*parts: str) -> str:
    # No part holds U+0000, so that different parts never make the same text.
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()
