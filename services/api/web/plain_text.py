"""HTML of the highlighter back to plain text."""

import html
from typing import Final

_MARKUP: Final = ("<mark>", "</mark>")


def without_markup(marked: str) -> str:
    """`marked` is escaped text whose only markup is `<mark>`."""
    for tag in _MARKUP:
        marked = marked.replace(tag, "")
    return html.unescape(marked)
