"""What a search engine is judged on: documents, queries, and which documents answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from shared.events import Article

# One moment for all documents, so that age never decides.
PUBLISHED: Final = datetime(2025, 1, 1, tzinfo=UTC)
# An article needs a title; a stroke is no word, so a document made of body alone gets this one.
NO_TITLE: Final = "—"


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the grades of the documents that answer it; documents not named are not relevant."""

    text: str
    grades: Mapping[str, int]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents that are searched together."""

    name: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Queries over one collection. `key` names the set in the floors; `title` says what is asked."""

    key: str
    title: str
    collection: Collection
    questions: tuple[Question, ...]


class Ranker(Protocol):
    """Something that can be judged. One instance holds one collection."""

    @property
    def name(self) -> str: ...

    def index(self, articles: Sequence[Article]) -> None: ...

    def ranked(self, query: str, limit: int) -> list[str]:
        """Article ids, best first."""
        ...

    def index_bytes(self) -> int | None:
        """What the words take on disk, None where it is not known."""
        ...

    def close(self) -> None: ...


def document(article_id: str, *, body: str, title: str = NO_TITLE, lead: str | None = None) -> Article:
    return Article(id=article_id, version=1, title=title, lead=lead, body=body, published_at=PUBLISHED)
