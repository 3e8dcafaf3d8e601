"""What a reader of pages found, before it is known whether it makes an article."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FoundOnPage:
    """Everything is optional: a page may lack any of it. `paragraphs` are whole and clean."""

    title: str | None = None
    paragraphs: tuple[str, ...] = ()
    lead: str | None = None
    url: str | None = None
    category: str | None = None
    byline: str | None = None
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    page_views: int | None = None
    related: tuple[str, ...] = ()
