"""Lines of clean text: what every other part of the page parser works on."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

import regex

# Controls, lone surrogates, and format characters that carry no meaning in a page; ZWNJ and ZWJ shape Bengali
# conjuncts and stay.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_NEWLINE: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"[\s\u3164]+")
_MAX_COMPARED: Final = 1_000
_LETTERS: Final = regex.compile(r"[\p{L}\p{M}]+")
_NOT_COMPARED: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+|\u09bc")
_SENTENCE_END: Final = re.compile('[।॥?!.:…৷][\'"’”)\\]»]*$|["’”»]$')
# ড. মোঃ are titles before a name; a block that ends in one goes on.
_ABBREVIATION: Final = re.compile(r"(?:^|[\s(])(?:মো|মোঃ|মোসা|মোছা|ড|ডা|ডাঃ|অ্যাড|প্রফে|ইঞ্জি|জে|এম|এ|এস|কে|সে)[.:]$")


class Line(NamedTuple):
    """A line that is not empty; `gap` tells whether an empty one stands before it."""

    text: str
    gap: bool


def clean(text: str) -> str:
    """One line: no invisible characters, every run of white space one space, nothing at the ends."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def clean_lines(text: str) -> Iterator[Line]:
    """The lines of a text that hold something, cleaned."""
    gap = False
    for raw in _NEWLINE.split(text):
        line = clean(raw)
        if line:
            yield Line(line, gap)
        gap = not line


def same_text(one: str, other: str) -> bool:
    """Whether two headlines are the same but for encoding and punctuation; no headline has 1,000 characters."""
    return max(len(one), len(other)) <= _MAX_COMPARED and comparable(one) == comparable(other)


def comparable(text: str) -> str:
    """Letters and digits only, so that truncated, re-encoded or re-punctuated copies begin alike."""
    return _NOT_COMPARED.sub("", unicodedata.normalize("NFKC", text).casefold())


def letters_in(text: str) -> int:
    """How many letters and vowel signs; digits and punctuation do not make a text."""
    return sum(map(len, _LETTERS.findall(text)))


def ends_sentence(text: str) -> bool:
    """Whether a block ends where a sentence may end: । ? ! . : or a closing quotation mark."""
    return _SENTENCE_END.search(text[-20:]) is not None and _ABBREVIATION.search(text[-20:]) is None


def is_paragraph(text: str) -> bool:
    """Long, with a full stop inside or at its end: prose, not a headline."""
    return len(text) >= 150 and ("।" in text or "৷" in text or ". " in text or ends_sentence(text))
