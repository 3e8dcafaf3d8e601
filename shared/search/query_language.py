"""The query language: words, "phrases", -word, OR, title:, category:, source:, date:."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Term:
    """Words or a phrase as typed. `field` is None for all of the text, or "title"."""

    text: str
    phrase: bool = False
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """`required` is a conjunction of groups; the terms of one group are alternatives (OR)."""

    text: str = ""
    required: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    published_from: datetime | None = None
    published_to: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not self.required and not self.excluded


class QuerySyntaxError(ValueError):
    """The query cannot be read; `position` is the 0-based character where it goes wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def parse_query(text: str) -> ParsedQuery:
    raise NotImplementedError
