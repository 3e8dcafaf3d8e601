"""The search port: what every engine can do, in the terms of a reader and of a worker."""

from collections.abc import Sequence
from typing import Protocol

from shared.search.model import (
    ApplyResult,
    ArticleChange,
    Completion,
    Hit,
    IndexStats,
    LookupResult,
    SearchPage,
    SearchRequest,
)


class IndexUnavailableError(Exception):
    """The engine cannot work now (down, overloaded, read-only); a later attempt may succeed."""


class CursorError(Exception):
    """The cursor is not one of ours, belongs to another search, or has expired."""


class ArticleWriter(Protocol):
    """The workers' side."""

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        """Make the changes durable, in one result per change and in their order.

        A change is applied when it is not older than what the index holds (equal versions apply again, which
        repairs); a retraction leaves a tombstone. Changes to one article within a call are taken newest first.

        Raises:
            IndexUnavailableError: none, or only some, of the changes are durable; apply all of them again.
        """
        ...

    def make_searchable(self) -> list[tuple[str, int]]:
        """Let readers see what was applied; returns (article id, version) of what became searchable now.

        Another worker may be doing it at this moment: then this returns at once, and nothing is lost.
        """
        ...


class ArticleReader(Protocol):
    """The readers' side. Every method raises IndexUnavailableError when the engine is gone."""

    def search(self, request: SearchRequest) -> SearchPage:
        """Raises CursorError when `request.cursor` cannot be continued."""
        ...

    def suggest(self, text: str, limit: int) -> list[Completion]: ...

    def related(self, article_id: str, limit: int) -> list[Hit]:
        """Similar articles, without copies of the same story; empty for an unknown article."""
        ...

    def get(self, article_id: str) -> LookupResult: ...

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]: ...

    def stats(self) -> IndexStats: ...

    def ping(self) -> None: ...
