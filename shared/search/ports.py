"""The search port: what every engine can do, in the terms of a reader and of a worker."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from shared.search.model import (
    ApplyResult,
    ArticleChange,
    Completion,
    HeldArticle,
    Hit,
    IndexState,
    IndexStats,
    LookupResult,
    SearchPage,
    SearchRequest,
)


class IndexUnavailableError(Exception):
    """The engine cannot work now (down, overloaded, read-only); a later attempt may succeed."""


class CursorError(Exception):
    """The cursor is not one of ours, belongs to another search, or has expired."""


class IndexMoveError(Exception):
    """The new index is not what it should be, or there is none to return to; nothing has been switched."""


class ArticleWriter(Protocol):
    """The workers' side."""

    def analyse(self, changes: Sequence[ArticleChange]) -> None:
        """Do what `apply` needs no order for, beforehand; the same objects are handed to `apply` then.

        Raises:
            IndexUnavailableError: nothing is lost by that; `apply` does what was not done.
        """
        ...

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


class ArticleInventory(Protocol):
    """The operators' side: all that an index holds, tombstones included, to compare it and to copy it.

    Every method raises IndexUnavailableError when the engine is gone.
    """

    def count(self) -> int: ...

    def pages(self) -> Iterator[list[HeldArticle]]:
        """Each article once, in no order, some hundred at a time; one that is written meanwhile may be missing."""
        ...

    def held(self, article_ids: Sequence[str]) -> dict[str, HeldArticle]:
        """As last written, searchable or not; unknown ones are left out."""
        ...

    def changes(self, article_ids: Sequence[str]) -> list[ArticleChange]:
        """The same, whole: applied to another index they bring it to where this one is."""
        ...


Progress = Callable[[int, int], None]
"""Takes how many articles are done and how many there are, of the pass that is under way."""


class IndexMoves(Protocol):
    """The operators' side: which index is in use, and moving to another one while readers and writers go on.

    Readers see one index or the other, whole. A move that was broken off, by a kill at any point, is finished by
    running it again. One move at a time. Every method raises IndexUnavailableError when the engine is gone.
    """

    def create(self) -> str:
        """Make what is missing and leave the rest as it is; returns the name of the index in use."""
        ...

    def states(self) -> list[IndexState]:
        """Every index, oldest first; empty when there is none."""
        ...

    def rebuild(self, progress: Progress | None = None) -> str:
        """Analyse every stored article into a new index and use that; returns its name.

        Raises:
            IndexMoveError: the new index lacks something; the old one stays in use.
        """
        ...

    def roll_back(self, progress: Progress | None = None) -> str:
        """Return to the newest earlier index of our form, with all that was written since; returns its name.

        After a change of the analyzer it is the program of before that must roll back, as only that knows the form.

        Raises:
            IndexMoveError: there is none.
        """
        ...

    def prune(self, keep: int = 1) -> list[str]:
        """Delete what is neither in use nor being built, but for the newest `keep`; returns the names."""
        ...
