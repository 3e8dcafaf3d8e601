"""From the bytes of a page to a draft article."""

from typing import Final

from services.ingest.pages.clean_text import letters_in
from services.ingest.pages.decode import PageKind, decode_page
from services.ingest.pages.draft import DraftArticle
from services.ingest.pages.errors import IncompletePageError, PageTooLargeError
from services.ingest.pages.found import FoundOnPage
from services.ingest.pages.html_page import read_html_page
from services.ingest.pages.identity import article_url, derive_id, derive_version
from services.ingest.pages.text_page import read_text_page

MAX_PAGE_BYTES: Final = 5_000_000
# "বিস্তারিত আসছে।" is all that flash news has at first.
MIN_BODY_LETTERS: Final = 10
# The limits of `shared.events.Article`.
_MAX_TITLE: Final = 1_000
_MAX_BODY: Final = 500_000
_MAX_LABEL: Final = 200
_MAX_LEAD: Final = 5_000
_MAX_TAGS: Final = 50
_MAX_RELATED: Final = 50
_MAX_RELATED_CHARACTERS: Final = 20_000


def parse_page(
    body: bytes,
    content_type: str,
    *,
    url: str | None = None,
    article_id: str | None = None,
    version: int | None = None,
    category: str | None = None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> DraftArticle:
    """Read the one news article that a page holds; `url`, `article_id`, `version` and `category` override the page.

    `content_type` is a media type with its parameters; empty means: look. A given id or version must be sound, and
    the result of `to_article()` then never fails. Linear in the size of the page.

    Raises:
        PageError: with the place of the fault.
    """
    if len(body) > max_bytes:
        raise PageTooLargeError(f"the page has {len(body)} bytes, more than {max_bytes}", f"byte {max_bytes}")
    text, kind = decode_page(body, content_type)
    found = read_html_page(text) if kind is PageKind.HTML else read_text_page(text)
    draft = _complete(found, url=url, given_id=article_id, version=version, category=category)
    draft.to_article()
    return draft


def _complete(
    found: FoundOnPage, *, url: str | None, given_id: str | None, version: int | None, category: str | None
) -> DraftArticle:
    title = _headline(found)
    published_at = found.published_at
    if published_at is None:
        raise IncompletePageError("no date: the page does not say when the article was published", "date")
    text = _body(found)
    address = article_url(url or found.url, url)
    if url is not None and address is None:
        raise IncompletePageError("not an absolute http or https address of an article", "url")
    updated_at = found.updated_at if found.updated_at and found.updated_at > published_at else None
    return DraftArticle(
        id=derive_id(address, title, published_at) if given_id is None else given_id,
        version=derive_version(published_at, updated_at) if version is None else version,
        title=title,
        body=text,
        published_at=published_at,
        lead=found.lead if found.lead and len(found.lead) <= _MAX_LEAD else None,
        url=address,
        category=category if category is not None else _label(found.category),
        byline=_label(found.byline),
        sources=found.sources,
        tags=tuple(tag for tag in found.tags if _label(tag))[:_MAX_TAGS],
        image=article_url(found.image, address),
        updated_at=updated_at,
        page_views=found.page_views,
        related=tuple(each[:_MAX_RELATED_CHARACTERS] for each in found.related[:_MAX_RELATED]),
    )


def _headline(found: FoundOnPage) -> str:
    if not found.title or letters_in(found.title) == 0:
        raise IncompletePageError("no headline: nothing on the page stands where a headline would", "headline")
    if len(found.title) > _MAX_TITLE:
        raise IncompletePageError(f"the headline has more than {_MAX_TITLE} characters", "headline")
    return found.title


def _body(found: FoundOnPage) -> str:
    text = "\n".join(found.paragraphs)
    letters = letters_in(text)
    if letters < MIN_BODY_LETTERS:
        raise IncompletePageError(
            f"the text is too short: {letters} letters, at least {MIN_BODY_LETTERS} make an article", "body"
        )
    if len(text) > _MAX_BODY:
        raise PageTooLargeError(f"the text has more than {_MAX_BODY} characters", "body")
    return text


def _label(text: str | None) -> str | None:
    return text if text and len(text) <= _MAX_LABEL else None
