"""What a page in HTML says about itself: JSON-LD first, then meta elements, then marked-up elements."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.pages.clean_text import clean, comparable, letters_in, same_text
from services.ingest.pages.header_labels import has_site_word, is_home, without_byline_label
from services.ingest.pages.headline import without_site
from services.ingest.pages.html_markup import Markup
from services.ingest.pages.html_tree import PageTree
from services.ingest.pages.json_ld import SchemaArticle, read_json_ld
from shared.bengali.dates import parse_moment

_PUBLISHED: Final = (
    "article:published_time", "og:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "publish_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "date",
)  # fmt: skip
_UPDATED: Final = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
_AUTHOR: Final = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_SECTION: Final = ("article:section", "og:article:section", "parsely-section", "section", "category")
_AUTHOR_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:byline|author|reporter|writer|correspondent)s?(?:[_-]?name)?(?:$|[\s_-])", re.IGNORECASE
)
_BREADCRUMB: Final = re.compile(r"breadcrumb", re.IGNORECASE)
_MAX_AUTHORS: Final = 3
_MAX_BYLINE: Final = 80
_MAX_SECTION: Final = 40


@dataclass(frozen=True, slots=True)
class HtmlMetadata:
    """Texts are clean; urls as written. `keywords` are worth less than `tags`: many sites repeat the same ones."""

    title: str | None
    published_at: datetime | None
    updated_at: datetime | None
    byline: str | None
    section: str | None
    tags: tuple[str, ...]
    keywords: tuple[str, ...]
    url: str | None
    image: str | None
    description: str | None
    body: str | None
    views: int | None


def read_metadata(markup: Markup, tree: PageTree) -> HtmlMetadata:
    """Read scripts and elements; what several of them say is taken from the first that is sound."""
    schema = read_json_ld(markup.json_ld)
    site = _first(markup, "og:site_name")
    return HtmlMetadata(
        title=_title(markup, schema, tree, site),
        published_at=_moment([schema.published, *_all(markup, *_PUBLISHED), *_times(tree, "datePublished")]),
        updated_at=_moment([schema.modified, *_all(markup, *_UPDATED), *_times(tree, "dateModified", any_time=False)]),
        byline=_byline(markup, schema, tree, site),
        section=schema.section or _section(_all(markup, *_SECTION)) or _breadcrumb(tree),
        tags=tuple(dict.fromkeys([*schema.keywords, *_all(markup, "article:tag"), *_rel(tree, "tag")])),
        keywords=tuple(
            word
            for text in _all(markup, "news_keywords", "keywords")
            for each in text.split(",")
            if (word := clean(each))
        ),
        url=markup.canonical or _first(markup, "og:url") or schema.url,
        image=_first(markup, "og:image", "og:image:secure_url", "og:image:url")
        or schema.image
        or _first(markup, "twitter:image"),
        description=_first(markup, "og:description", "description") or schema.description,
        body=schema.body,
        views=schema.views,
    )


def _all(markup: Markup, *names: str) -> list[str]:
    return [text for name in names for value in markup.meta.get(name, ()) if (text := clean(value))]


def _first(markup: Markup, *names: str) -> str | None:
    return next(iter(_all(markup, *names)), None)


def _title(markup: Markup, schema: SchemaArticle, tree: PageTree, site: str | None) -> str | None:
    """The heading that the page's own titles agree with: they are often cut short or carry the site's name."""
    titles = [
        title for title in (schema.headline, _first(markup, "og:title", "twitter:title"), clean(markup.title)) if title
    ]
    marked = [clean(each.text()) for each in tree.elements if each.attributes.get("itemprop") == "headline"]
    if named := next((text for text in marked if letters_in(text) >= 5), None):
        return named
    headings = [
        text for element in tree.elements if element.tag == "h1" and letters_in(text := clean(element.text())) >= 5
    ]
    headings = [heading for heading in headings if not (site and same_text(heading, site))]
    for heading in headings:
        if any(_agree(heading, title) for title in titles):
            return heading
    for title in titles:
        headline = without_site(title, site)
        if not (site and same_text(headline, site)) and not (
            headline == title and len(headings) == 1 and has_site_word(title)
        ):
            return headline
    return headings[0] if headings else None


def _agree(heading: str, title: str) -> bool:
    one, other = comparable(heading), comparable(title)
    return len(one) >= 5 and (one in other or (len(other) >= 20 and one.startswith(other)))


def _moment(written: Iterable[str | None]) -> datetime | None:
    return next((moment for text in written if text and (moment := parse_moment(text))), None)


def _times(tree: PageTree, itemprop: str, *, any_time: bool = True) -> Iterator[str]:
    """Dates in elements: those marked for the purpose, then the first `time` of the page."""
    marked = [element for element in tree.elements if element.attributes.get("itemprop") == itemprop]
    times = [element for element in tree.elements if element.tag == "time"] if any_time else []
    for element in (*marked, *times[:1]):
        yield from (value for name in ("datetime", "content") if (value := element.attributes.get(name)))
        yield clean(element.text())


def _byline(markup: Markup, schema: SchemaArticle, tree: PageTree, site: str | None) -> str | None:
    """The authors by name; the site itself is one only where nobody else is."""
    named = [*schema.authors[:_MAX_AUTHORS]]
    candidates = [", ".join(named)] if named else []
    candidates += _all(markup, *_AUTHOR)
    candidates += [
        clean(element.text())
        for element in tree.elements
        if element.attributes.get("rel") == "author"
        or element.attributes.get("itemprop") == "author"
        or _AUTHOR_NAME.search(element.names)
    ]
    names = [without_byline_label(each) for each in candidates if _is_name(each)]
    return next((name for name in names if not (site and same_text(name, site))), next(iter(names), None))


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _MAX_BYLINE and letters_in(text) >= 2 and "://" not in text and not text.startswith("@")


def _section(written: Iterable[str]) -> str | None:
    return next((text for text in written if len(text) <= _MAX_SECTION and letters_in(text) >= 2), None)


def _rel(tree: PageTree, value: str) -> list[str]:
    return [
        text
        for element in tree.elements
        if element.tag == "a"
        and value in (element.attributes.get("rel") or "").split()
        and (text := clean(element.text()))
    ]


def _breadcrumb(tree: PageTree) -> str | None:
    """The last link, other than to the start page, in an element named breadcrumb."""
    for element in tree.elements:
        if _BREADCRUMB.search(element.names):
            crumbs = [clean(link.text()) for link in tree.within(element) if link.tag == "a"]
            inner = [
                crumb
                for crumb in crumbs
                if letters_in(crumb) >= 2 and not is_home(crumb) and len(crumb) <= _MAX_SECTION
            ]
            if inner:
                return inner[-1]
    return None
