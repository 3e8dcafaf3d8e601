"""Reads a page saved as plain text: title line, headline, byline, date line, paragraphs, lists of other headlines."""

from typing import Final

from services.ingest.pages.article_parts import Block, sort_blocks
from services.ingest.pages.clean_text import clean_lines
from services.ingest.pages.errors import PageTooLargeError
from services.ingest.pages.found import FoundOnPage
from services.ingest.pages.page_header import read_header

# The longest article met, a live blog, has 900 lines.
MAX_LINES: Final = 5_000


def read_text_page(text: str) -> FoundOnPage:
    """Find the article in the lines of a page.

    Raises:
        PageTooLargeError: for more lines than a page has.
    """
    lines = []
    for line in clean_lines(text):
        lines.append(line)
        if len(lines) > MAX_LINES:
            raise PageTooLargeError(f"the page has more than {MAX_LINES} lines", f"line {MAX_LINES}")
    header = read_header([line.text for line in lines])
    blocks = [Block(header.text_beside_date)] if header.text_beside_date else []
    blocks += [
        Block(line.text, gap=line.gap)
        for index, line in enumerate(lines)
        if index >= header.text_from and index not in header.date_lines
    ]
    parts = sort_blocks(blocks)
    return FoundOnPage(
        title=header.title,
        paragraphs=parts.paragraphs,
        lead=header.lead,
        category=header.category,
        byline=header.byline,
        sources=parts.sources,
        tags=parts.tags,
        published_at=header.published_at,
        updated_at=header.updated_at,
        page_views=header.page_views,
        related=parts.related,
    )
