"""The word index: its tantivy schema, its documents and its folder.

tantivy's traps that shape this (met in practice, 0.27): deleting by a term of an unsigned field deletes nothing, so
numbers are signed; its own tokenizers break Bengali words, so fields are split at spaces only; facet fields keep
deleted documents, so labels are raw text; stored text is slow to read, so nothing is stored.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import tantivy

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.search.document import IndexDocument
from shared.search.ports import IndexUnavailableError

# Grows with every change of the schema below.
_FORMAT: Final = 3
# A sort key is the second of publication (34 bits, signed: the years 1697 to 2242) before the article's key (29 bits).
_KEY_BITS: Final = 29
_LAST_SECOND: Final = 2**33 - 1

FOLDERS: Final = "words-*"

# One thread commits small batches faster than two (34 against 72 ms). What overflows the heap becomes a segment of its
# own: 500 long articles take twice the time with 15 MB, and nothing is gained beyond 30.
SMALL_HEAP_BYTES: Final = 50_000_000
BULK_HEAP_BYTES: Final = 128_000_000


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """What the store adds to a document. `cluster` as in schema.sql."""

    key: int
    cluster: int | None
    document: IndexDocument


@cache
def schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("stem", "gram", "opening", "headline", "pairs"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    # Never searched: its terms are the vocabulary of the index.
    builder.add_text_field("surface", tokenizer_name="whitespace", index_option="basic")
    for name in ("title", "text"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("category", "source"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("key", "published", "order", "day", "month", "cluster"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def new_folder_name() -> str:
    return f"words-{_FORMAT}-{ANALYZER_VERSION}-{uuid4().hex[:12]}"


def is_readable(folder_name: str) -> bool:
    """Whether it has this schema. One of another analyzer still serves while a new one is built."""
    return folder_name.startswith(f"words-{_FORMAT}-")


def is_current(folder_name: str) -> bool:
    """Whether its words are those that queries are made of now."""
    return folder_name.startswith(f"words-{_FORMAT}-{ANALYZER_VERSION}-")


def create_index(folder: Path) -> Any:
    with reported():
        folder.mkdir(parents=True)
        return tantivy.Index(schema(), path=str(folder), reuse=False)


def open_index(folder: Path) -> Any:
    """Raises IndexUnavailableError when there is none, or a damaged one."""
    with reported():
        return tantivy.Index.open(str(folder))


def add_article(writer: Any, article: IndexedArticle) -> None:
    writer.add_document(_tantivy_document(article))


def delete_article(writer: Any, key: int) -> None:
    writer.delete_documents_by_term("key", key)


def order_of(published: int, key: int) -> int:
    """Sorts by publication, newest last, and is different for every article. A 63-bit integer."""
    return (min(max(published, -_LAST_SECOND), _LAST_SECOND) << _KEY_BITS) | key


def key_of(order: int) -> int:
    return order & ((1 << _KEY_BITS) - 1)


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


@contextmanager
def reported() -> Iterator[None]:
    """Tantivy reports a full disk, a missing file and a damaged one alike, as ValueError."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexUnavailableError(f"the word index cannot be used: {error}") from error


def _tantivy_document(article: IndexedArticle) -> Any:
    source = article.document
    document = tantivy.Document()
    document.add_text("stem", source.stem)
    document.add_text("gram", source.gram)
    document.add_text("opening", source.opening)
    document.add_text("headline", source.headline)
    document.add_text("pairs", source.pairs)
    document.add_text("surface", source.surface)
    document.add_text("title", source.title)
    for part in source.text:
        document.add_text("text", part)
    if source.category is not None:
        document.add_text("category", source.category)
    for label in source.sources:
        document.add_text("source", label)
    document.add_integer("key", article.key)
    document.add_integer("published", source.published)
    document.add_integer("order", order_of(source.published, article.key))
    document.add_integer("day", source.day.toordinal())
    document.add_integer("month", month_number(source.day))
    if article.cluster is not None:
        document.add_integer("cluster", article.cluster)
    return document
