"""Reads a page in HTML: what it says about itself, completed by what it shows."""

from datetime import datetime
from typing import Final

from services.ingest.pages.article_parts import ArticleParts, Block, sort_blocks
from services.ingest.pages.clean_text import clean_lines, comparable, letters_in, same_text
from services.ingest.pages.errors import PageTooLargeError
from services.ingest.pages.found import FoundOnPage
from services.ingest.pages.html_blocks import article_element, outside_elements, read_blocks, related_headlines
from services.ingest.pages.html_markup import read_markup
from services.ingest.pages.html_metadata import HtmlMetadata, read_metadata
from services.ingest.pages.html_tree import PageTree, build_tree
from services.ingest.pages.page_header import PageHeader, read_header
from services.ingest.pages.section_labels import tags_of
from services.ingest.pages.text_page import MAX_LINES

# The text in the scripts is taken where the page shows so much less of it, as where it is loaded later.
_MUCH_SHORTER: Final = 0.5
# Fewer letters than the shortest article has.
_NO_TEXT: Final = 10
# A description that begins like the text is no lead of its own.
_SAME_BEGINNING: Final = 40


def read_html_page(html: str) -> FoundOnPage:
    """Find the article in a page.

    Raises:
        PageTooLargeError: for more elements than a page has.
    """
    markup = read_markup(html)
    tree = build_tree(markup.html)
    metadata = read_metadata(markup, tree)
    header, parts = _read_visible(tree, metadata)
    if metadata.body and _letters(parts.paragraphs) < _MUCH_SHORTER * letters_in(metadata.body):
        hidden = sort_blocks(Block(line.text) for line in clean_lines(metadata.body))
        parts = parts._replace(paragraphs=hidden.paragraphs, sources=hidden.sources or parts.sources)
    published_at = _published(metadata, header)
    related = dict.fromkeys([*parts.related, *related_headlines(tree)])
    return FoundOnPage(
        title=metadata.title,
        paragraphs=parts.paragraphs,
        lead=_lead(metadata, parts.paragraphs),
        url=metadata.url,
        category=metadata.section or header.category,
        byline=metadata.byline or header.byline,
        sources=parts.sources,
        tags=metadata.tags or parts.tags or metadata.keywords,
        image=metadata.image,
        published_at=published_at,
        updated_at=metadata.updated_at or header.updated_at,
        page_views=metadata.views if metadata.views is not None else header.page_views,
        related=tuple(text for text in related if not (metadata.title and same_text(text, metadata.title))),
    )


def _read_visible(tree: PageTree, metadata: HtmlMetadata) -> tuple[PageHeader, ArticleParts]:
    """What the page shows. Names of elements mislead now and then; where they leave no text, they do not count."""
    header, parts = _read_blocks(tree, metadata, outside_elements(tree))
    if _letters(parts.paragraphs) < _NO_TEXT:
        return _read_blocks(tree, metadata, outside_elements(tree, by_name=False))
    return header, parts


def _read_blocks(tree: PageTree, metadata: HtmlMetadata, outside: set[int]) -> tuple[PageHeader, ArticleParts]:
    placed = read_blocks(tree.body, outside)
    if len(placed) > MAX_LINES:
        raise PageTooLargeError(f"the page has more than {MAX_LINES} lines of text", f"line {MAX_LINES}")
    header = read_header([each.block.text for each in placed], title=metadata.title)
    article = article_element(placed, tree.body)
    blocks = [Block(header.text_beside_date)] if header.text_beside_date else []
    blocks += [
        each.block
        for index, each in enumerate(placed)
        if index >= header.text_from
        and index not in header.date_lines
        and not each.is_time
        and article.contains(each.holder)
    ]
    parts = sort_blocks(blocks)
    if not parts.tags:
        tags = next((tags for each in placed if (tags := tags_of(each.block.text))), ())
        parts = parts._replace(tags=tags)
    return header, parts


def _letters(paragraphs: tuple[str, ...]) -> int:
    return sum(map(letters_in, paragraphs))


def _published(metadata: HtmlMetadata, header: PageHeader) -> datetime | None:
    """The page's own date; the visible one where it adds the time of the same day, or is the only one."""
    said, shown = metadata.published_at, header.published_at
    if said is None or shown is None:
        return said or shown
    is_day_only = (said.hour, said.minute, said.second) == (0, 0, 0)
    return shown if is_day_only and shown.date() == said.date() else said


def _lead(metadata: HtmlMetadata, paragraphs: tuple[str, ...]) -> str | None:
    lead = metadata.description
    if lead is None or (metadata.title and same_text(lead, metadata.title)):
        return None
    beginning = comparable(lead)[:_SAME_BEGINNING]
    text = comparable(" ".join(paragraphs)[: 4 * len(lead) + 2_000])
    return None if not beginning or beginning in text else lead
