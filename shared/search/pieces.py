"""What stands between two spaces, analysed once however often it comes: excerpts are marked in it."""

from functools import cache, lru_cache
from typing import Final, NamedTuple

from shared.bengali.analyzer import analyze
from shared.search.analysis import joined_forms

# Some 20 MB; the words of a few thousand articles.
_MOST_KNOWN_PIECES: Final = 1 << 16
_NOTHING: Final[frozenset[str]] = frozenset()


class Word(NamedTuple):
    """A word; its places count from the begin of its piece of text. `joined` is the whole of a compound."""

    start: int
    end: int
    position: int
    stem: str
    joined: bool


class KnownPieces:
    """Pieces by their stems, so that an article's are compared with a query's as whole sets: three times as fast.

    Threads may share it: a piece is known when all of its stems are noted.
    """

    def __init__(self) -> None:
        self._forget()

    def with_one_of(self, stems: frozenset[str], pieces: set[str]) -> set[str]:
        known, by_stem = self._known
        if len(known) > _MOST_KNOWN_PIECES:
            known, by_stem = self._forget()
        for piece in pieces - known:
            for stem in read_piece(piece)[2]:
                by_stem.setdefault(stem, set()).add(piece)
            known.add(piece)
        found: set[str] = set()
        for stem in stems:
            found |= by_stem.get(stem, _NOTHING) & pieces
        return found

    def _forget(self) -> tuple[set[str], dict[str, set[str]]]:
        self._known: tuple[set[str], dict[str, set[str]]] = (set(), {})
        return self._known


@cache
def known_pieces() -> KnownPieces:
    return KnownPieces()


@lru_cache(maxsize=_MOST_KNOWN_PIECES)
def read_piece(piece: str) -> tuple[tuple[Word, ...], int, tuple[str, ...]]:
    """The words of a piece, how many positions they take, and their stems; most pieces have been read before."""
    analyzed = analyze(piece)
    joined = joined_forms(analyzed.tokens)
    words = tuple(
        Word(token.start, token.end, token.position, stem, index in joined)
        for index, (token, stem) in enumerate(zip(analyzed.tokens, analyzed.stems, strict=True))
    )
    return words, words[-1].position + 1 if words else 0, analyzed.stems
