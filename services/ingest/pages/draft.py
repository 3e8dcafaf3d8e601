"""The article that a page holds."""

from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import ValidationError

from services.ingest.pages.errors import IncompletePageError
from shared.events import Article


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """An article read off a page; the fields are those of `shared.events.Article`."""

    id: str
    version: int
    title: str
    body: str
    published_at: datetime
    lead: str | None = None
    url: str | None = None
    category: str | None = None
    byline: str | None = None
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    updated_at: datetime | None = None
    page_views: int | None = None
    related: tuple[str, ...] = ()

    def to_article(self) -> Article:
        """The article as it goes into an event.

        Raises:
            IncompletePageError: when a field, such as an overriding id, is none that an article may have.
        """
        try:
            return Article(**asdict(self))
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            raise IncompletePageError(fault["msg"], ".".join(map(str, fault["loc"]))) from error
