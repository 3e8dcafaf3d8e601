"""The elements of a simplified page, with how much text stands in each."""

from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from services.ingest.pages.clean_text import letters_in

_MAX_NAMES: Final = 300


@dataclass(slots=True, eq=False)
class Element:
    """An element; `letters` and `linked_letters` count all text within. `order` grows in document order.

    `last` is the order of the last element within, so that containment is a comparison.
    """

    tag: str
    attributes: dict[str, str | None]
    parent: "Element | None"
    order: int
    last: int = 0
    letters: int = 0
    linked_letters: int = 0
    children: list["Element | str"] = field(default_factory=list)

    @property
    def names(self) -> str:
        """Class names and id in one string, not all of a very long one."""
        return f"{self.attributes.get('class') or ''} {self.attributes.get('id') or ''}"[:_MAX_NAMES]

    def contains(self, other: "Element") -> bool:
        return self.order <= other.order <= self.last

    def text(self) -> str:
        """All text within, as it stands there."""
        pieces: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            current = waiting.pop()
            if isinstance(current, str):
                pieces.append(current)
            else:
                waiting += reversed(current.children)
                if current.tag in {"br", "p", "div", "li"}:
                    pieces.append(" ")
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class PageTree:
    """All elements of a page in document order, the body first; an element stands at the place of its `order`."""

    elements: list[Element]

    @property
    def body(self) -> Element:
        return self.elements[0]

    def within(self, element: Element) -> list[Element]:
        """The element and those within it, in document order."""
        return self.elements[element.order : element.last + 1]


def build_tree(simplified_html: str) -> PageTree:
    """The tree of a page that `read_markup` simplified; without recursion, so depth does not matter."""
    root = Element("body", {}, None, 0)
    elements = [root]
    body = LexborHTMLParser(simplified_html).body
    waiting = [(body.child, root)] if body is not None and body.child is not None else []
    while waiting:
        node, parent = waiting.pop()
        if node.next is not None:
            waiting.append((node.next, parent))
        if node.is_text_node:
            _add_text(parent, node.text_content or "")
        elif node.is_element_node:
            element = Element(node.tag or "", node.attributes, parent, len(elements), last=len(elements))
            elements.append(element)
            parent.children.append(element)
            if node.child is not None:
                waiting.append((node.child, element))
    for element in reversed(elements):
        if element.parent is not None:
            _count_in(element, element.parent)
    return PageTree(elements)


def _add_text(element: Element, text: str) -> None:
    element.children.append(text)
    letters = letters_in(text)
    element.letters += letters
    if element.tag == "a":
        element.linked_letters += letters


def _count_in(element: Element, parent: Element) -> None:
    parent.last = max(parent.last, element.last)
    parent.letters += element.letters
    parent.linked_letters += element.letters if parent.tag == "a" else element.linked_letters
