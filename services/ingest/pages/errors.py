"""Why a page cannot become an article.

PageError
├── PageTooLargeError         more bytes, elements or text than is read
├── UnsupportedPageTypeError  neither text/plain nor text/html
├── UnreadablePageError       empty, binary, or not in a character set that is read
└── IncompletePageError       no headline, no date, no text, or a field that no article may have
"""


class PageError(ValueError):
    """The page is refused; `place` says where the fault is: "byte 120", "headline", "date", "body"."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


class PageTooLargeError(PageError):
    """Larger than a news page can be."""


class UnsupportedPageTypeError(PageError):
    """The content type names something that is no page."""


class UnreadablePageError(PageError):
    """The bytes are no text."""


class IncompletePageError(PageError):
    """The text is no news article, or lacks a part that every article has."""
