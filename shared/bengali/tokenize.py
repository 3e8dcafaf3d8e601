"""From original text to normalised words with their places in the original."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from shared.bengali.canonical import canonical_pieces, is_canonical
from shared.bengali.letters import CONSONANTS, HASANTA, KHANDA_TA, LETTERS, SYLLABLE_SIGNS, VISARGA, VOWEL_SIGNS
from shared.bengali.lexicon import detached_endings
from shared.bengali.token import Token

# What may stand inside a chunk of text but never at its edges, and what always separates chunks.
_INNER: Final = r",.:'’‘′ʼ\"“”\-‐‑–"
_OUTER: Final = r"\s।॥৷?!;()\[\]{}<>|/\\—―…•*+=&%#@^~`_"
_CHUNK: Final = re.compile(rf"[^{_OUTER}{_INNER}]++(?:[{_INNER}]++[^{_OUTER}{_INNER}]++)*+")
_CHUNKS_AND_GAPS: Final = re.compile(rf"({_CHUNK.pattern})")
LONGEST_CACHED_CHUNK: Final = 64

_UNIT: Final = regex.compile(
    rf"(?P<bengali>[{LETTERS}][{LETTERS}{VOWEL_SIGNS}{SYLLABLE_SIGNS}{HASANTA}]*+)"
    r"|(?P<word>[0-9]*+(?:(?!\p{Bengali})\p{L})(?:(?!\p{Bengali})[\p{L}\p{M}\p{N}])*+)"
    r"|(?P<number>[0-9]++(?:[.,][0-9]++)*+)"
)
# The greater part of all chunks: one word, nothing else.
_PLAIN_WORD: Final = re.compile(rf"[{LETTERS}][{LETTERS}{VOWEL_SIGNS}{SYLLABLE_SIGNS}{HASANTA}]*+")
_HYPHEN: Final = regex.compile(r"[-‐‑–]")
_APOSTROPHE: Final = regex.compile(r"['’‘′ʼ]")
_BEFORE_ENDING: Final = regex.compile(r"['’‘′ʼ\"“”]*+[-‐‑–]?+")
_SILENT_AT_END: Final = HASANTA + VISARGA
_BASES: Final = frozenset(CONSONANTS + KHANDA_TA + LETTERS)

_ENGLISH_GENITIVE: Final = "s"
# Beyond three parts a joined form is noise: dates, scores, chains of names.
_MOST_JOINED_PARTS: Final = 3
# A head shorter than this keeps what follows an apostrophe: দু’টি is one word, বিএনপি’র is a name and an ending.
_SHORTEST_HEAD: Final = 2
_LONGEST_INITIAL: Final = 3


class _Unit(NamedTuple):
    kind: str
    surface: str
    start: int
    end: int
    gap: str
    """What stands between the unit before and this one; only meaningful from the second unit of a group on."""


def tokenize(text: str) -> list[Token]:
    """The words of a text in order, with spans into `text` as it is given (not normalised).

    Numbers keep their decimal point and lose grouping commas. A hyphen compound gives its parts and its joined form.
    An ending set apart by a quote or hyphen belongs to the span but not to the surface. Linear in the length.
    """
    tokens: list[Token] = []
    # The constructor of a named tuple is a Python function and would be half of the time spent here.
    new_token = tuple.__new__
    position = 0
    start = 0
    stretches = iter(_CHUNKS_AND_GAPS.split(text))
    for gap, chunk in zip(stretches, stretches, strict=False):
        start += len(gap)
        parts = _read_chunk(chunk) if len(chunk) <= LONGEST_CACHED_CHUNK else _read_chunk.__wrapped__(chunk)
        for surface, first, last, place in parts:
            tokens.append(new_token(Token, (surface, start + first, start + last, position + place)))
        if parts:
            position += parts[-1].position + 1
        start += len(chunk)
    return tokens


def find_chunks(text: str) -> list[str]:
    """Stretches of text that are read independently of each other, in order."""
    return _CHUNK.findall(text)


def read_chunk(chunk: str) -> tuple[Token, ...]:
    """The tokens of one chunk; spans and positions count from its beginning."""
    return _read_chunk(chunk) if len(chunk) <= LONGEST_CACHED_CHUNK else _read_chunk.__wrapped__(chunk)


@lru_cache(maxsize=1 << 16)
def _read_chunk(chunk: str) -> tuple[Token, ...]:
    if is_canonical(chunk):
        if _PLAIN_WORD.fullmatch(chunk):
            return (Token(chunk.rstrip(_SILENT_AT_END), 0, len(chunk), 0),)
        units = _units(chunk, None)
    else:
        pieces = canonical_pieces(chunk)
        spans = [(start, end) for piece, start, end in pieces for _ in piece]
        units = _units("".join([piece[0] for piece in pieces]), spans)
    tokens: list[Token] = []
    position = 0
    for group in _groups(units):
        parts = _merge_apostrophes(_drop_ending(group))
        tokens.extend(_tokens(parts, position))
        position += len(parts)
    return tuple(tokens)


def _units(word: str, spans: list[tuple[int, int]] | None) -> list[_Unit]:
    units: list[_Unit] = []
    done = 0
    for match in _UNIT.finditer(word):
        kind = match.lastgroup or ""
        surface = match[0]
        if kind == "bengali":
            surface = surface.rstrip(_SILENT_AT_END)
        elif kind == "number":
            surface = surface.replace(",", "")
        start, end = match.span()
        span = (start, end) if spans is None else (spans[start][0], spans[end - 1][1])
        units.append(_Unit(kind, surface, *span, gap=word[done:start]))
        done = end
    return units


def _groups(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """Units that belong together: compounds, words with an ending set apart, letters and digits without a gap."""
    group: list[_Unit] = []
    for unit in units:
        if group and not _belong_together(group[-1], unit):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _belong_together(one: _Unit, other: _Unit) -> bool:
    gap = other.gap
    if not gap or _HYPHEN.fullmatch(gap) or (_APOSTROPHE.fullmatch(gap) and one.kind == other.kind):
        return True
    if gap == ".":
        return one.kind == other.kind != "number" and max(len(one.surface), len(other.surface)) <= _LONGEST_INITIAL
    return _is_ending_of(one, other)


def _drop_ending(group: list[_Unit]) -> list[_Unit]:
    if len(group) < 2:
        return group
    head, last = group[-2:]
    if not _is_ending_of(head, last) or (head.kind == "bengali" and _letters(head.surface) < _SHORTEST_HEAD):
        return group
    return [*group[:-2], head._replace(end=last.end)]


def _is_ending_of(head: _Unit, ending: _Unit) -> bool:
    if ending.surface == _ENGLISH_GENITIVE:
        return head.kind == "word" and _APOSTROPHE.fullmatch(ending.gap) is not None
    allowed = detached_endings("any" if head.kind != "number" else "number")
    return ending.surface in allowed and _BEFORE_ENDING.fullmatch(ending.gap) is not None


def _letters(surface: str) -> int:
    return sum(character in _BASES for character in surface)


def _merge_apostrophes(group: list[_Unit]) -> list[_Unit]:
    merged = group[:1]
    for unit in group[1:]:
        last = merged[-1]
        if _APOSTROPHE.fullmatch(unit.gap) and last.kind == unit.kind != "number":
            merged[-1] = last._replace(surface=last.surface + unit.surface, end=unit.end)
        else:
            merged.append(unit)
    return merged


def _tokens(parts: list[_Unit], position: int) -> Iterator[Token]:
    for index, part in enumerate(parts):
        yield Token(part.surface, part.start, part.end, position + index)
        if index == 0 and _is_joinable(parts):
            yield Token("".join(p.surface for p in parts), part.start, parts[-1].end, position)


def _is_joinable(parts: list[_Unit]) -> bool:
    initials = all(part.gap == "." for part in parts[1:])
    return len(parts) > 1 and (len(parts) <= _MOST_JOINED_PARTS or initials) and any(p.kind != "number" for p in parts)
