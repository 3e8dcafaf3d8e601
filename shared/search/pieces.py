"""What stands between two spaces, analysed once however often it comes: excerpts are marked in it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from shared.bengali.analyzer import index_stem
from shared.bengali.stem_heads import places_of_heads
from shared.bengali.tokenize import LONGEST_CACHED_CHUNK, tokenize
from shared.search.analysis import joined_forms

# No word goes beyond a space, so what stands between two is analysed by itself.
_PIECE: Final = re.compile(r"\S+")
# Their words take some 10 MB.
_MOST_KNOWN_PIECES: Final = 1 << 14


class Word(NamedTuple):
    """A word; its places count from the begin of its piece of text. `joined` is the whole of a compound."""

    start: int
    end: int
    position: int
    stem: str
    joined: bool


class Piece(NamedTuple):
    """`width` is how many positions its words take."""

    start: int
    words: tuple[Word, ...]
    width: int


def pieces_of(text: str) -> Iterator[Piece]:
    """All pieces, in order."""
    for found in _PIECE.finditer(text):
        yield _piece(found)


def pieces_with_one_of(text: str, stems: frozenset[str]) -> Iterator[Piece]:
    """The pieces that have a word with one of the stems, in order, and some others. Linear in the text."""
    end = 0
    for place in sorted(places_of_heads(text, stems)):
        if place < end:
            continue
        start = place
        while start > end and not text[start - 1].isspace():
            start -= 1
        if (found := _PIECE.match(text, start)) is not None:
            end = found.end()
            yield _piece(found)


def _piece(found: re.Match[str]) -> Piece:
    text = found[0]
    # An article may be a single piece of 60,000 characters, and thousands of those would be kept.
    words, width = _read(text) if len(text) <= LONGEST_CACHED_CHUNK else _read.__wrapped__(text)
    return Piece(found.start(), words, width)


@lru_cache(maxsize=_MOST_KNOWN_PIECES)
def _read(piece: str) -> tuple[tuple[Word, ...], int]:
    """The words of a piece, and how many positions they take; most pieces have been read before."""
    tokens = tokenize(piece)
    joined = joined_forms(tokens)
    words = tuple(
        Word(token.start, token.end, token.position, index_stem(token.surface), index in joined)
        for index, token in enumerate(tokens)
    )
    return words, words[-1].position + 1 if words else 0
