"""One canonical form for everything that looks or is meant the same, with a way back to the original."""

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, overload

from shared.bengali.canonical import canonical_pieces, is_canonical

_WORD: Final = re.compile(r"\S+")
# No-break spaces and spaces of other widths; line ends and tabs stay.
_ODD_SPACE: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Longer "words" are rarely seen twice.
_LONGEST_CACHED_WORD: Final = 64


class OffsetMap(Sequence[tuple[int, int]]):
    """For each character of a normalised text, the span (start, end) of the original that it stands for.

    Spans ascend; characters that were composed together share one.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: "array[int]", ends: "array[int]") -> None:
        self._starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | Sequence[tuple[int, int]]:
        if isinstance(index, slice):
            return OffsetMap(self._starts[index], self._ends[index])
        return self._starts[index], self._ends[index]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the normalised characters `start` to `end` stand for; `start` < `end`."""
        return self._starts[start], self._ends[end - 1]


def normalize(text: str) -> str:
    """Canonical composed form: idempotent on any string, in time linear in its length.

    Encodings, invisible characters, order and doubling of signs, case, width and digit systems become one.
    Spelling does not: শ and স, ি and ী stay apart (see `fold`).
    """
    return _WORD.sub(_normalized_match, _ODD_SPACE.sub(" ", text))


def normalize_with_offsets(text: str) -> tuple[str, OffsetMap]:
    """`normalize`, and where each character of the result comes from."""
    text = _ODD_SPACE.sub(" ", text)
    starts: array[int] = array("Q")
    ends: array[int] = array("Q")
    parts: list[str] = []

    def keep(start: int, end: int) -> None:
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))
        parts.append(text[start:end])

    done = 0
    for match in _WORD.finditer(text):
        if is_canonical(match[0]):
            continue
        keep(done, match.start())
        done = match.end()
        origin = match.start()
        for piece, start, end in canonical_pieces(match[0]):
            starts.extend([origin + start] * len(piece))
            ends.extend([origin + end] * len(piece))
            parts.append(piece)
    keep(done, len(text))
    return "".join(parts), OffsetMap(starts, ends)


def _normalized_match(match: re.Match[str]) -> str:
    word = match[0]
    return _normalize_word(word) if len(word) <= _LONGEST_CACHED_WORD else _normalize_word.__wrapped__(word)


@lru_cache(maxsize=1 << 15)
def _normalize_word(word: str) -> str:
    return word if is_canonical(word) else "".join([piece[0] for piece in canonical_pieces(word)])
