"""Turns the bytes of a page into text, and tells HTML from plain text."""

import codecs
import re
from enum import Enum
from typing import Final

from services.ingest.pages.errors import UnreadablePageError, UnsupportedPageTypeError

# What the WHATWG Encoding Standard decodes for labels that pages in Bengali carry by mistake or in earnest.
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The HTML standard looks for <meta charset> in the first 1,024 bytes; pages put it later.
_META_BYTES: Final = 4_096
_META_CHARSET: Final = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HTML_START: Final = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*|<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Editors leave a stray control character in a page now and then; in binary files they are frequent.
_MAX_CONTROL_SHARE: Final = 0.01
_PLAIN_TYPES: Final = frozenset({"", "text/plain", "application/octet-stream", "text/markdown"})
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})


class PageKind(Enum):
    HTML = "html"
    PLAIN = "plain"


def decode_page(body: bytes, content_type: str) -> tuple[str, PageKind]:
    """The page's text and kind. What looks like HTML is HTML, also in a file named .txt.

    UTF-8 is tried first whatever the page claims: servers send `charset=iso-8859-1` by default, and Bengali in
    anything else than UTF-8 is almost never valid UTF-8.

    Raises:
        UnsupportedPageTypeError: for a content type other than text/plain and text/html.
        UnreadablePageError: for an empty or binary page, and bytes outside their character set, with the first place.
    """
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type not in _PLAIN_TYPES | _HTML_TYPES:
        raise UnsupportedPageTypeError(f"a page is text/html or text/plain, not {media_type[:80]!r}", "Content-Type")
    if not body.strip():
        raise UnreadablePageError("the page is empty", "byte 0")
    text = _decode(body, _declared_charset(body, parameters))
    _refuse_binary(text)
    if not text.strip():
        raise UnreadablePageError("the page is empty", "byte 0")
    is_html = media_type in _HTML_TYPES or _HTML_START.match(text) is not None
    return text, PageKind.HTML if is_html else PageKind.PLAIN


def _refuse_binary(text: str) -> None:
    first = _CONTROLS.search(text)
    if first is None:
        return
    controls = sum(1 for _ in _CONTROLS.finditer(text))
    if "\x00" in text or controls > _MAX_CONTROL_SHARE * len(text):
        place = text.index("\x00") if "\x00" in text else first.start()
        raise UnreadablePageError(
            f"this is a binary file, not a page: control character U+{ord(text[place]):04X}",
            f"byte {len(text[:place].encode())}",
        )


def _declared_charset(body: bytes, parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()
    if meta := _META_CHARSET.search(body, 0, _META_BYTES):
        return meta[1].decode("ascii").lower()
    return None


def _decode(body: bytes, declared: str | None) -> str:
    for mark, charset in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _strictly(body, charset, len(mark))
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\x00" in body and not (declared or "").startswith("utf-16"):
            raise UnreadablePageError("this is a binary file, not a page", f"byte {body.index(0)}") from error
        if declared is None or declared in {"utf-8", "utf8"}:
            raise _invalid("utf-8", error, 0) from error
    if declared not in _CHARSETS:
        raise UnreadablePageError(f"character set {declared!r} is not read; send UTF-8", "charset")
    return _strictly(body, _CHARSETS[declared], 0)


def _strictly(body: bytes, charset: str, skip: int) -> str:
    try:
        return body[skip:].decode(charset)
    except UnicodeDecodeError as error:
        raise _invalid(charset, error, skip) from error


def _invalid(charset: str, error: UnicodeDecodeError, skip: int) -> UnreadablePageError:
    offset = error.start + skip
    return UnreadablePageError(f"not valid {charset.upper()}: byte 0x{error.object[error.start]:02X}", f"byte {offset}")
