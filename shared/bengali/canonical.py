"""The canonical form of a word: Bengali syllables in one order and composed, other scripts in NFC.

Works syllable by syllable on atoms. Each syllable's signs are reduced to a set in canonical order, so the result is
its own canonical form and takes time linear in the word, whatever it is made of.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.bengali.atoms import atoms_of
from shared.bengali.letters import (
    CONSONANTS,
    CURRENCY_NUMERATOR_TWO,
    HASANTA,
    KHANDA_TA,
    LETTERS,
    NUKTA,
    SYLLABLE_SIGNS,
    VISARGA,
    VOWEL_SIGNS,
    ZERO_WIDTH_JOINER,
    is_bengali,
)

# Python reorders combining marks by insertion, which is quadratic in their number (and nobody writes so many).
_MOST_COMBINING_MARKS: Final = 16
_E_SIGN: Final = "\u09c7"
_AA_SIGN: Final = "\u09be"
_AU_LENGTH_MARK: Final = "\u09d7"
_NUKTA_FORMS: Final = {"ড": "\u09dc", "ঢ": "\u09dd", "য": "\u09df", "ব": "র"}
_VOWEL_SIGN_SET: Final = frozenset(VOWEL_SIGNS)
_SYLLABLE_SIGN_SET: Final = frozenset(SYLLABLE_SIGNS)
_SIGNS: Final = _VOWEL_SIGN_SET | _SYLLABLE_SIGN_SET | {HASANTA, NUKTA}
_LETTERS: Final = frozenset(LETTERS)
# Letters before decomposed nuktas are put together.
_CONSONANTS: Final = frozenset(CONSONANTS)

# Words whose visarga is often typed as a colon, from their beginning to the colon; a consonant follows.
_COLON_FOR_VISARGA: Final = re.compile(
    r"(?<![\u0980-\u09ff])"
    r"(অত|অধ|অন্ত|ইত|চতু|জ্যোতি|দু|নি|পুন|প্রাত|বয়|বহি|মন|যশ|রজ|শির|স্বত)"
    r":(?=[\u0995-\u09b9\u09dc\u09dd\u09df])"
)
# Well-formed syllables and plain ASCII are canonical already; most words of most texts are.
_CANONICAL_ALREADY: Final = re.compile(
    r"(?:[!-9;-@\[-~‘’“”–—।]"
    r"|[\u0995-\u09b9\u09dc\u09dd\u09df](?:\u09cd[\u0995-\u09b9\u09dc\u09dd\u09df])*+"
    r"[\u09be-\u09c4\u09c7\u09c8\u09cb\u09cc]?+\u0981?+[\u0982\u0983]?+(?![\u09bc-\u09cd\u0981-\u0983\u09d7\u09f5])"
    r"|[\u0985-\u098c\u098f\u0990\u0993\u0994\u09ce]\u0981?+[\u0982\u0983]?+(?![\u09bc-\u09cd\u0981-\u0983\u09d7\u09f5])"
    r")++"
)


class Piece(NamedTuple):
    """A part of the canonical text and the characters of the original that it stands for."""

    text: str
    start: int
    end: int


def is_canonical(word: str) -> bool:
    """A quick look: True is certain, False means that `canonical_pieces` has to decide."""
    return _CANONICAL_ALREADY.fullmatch(word) is not None


def canonical_pieces(word: str) -> list[Piece]:
    """Take a text without white space into canonical pieces, in order; together they cover the original.

    Only a text of invisible characters has no pieces.
    """
    pieces = _covering(list(_compose(_atoms(word))), len(word))
    return _with_visarga(pieces)


def _atoms(word: str) -> list[Piece]:
    atoms: list[Piece] = []
    for index, character in enumerate(word):
        if character == ZERO_WIDTH_JOINER and _ends_with_ta_hasanta(atoms):
            # How U+09CE was written before it had a code point.
            start = atoms[-2].start
            atoms[-2:] = [Piece(KHANDA_TA, start, index + 1)]
            continue
        atoms.extend(Piece(atom, index, index + 1) for atom in atoms_of(character))
    return atoms


def _ends_with_ta_hasanta(atoms: list[Piece]) -> bool:
    return len(atoms) > 1 and atoms[-1].text == HASANTA and atoms[-2].text == "ত"


def _compose(atoms: list[Piece]) -> Iterator[Piece]:
    foreign: list[Piece] = []
    index = 0
    while index < len(atoms):
        base = atoms[index]
        if not is_bengali(base.text):
            foreign.append(base)
            index += 1
            continue
        letter = "" if base.text in _SIGNS else base.text
        first = index
        index += bool(letter)
        while index < len(atoms) and _is_sign(atoms[index].text, letter):
            index += 1
        signs = {atom.text for atom in atoms[first + bool(letter) : index]}
        follower = atoms[index].text if index < len(atoms) else ""
        text = _syllable(letter, [atom.text for atom in atoms[first + bool(letter) : index]], signs, follower)
        if text:
            yield from _compose_foreign(foreign)
            foreign = []
            yield Piece(text, base.start, atoms[index - 1].end)
    yield from _compose_foreign(foreign)


def _is_sign(atom: str, letter: str) -> bool:
    return atom in _SIGNS or (atom == CURRENCY_NUMERATOR_TWO and letter in _LETTERS and letter != "")


def _syllable(letter: str, signs_in_order: list[str], signs: set[str], follower: str) -> str:
    """A letter and its signs in canonical order: nukta, ya-phala, hasanta or vowel signs, syllable signs."""
    if NUKTA in signs:
        letter = _NUKTA_FORMS.get(letter, letter)
    vowels = [sign for sign in dict.fromkeys(signs_in_order) if sign in _VOWEL_SIGN_SET]
    closing = "".join(sign for sign in SYLLABLE_SIGNS if sign in signs)
    if CURRENCY_NUMERATOR_TWO in signs:
        return letter + HASANTA + "য" + _joined_vowels(vowels) + closing
    if letter == "অ" and _AA_SIGN in vowels and _E_SIGN not in vowels:
        letter = "আ"
        vowels.remove(_AA_SIGN)
    if vowels:
        return letter + _joined_vowels(vowels) + closing
    if HASANTA in signs:
        if letter == "ত" and (closing or follower not in _CONSONANTS):
            return KHANDA_TA + closing
        return letter + HASANTA + closing
    return letter + closing


def _joined_vowels(signs: list[str]) -> str:
    """Put the halves of two-part vowel signs together, in whichever order they were typed."""
    for half, whole in ((_AA_SIGN, "\u09cb"), (_AU_LENGTH_MARK, "\u09cc")):
        if _E_SIGN in signs and half in signs:
            place = min(signs.index(_E_SIGN), signs.index(half))
            signs = [sign for sign in signs if sign not in {_E_SIGN, half}]
            signs.insert(place, whole)
    return "".join(signs)


def _compose_foreign(atoms: list[Piece]) -> Iterator[Piece]:
    """NFC, one starter with its marks at a time, so that the origin of each piece is known."""
    group: list[Piece] = []
    marks = 0
    for atom in atoms:
        if unicodedata.combining(atom.text):
            marks += 1
            if marks <= _MOST_COMBINING_MARKS:
                group.append(atom)
            continue
        marks = 0
        if group and not _may_join_previous(atom.text):
            yield _composed(group)
            group = []
        group.append(atom)
    if group:
        yield _composed(group)


def _may_join_previous(atom: str) -> bool:
    # Vowel signs of other Indic scripts and conjoining Hangul vowels and finals.
    return "\u1160" <= atom <= "\u11ff" or (not atom.isascii() and unicodedata.category(atom)[0] == "M")


def _composed(group: list[Piece]) -> Piece:
    if len(group) == 1:
        return group[0]
    text = unicodedata.normalize("NFC", "".join(atom.text for atom in group))
    return Piece(text, group[0].start, group[-1].end)


def _covering(pieces: list[Piece], length: int) -> list[Piece]:
    """Give dropped characters to the piece before them, or at the beginning to the first one."""
    covered: list[Piece] = []
    for index, piece in enumerate(pieces):
        start = 0 if index == 0 else piece.start
        end = length if index == len(pieces) - 1 else max(piece.end, pieces[index + 1].start)
        covered.append(Piece(piece.text, start, end))
    return covered


def _with_visarga(pieces: list[Piece]) -> list[Piece]:
    colons = [index for index, piece in enumerate(pieces) if piece.text == ":"]
    if not colons:
        return pieces
    text = "".join(piece.text for piece in pieces)
    repaired = _COLON_FOR_VISARGA.sub(rf"\1{VISARGA}", text)
    offset = 0
    result: list[Piece] = []
    for piece in pieces:
        result.append(piece._replace(text=repaired[offset : offset + len(piece.text)]))
        offset += len(piece.text)
    return result
