"""Articles as Elasticsearch documents, and back."""

import base64
from collections.abc import Collection, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from shared.events import Article
from shared.search.document import IndexDocument


def key_of(article_id: str) -> int:
    """A number that stands for an article: sorts, excludes and groups at 8 bytes where an id may take 200."""
    return int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest(), "big", signed=True)


def month_number(day: date) -> int:
    """Months in a row, so that they can be counted and sorted."""
    return day.year * 12 + day.month - 1


def first_of_month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def article_source(document: IndexDocument, article: Article, cluster: int, copies: Collection[int]) -> bytes:
    """The JSON that is indexed; for `cluster` and `copies` see copies.py."""
    return orjson.dumps(
        {
            "stem": document.stem,
            "gram": document.gram,
            "opening": document.opening,
            "headline": document.headline,
            "pairs": document.pairs,
            # Never searched, only counted, so it needs no order.
            "surface": list(set(document.surface.split())),
            "title": document.title,
            "text": document.text,
            "category": document.category,
            "sources": document.sources,
            "published": document.published,
            "day": document.day.toordinal(),
            "month": month_number(document.day),
            "bands": document.bands,
            "signature": base64.b64encode(document.signature).decode() or None,
            "cluster": cluster,
            "copies": sorted(copies),
            "key": key_of(document.article_id),
            "retracted": False,
            "original": article.model_dump(mode="json", exclude_defaults=True),
        }
    )


def tombstone_source(article_id: str) -> bytes:
    """What a retraction leaves: nothing to find, and its version, which Elasticsearch forgets of deleted documents."""
    return orjson.dumps({"key": key_of(article_id), "retracted": True})


def article_of(source: Mapping[str, Any]) -> Article:
    """The stored article; fields that a newer version may have written are ignored."""
    return Article.model_validate(source["original"], extra="ignore")
