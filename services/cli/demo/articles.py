"""Loads the sample articles that were written for this project."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import orjson
from pydantic import Field

from shared.bengali.date_lines import DHAKA
from shared.events import Article, in_utc_milliseconds


class SampleArticle(Article):
    """An article, and what no event carries: the relative weight of its views, and of which article it is a copy."""

    popularity: float = Field(gt=0, exclude=True)
    copy_of: str | None = Field(default=None, exclude=True)


def load_sample_articles(now: datetime) -> list[SampleArticle]:
    """The sample articles as published in the four weeks before `now`, oldest first.

    An article's id is its slug and its version its publication in milliseconds, so loading them again at a later
    `now` gives newer versions of the same articles.

    Raises:
        ValueError: when `now` has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a zone")
    return [_article(record, now) for record in read_sample_records()]


def read_sample_records() -> Iterator[dict[str, Any]]:
    """The records as they stand in `articles.jsonl`; the README beside it describes the fields."""
    text = (files("services.cli.demo") / "articles.jsonl").read_bytes()
    for line in text.splitlines():
        yield orjson.loads(line)


def _article(record: dict[str, Any], now: datetime) -> SampleArticle:
    age = timedelta(hours=record["age_hours"])
    published_at = (now - age).astimezone(DHAKA).replace(microsecond=0)
    return SampleArticle(
        id=record["slug"],
        version=in_utc_milliseconds(published_at),
        title=record["title"],
        lead=record.get("lead"),
        body=record["body"],
        category=record["category"],
        byline=record.get("byline"),
        sources=tuple(record["sources"]),
        tags=tuple(record["tags"]),
        published_at=published_at,
        popularity=record["popularity"],
        copy_of=record.get("copy_of"),
    )
