"""Takes a page's markup apart in one linear pass and leaves a simple copy for the tree builder.

An HTML tree builder does not bear every input: with lexbor a page of 18 kB of misnested formatting elements takes
374 MB, one tag with 500,000 attributes or 1,000,000 nested elements take minutes (measured). So the builder sees
only what is written here: known elements, a few attributes, bounded number and depth. What the two disagree
about can spoil an extraction, never the service.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from services.ingest.pages.errors import PageTooLargeError

# News pages have 500 to 10,000 elements, 20 to 60 of them within one another.
MAX_ELEMENTS: Final = 50_000
MAX_TOKENS: Final = 400_000
MAX_DEPTH: Final = 500
_MAX_ATTRIBUTES: Final = 64
_MAX_VALUE: Final = 4_000
_MAX_META: Final = 500
_MAX_JSON_LD: Final = 20
_MAX_JSON_LD_CHARACTERS: Final = 1_000_000

_KEPT: Final = frozenset(
    {"a", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
     "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "img", "li", "main", "nav", "ol", "p", "pre",
     "section", "span", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "ul"}
)  # fmt: skip
_VOID: Final = frozenset({"br", "hr", "img"})
# The tree builder closes these by itself, so they are often left open and do not nest without another element.
_SELF_CLOSING: Final = frozenset({"p", "li", "dd", "dt", "tr", "td", "th", "thead", "tbody", "tfoot"})
_KEPT_ATTRIBUTES: Final = frozenset(
    {"class", "id", "href", "itemprop", "datetime", "rel", "role", "property", "content"}
)
# Whatever stands in these is no text of the page.
_SKIPPED: Final = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "textarea", "select", "button", "object",
     "canvas", "audio", "video", "xmp", "noembed", "noframes", "title"}
)  # fmt: skip

# Tag syntax as the HTML standard's tokenizer reads it; every quantifier is possessive, so a tag takes linear time.
_TOKEN: Final = re.compile(r"<(?=[a-zA-Z/!?])")
_TAG_NAME: Final = re.compile(r"</?+([a-zA-Z][^\s/>]*+)")
_ATTRIBUTE: Final = re.compile(
    r"[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)|(?=>)))?+"
)
_TAG_END: Final = re.compile(r"[\s/]*+>")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)


@dataclass(slots=True)
class Markup:
    """`html` is the simplified body. `meta` maps names and properties, lower-cased, to their values in order."""

    html: str = ""
    title: str = ""
    canonical: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    json_ld: list[str] = field(default_factory=list)


def read_markup(html: str) -> Markup:
    """Simplify a page; linear in its length.

    Raises:
        PageTooLargeError: for more tags than a page has.
    """
    return _Reader(html).read()


class _Reader:
    def __init__(self, html: str) -> None:
        self._html = html
        self._markup = Markup()
        self._out: list[str] = []
        self._open: Counter[str] = Counter()
        self._depth = 0
        self._elements = 0
        self._metas = 0
        # Elements whose end tag does not occur any more: searched for once, so that the pass stays linear.
        self._endless: set[str] = set()

    def read(self) -> Markup:
        position = tokens = 0
        while match := _TOKEN.search(self._html, position):
            tokens += 1
            if tokens > MAX_TOKENS:
                raise PageTooLargeError(f"the page has more than {MAX_TOKENS} tags", f"character {match.start()}")
            self._text(position, match.start())
            position = self._token(match.start())
        self._text(position, len(self._html))
        self._markup.html = "".join(self._out)
        return self._markup

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self._out.append(self._html[start:end].replace("<", "&lt;"))

    def _token(self, start: int) -> int:
        """Read the tag or comment at `start`; return where the next token may be."""
        html = self._html
        if html.startswith("<!--", start):
            return self._after("-->", start + 2)
        name_match = _TAG_NAME.match(html, start)
        if name_match is None:
            return self._after(">", start + 1)
        name = name_match[1].lower()
        attributes, end = self._attributes(name_match.end())
        if html[start + 1] == "/":
            self._close(name)
            return end
        if name == "meta":
            self._meta(attributes)
        elif name == "link":
            self._link(attributes)
        elif name in _SKIPPED:
            return self._skip(name, attributes, end)
        elif name in _KEPT:
            self._emit(name, attributes, start)
        return end

    def _after(self, mark: str, start: int) -> int:
        found = self._html.find(mark, start)
        return len(self._html) if found < 0 else found + len(mark)

    def _attributes(self, position: int) -> tuple[dict[str, str], int]:
        """The attributes of a tag and the place behind it. A tag that never ends takes the rest of the page."""
        attributes: dict[str, str] = {}
        while True:
            if end := _TAG_END.match(self._html, position):
                return attributes, end.end()
            match = _ATTRIBUTE.match(self._html, position)
            if match is None:
                return attributes, len(self._html)
            position = match.end()
            name = match[1].lower()
            if len(attributes) < _MAX_ATTRIBUTES and name not in attributes:
                attributes[name] = (match[2] or match[3] or match[4] or "")[:_MAX_VALUE]

    def _skip(self, name: str, attributes: dict[str, str], start: int) -> int:
        if name in self._endless:
            return start
        end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._html, start)
        if end is None:
            self._endless.add(name)
            # An unclosed script or style swallows the rest of the page in every browser.
            return len(self._html) if name in {"script", "style", "textarea", "title"} else start
        content = self._html[start : end.start()]
        if name == "title" and not self._markup.title:
            self._markup.title = unescape(content[:_MAX_VALUE])
        is_json_ld = name == "script" and "ld+json" in attributes.get("type", "").lower()
        if is_json_ld and len(self._markup.json_ld) < _MAX_JSON_LD and len(content) <= _MAX_JSON_LD_CHARACTERS:
            self._markup.json_ld.append(content)
        return self._after(">", end.end())

    def _meta(self, attributes: dict[str, str]) -> None:
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content")
        if name and content and self._metas < _MAX_META:
            self._metas += 1
            self._markup.meta.setdefault(name.strip().lower(), []).append(unescape(content).strip())

    def _link(self, attributes: dict[str, str]) -> None:
        if attributes.get("rel", "").strip().lower() == "canonical" and self._markup.canonical is None:
            self._markup.canonical = unescape(attributes.get("href", "")).strip() or None

    def _emit(self, name: str, attributes: dict[str, str], start: int) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise PageTooLargeError(f"the page has more than {MAX_ELEMENTS} elements", f"character {start}")
        if name not in _VOID and name not in _SELF_CLOSING:
            if self._depth >= MAX_DEPTH:
                return
            self._depth += 1
            self._open[name] += 1
        kept = [
            f'{key}="{value.replace(chr(34), "&quot;")}"'
            for key, value in attributes.items()
            if key in _KEPT_ATTRIBUTES
        ]
        if "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")):
            kept.append("hidden")
        self._out.append(f"<{' '.join([name, *kept])}>")

    def _close(self, name: str) -> None:
        if name in _SELF_CLOSING:
            self._out.append(f"</{name}>")
        elif self._open[name] > 0:
            self._open[name] -= 1
            self._depth -= 1
            self._out.append(f"</{name}>")
