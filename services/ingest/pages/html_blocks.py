"""Reads a page block by block, and finds the element that holds the article."""

import re
from collections import defaultdict
from typing import Final, NamedTuple

from services.ingest.pages.article_parts import Block
from services.ingest.pages.clean_text import clean, letters_in
from services.ingest.pages.html_tree import Element, PageTree

_INLINE: Final = frozenset({"a", "span", "time", "img"})
_COMPLETE: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd"})
_PARAGRAPHS: Final = _COMPLETE | {"p", "blockquote", "pre"}
_OUTSIDE: Final = frozenset({"nav", "aside", "footer", "figcaption"})
_OUTSIDE_ROLES: Final = frozenset({"navigation", "complementary", "contentinfo", "search"})
# Words within class names and ids: "share-buttons", "news_tags", "relatedNews".
_OTHER_HEADLINES: Final = (
    "related|releted|recommend|recommended|suggested|(?:also|read)[_-]?(?:read|also|more)|more[_-]?news"
)
_NO_ARTICLE: Final = (
    "share|sharing|social|advert|advertisement|ad|ads|adsense|banner|promo|comments?|disqus|breadcrumbs?|menu|navbar|nav|"
    "sidebar|popular|latest|trending|newsletter|subscribe|caption|credit|tags|tagcloud|pagination|popup|modal|footer|"
    "toolbar|copyright|cookie"
)
# These count as names of their own only: WordPress marks articles with "tag-…", page builders all with "…-widget".
_WHOLE_NAMES: Final = "tag|widget"
_RELATED_NAME: Final = re.compile(rf"(?:^|[\s_-])(?:{_OTHER_HEADLINES})(?:$|[\s_-])", re.IGNORECASE)
_OUTSIDE_NAME: Final = re.compile(
    rf"(?:^|[\s_-])(?:{_OTHER_HEADLINES}|{_NO_ARTICLE})(?:$|[\s_-])|(?:^|\s)(?:{_WHOLE_NAMES})(?:$|\s)", re.IGNORECASE
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BODY_NAME: Final = re.compile(
    r"(?:article|story|news|post|entry|content|details?|dtl)[_-]*(?:body|content|text|details?|description|main|section)",
    re.IGNORECASE,
)
# An element named like a sidebar that holds nearly all of the page's text is the article after all.
_MAX_OUTSIDE_SHARE: Final = 0.9
_LINKED_SHARE: Final = 0.8
# "আরও" and "সব খবর" are links as well, and no headlines.
_MIN_HEADLINE_LETTERS: Final = 10
# A block with fewer letters outside links says nothing about where the article is.
_MIN_BLOCK_LETTERS: Final = 20
# What a block's letters add to the elements around it. Sites wrap each paragraph in an element or two of its own,
# so the gift must reach the element that holds them all, and yet prefer the nearest.
_GIFTS: Final = (1.0, 0.8, 0.6, 0.4, 0.25)
# "article-body" on an element counts as a quarter more text.
_NAMED_BONUS: Final = 1.25
# Bengali pages carry English menus and messages; yet an English article beats none.
_OTHER_SCRIPT: Final = 0.25
_BENGALI: Final = re.compile(r"[\u0980-\u09ff]+")


class PlacedBlock(NamedTuple):
    """A block, the element that holds it, and its letters outside links; `is_time` if it is all one `time` element."""

    block: Block
    holder: Element
    weight: float
    is_time: bool


def outside_elements(tree: PageTree, *, by_name: bool = True) -> set[int]:
    """The orders of elements that are no part of an article: navigation, buttons, hidden text, other headlines.

    What holds a first-level heading is none of these, whatever its name: "has-sidebar", "comments-open".
    """
    limit = _MAX_OUTSIDE_SHARE * tree.body.letters
    around_headings = _around_headings(tree)
    return {
        element.order
        for element in tree.elements
        if element.tag in _OUTSIDE
        or "hidden" in element.attributes
        or element.attributes.get("role") in _OUTSIDE_ROLES
        or (
            by_name
            and element.letters <= limit
            and element.order not in around_headings
            and _OUTSIDE_NAME.search(_CAMEL.sub(" ", element.names))
        )
    }


def _around_headings(tree: PageTree) -> set[int]:
    around: set[int] = set()
    for heading in tree.elements:
        element = heading if heading.tag == "h1" else None
        while element is not None and element.order not in around:
            around.add(element.order)
            element = element.parent
    return around


def related_headlines(tree: PageTree) -> list[str]:
    """The link texts of elements that are named as lists of other headlines."""
    headlines: list[str] = []
    limit = _MAX_OUTSIDE_SHARE * tree.body.letters
    read_to = 0
    for box in tree.elements:
        if box.order >= read_to and box.letters <= limit and _RELATED_NAME.search(_CAMEL.sub(" ", box.names)):
            read_to = box.last + 1
            texts = (clean(link.text()) for link in tree.within(box) if link.tag == "a")
            headlines += [text for text in texts if letters_in(text) >= _MIN_HEADLINE_LETTERS]
    return headlines


def read_blocks(root: Element, outside: set[int]) -> list[PlacedBlock]:
    """The blocks of a page in document order; `br` ends a block without a gap."""
    blocks: list[PlacedBlock] = []
    pieces: list[str] = []
    linked = timed = 0
    gap = True
    holder = root

    def flush(*, next_gap: bool) -> None:
        nonlocal linked, timed, gap
        text = clean("".join(pieces))
        pieces.clear()
        if text:
            letters = letters_in(text)
            is_linked = letters >= _MIN_HEADLINE_LETTERS and linked >= _LINKED_SHARE * letters
            bengali = sum(map(len, _BENGALI.findall(text)))
            share = bengali / letters if letters else 0
            weight = max(0, letters - linked) * min(1, share + _OTHER_SCRIPT * (1 - share))
            block = Block(text, gap=gap, complete=holder.tag in _COMPLETE, linked=is_linked)
            blocks.append(PlacedBlock(block, holder, weight, is_time=0 < letters <= timed))
            gap = next_gap
        else:
            gap = gap or next_gap
        linked = timed = 0

    # Elements are put back, marked, to be seen a second time when everything within has been read.
    waiting: list[tuple[Element | str, bool]] = [(root, False)]
    while waiting:
        current, leaving = waiting.pop()
        if isinstance(current, str):
            pieces.append(current)
        elif current.tag == "br":
            flush(next_gap=False)
        elif leaving:
            flush(next_gap=True)
            holder = _block_around(current)
        elif current.order not in outside:
            if current.tag in _INLINE:
                linked += current.letters if current.tag == "a" else 0
                timed += current.letters if current.tag == "time" else 0
            else:
                flush(next_gap=True)
                holder = current
                waiting.append((current, True))
            waiting += [(child, False) for child in reversed(current.children)]
    return blocks


def _block_around(element: Element) -> Element:
    parent = element.parent
    while parent is not None and parent.tag in _INLINE:
        parent = parent.parent
    return parent or element


def article_element(blocks: list[PlacedBlock], root: Element) -> Element:
    """The element with the most text in or near it that is no link; named ones are preferred."""
    scores: dict[int, float] = defaultdict(float)
    elements = {root.order: root}
    for placed in blocks:
        if placed.weight < _MIN_BLOCK_LETTERS:
            continue
        around = placed.holder.parent if placed.holder.tag in _PARAGRAPHS else placed.holder
        for gift in _GIFTS:
            if around is None:
                break
            elements[around.order] = around
            scores[around.order] += gift * placed.weight
            around = around.parent
    return max(elements.values(), key=lambda element: scores[element.order] * _preference(element))


def _preference(element: Element) -> float:
    named = (
        element.attributes.get("itemprop") == "articleBody"
        or element.tag == "article"
        or _BODY_NAME.search(element.names) is not None
    )
    unlinked = 1 - element.linked_letters / element.letters if element.letters else 0.0
    return unlinked * (_NAMED_BONUS if named else 1)
