"""Turns a news page, HTML or saved as plain text, into a draft article. Pure: bytes in, article out.

Call `parse_page(body, content_type, url=…, article_id=…, version=…, category=…)`; it returns a `DraftArticle`, whose
`to_article()` goes into an event, or raises a `PageError` that says what is wrong and where (`error.place`):
`PageTooLargeError` (413), `UnsupportedPageTypeError` (415), `UnreadablePageError` and `IncompletePageError` (422).
"""

from services.ingest.pages.draft import DraftArticle
from services.ingest.pages.errors import (
    IncompletePageError,
    PageError,
    PageTooLargeError,
    UnreadablePageError,
    UnsupportedPageTypeError,
)
from services.ingest.pages.parse import MAX_PAGE_BYTES, parse_page

__all__ = [
    "MAX_PAGE_BYTES",
    "DraftArticle",
    "IncompletePageError",
    "PageError",
    "PageTooLargeError",
    "UnreadablePageError",
    "UnsupportedPageTypeError",
    "parse_page",
]
