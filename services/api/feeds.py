"""Lists of articles as RSS 2.0, Atom 1.0 and JSON Feed 1.1."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from feedgen.feed import FeedGenerator

# XML 1.0 has no way at all to write these; a headline with a stray control character must not break a feed.
_NOT_IN_XML: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedFormat(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


MEDIA_TYPES: Final[Mapping[FeedFormat, str]] = {
    FeedFormat.RSS: "application/rss+xml; charset=utf-8",
    FeedFormat.ATOM: "application/atom+xml; charset=utf-8",
    FeedFormat.JSON: "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """`page` is the article's page here, and its identity; `url` is the publisher's own, if there is one."""

    page: str
    url: str | None
    title: str
    summary: str
    category: str | None
    author: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    description: str
    page: str
    address: str
    entries: Sequence[FeedEntry]


def render_feed(feed: Feed, form: FeedFormat) -> bytes:
    """UTF-8, with the entries in their order. The same feed gives the same bytes."""
    return _RENDERERS[form](feed)


def _generator(feed: Feed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.id(feed.page)
    generator.title(_xml_text(feed.title))
    generator.description(_xml_text(feed.description))
    # In this order: RSS has one <link>, and feedgen takes the last.
    generator.link(href=_xml_text(feed.address), rel="self")
    generator.link(href=feed.page, rel="alternate")
    # RSS's own <author> is an e-mail address; names go into dc:creator.
    generator.load_extension("dc", atom=False, rss=True)
    generator.language("bn")
    generator.generator("Khobor")
    # Not the time of this request: a reader would see a change where there is none.
    generator.updated(max((entry.published_at for entry in feed.entries), default=_NEVER))
    for one in feed.entries:
        entry = generator.add_entry(order="append")
        entry.id(one.page)
        entry.guid(one.page, permalink=True)
        entry.title(_xml_text(one.title))
        entry.link(href=_xml_text(one.url or one.page))
        entry.summary(_xml_text(one.summary))
        entry.published(one.published_at)
        entry.updated(one.published_at)
        if one.category:
            entry.category(term=_xml_text(one.category))
        if one.author:
            entry.author(name=_xml_text(one.author))
            entry.dc.dc_creator(_xml_text(one.author))
    return generator


def _rss(feed: Feed) -> bytes:
    return bytes(_generator(feed).rss_str(pretty=True))


def _atom(feed: Feed) -> bytes:
    return bytes(_generator(feed).atom_str(pretty=True))


def _json(feed: Feed) -> bytes:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.description,
            "home_page_url": feed.page,
            "feed_url": feed.address,
            "language": "bn",
            "items": [_json_item(entry) for entry in feed.entries],
        },
        option=orjson.OPT_INDENT_2,
    )


def _json_item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.page,
        "url": entry.url or entry.page,
        "title": entry.title,
        "content_text": entry.summary,
        "date_published": entry.published_at.isoformat(),
    }
    if entry.category:
        item["tags"] = [entry.category]
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    return item


def _xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


_NEVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

_RENDERERS: Final[Mapping[FeedFormat, Callable[[Feed], bytes]]] = {
    FeedFormat.RSS: _rss,
    FeedFormat.ATOM: _atom,
    FeedFormat.JSON: _json,
}
