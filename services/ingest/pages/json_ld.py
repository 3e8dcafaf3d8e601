"""Reads schema.org data out of a page's `application/ld+json` scripts."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from services.ingest.pages.clean_text import clean, same_text
from services.ingest.pages.header_labels import is_home

_ARTICLE_TYPES: Final = frozenset(
    {
        "newsarticle", "article", "reportagenewsarticle", "backgroundnewsarticle", "analysisnewsarticle", "webpage",
        "opinionnewsarticle", "reviewnewsarticle", "blogposting", "liveblogposting", "report", "socialmediaposting",
    }
)  # fmt: skip
_MAX_NODES: Final = 20_000
# A longer last crumb is the article's own headline, cut short.
_MAX_SECTION: Final = 40
_WRAPPING: Final = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_TAG: Final = re.compile(r"<[^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class SchemaArticle:
    """What the scripts say about the page's article; texts are clean, urls and dates as written."""

    headline: str | None = None
    body: str | None = None
    description: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image: str | None = None
    url: str | None = None
    views: int | None = None


def read_json_ld(scripts: Iterable[str]) -> SchemaArticle:
    """The first news article in the scripts, and the last breadcrumb as its section. Broken scripts are passed over."""
    nodes = [node for script in scripts for node in _nodes(_parse(script))]
    article = next(
        (node for wanted in _ranked_types() for node in nodes if wanted in _types(node) and "headline" in node), {}
    )
    return SchemaArticle(
        headline=_text(article.get("headline")),
        body=_long_text(article.get("articleBody")),
        description=_text(article.get("description")),
        published=_text(article.get("datePublished")) or _text(article.get("dateCreated")),
        modified=_text(article.get("dateModified")),
        authors=tuple(name for each in _listed(article.get("author")) if (name := _name(each))),
        section=next(iter(_texts(article.get("articleSection"))), None) or _breadcrumb(nodes, article),
        keywords=_keywords(article.get("keywords")),
        image=next((url for each in _listed(article.get("image")) if (url := _url(each))), None),
        url=_url(article.get("mainEntityOfPage")) or _url(article.get("url")),
        views=_views(article.get("interactionStatistic")),
    )


def _ranked_types() -> Iterator[str]:
    """News articles before pages that merely carry a headline."""
    yield from sorted(_ARTICLE_TYPES, key=lambda name: (name == "webpage", name != "newsarticle", name))


def _parse(script: str) -> Any:
    """What the script holds; None when it cannot be read even without comments and trailing commas."""
    text = _WRAPPING.sub("", script)
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            # strict=False: newsrooms paste line breaks into strings.
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within, outermost first; @graph and lists included."""
    waiting = deque([value])
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        current = waiting.popleft()
        if isinstance(current, dict):
            yield current
            waiting.extend(each for each in current.values() if isinstance(each, dict | list))
        elif isinstance(current, list):
            waiting.extend(each for each in current if isinstance(each, dict | list))


def _types(node: dict[str, Any]) -> set[str]:
    return {name.rsplit("/", 1)[-1].lower() for name in _listed(node.get("@type")) if isinstance(name, str)}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    return [text for each in _listed(value) if isinstance(each, str) and (text := clean(_plain(each)))]


def _text(value: Any) -> str | None:
    return next(iter(_texts(value)), None)


def _long_text(value: Any) -> str | None:
    """A text whose line breaks count."""
    return _plain(value) if isinstance(value, str) and value.strip() else None


def _plain(text: str) -> str:
    """Systems escape what they put into scripts, some twice, and leave tags in it."""
    return _TAG.sub(" ", unescape(unescape(text)))


def _name(value: Any) -> str | None:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _url(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return _text(value)


def _keywords(value: Any) -> tuple[str, ...]:
    words = [word for text in _texts(value) for word in text.split(",")] if value else []
    return tuple(dict.fromkeys(word for each in words if (word := each.strip())))


def _views(value: Any) -> int | None:
    """The count of an InteractionCounter for reading or viewing."""
    for counter in _listed(value):
        if not isinstance(counter, dict):
            continue
        kind = counter.get("interactionType")
        kind = kind.get("@type", "") if isinstance(kind, dict) else kind
        count = counter.get("userInteractionCount")
        if isinstance(kind, str) and re.search(r"(?:View|Read)Action$", kind) and str(count).isdecimal():
            return int(str(count)[:15])
    return None


def _breadcrumb(nodes: list[dict[str, Any]], article: dict[str, Any]) -> str | None:
    """The last step of the way to the article that is neither the start page nor the article itself."""
    for node in nodes:
        if "breadcrumblist" not in _types(node):
            continue
        steps = [step for step in _listed(node.get("itemListElement")) if isinstance(step, dict)]
        names = [_text(step.get("name")) or _name(step.get("item")) for step in steps]
        headline = _text(article.get("headline"))
        inner = [name for name in names if name and not is_home(name) and not (headline and same_text(name, headline))]
        if inner and len(steps) > 1:
            return inner[-1] if len(inner[-1]) <= _MAX_SECTION else None
    return None
