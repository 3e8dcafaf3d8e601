"""The canonical form of a word: Bengali syllables in one order and composed, other scripts in NFC.

Works syllable by syllable on atoms. Each syllable's signs are reduced to a set in canonical order, so the result is
its own canonical form and takes time linear in the word, whatever it is made of.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

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

# A part of the canonical text and the span of the original that it stands for: text, start, end. Plain tuples, because
# a word may have a million.
Piece = tuple[str, int, int]

# Python reorders combining marks by insertion, which is quadratic in their number (and nobody writes so many).
_MOST_COMBINING_MARKS: Final = 16
_E_SIGN: Final = "\u09c7"
_AA_SIGN: Final = "\u09be"
_AU_LENGTH_MARK: Final = "\u09d7"
_NUKTA_FORMS: Final = {"ড": "\u09dc", "ঢ": "\u09dd", "য": "\u09df", "ব": "র"}
_VOWEL_SIGN_SET: Final = frozenset(VOWEL_SIGNS)
_SYLLABLE_SIGN_SET: Final = frozenset(SYLLABLE_SIGNS)
_SIGNS: Final = _VOWEL_SIGN_SET | _SYLLABLE_SIGN_SET | {HASANTA, NUKTA}
# The numerator is a sign only after a letter; elsewhere it is itself.
_SIGNS_AFTER_LETTER: Final = _SIGNS | {CURRENCY_NUMERATOR_TWO}
_LETTERS: Final = frozenset(LETTERS)
_CONSONANTS: Final = frozenset(CONSONANTS)

# Words whose visarga is often typed as a colon, from their beginning to the colon; a consonant follows.
_COLON_FOR_VISARGA: Final = re.compile(
    r"(?<![\u0980-\u09ff])"
    r"(অত|অধ|অন্ত|আন্ত|ইত|চতু|জ্যোতি|দু|দূ|নি|পুন|পৌন|প্রাত|বয়|বহি|মন|যশ|রজ|শির|স্বত)"
    r":(?=[\u0995-\u09b9\u09dc\u09dd\u09df])"
)
# Well-formed syllables and plain ASCII are canonical already; most words of most texts are.
_CANONICAL_ALREADY: Final = re.compile(
    r"(?:[!-/;-@\[-~‘’“”–—।]"
    r"|[0-9]"
    r"|[\u0995-\u09b9\u09dc\u09dd\u09df](?:\u09cd[\u0995-\u09b9\u09dc\u09dd\u09df])*+"
    r"[\u09be-\u09c4\u09c7\u09c8\u09cb\u09cc]?+\u0981?+[\u0982\u0983]?+(?![\u09bc-\u09cd\u0981-\u0983\u09d7\u09f5])"
    r"|[\u0985-\u098c\u098f\u0990\u0993\u0994\u09ce]\u0981?+[\u0982\u0983]?+(?![\u09bc-\u09cd\u0981-\u0983\u09d7\u09f5])"
    r")++"
)


def is_canonical(word: str) -> bool:
    """A quick look: True is certain, False means that `canonical_pieces` has to decide."""
    return _CANONICAL_ALREADY.fullmatch(word) is not None


def canonical_pieces(word: str) -> list[Piece]:
    """Take a text without white space into canonical pieces, in order; together they cover the original.

    Only a text of invisible characters has no pieces.
    """
    return _with_visarga(_cover(_compose(_atoms(word)), len(word)))


def _atoms(word: str) -> list[Piece]:
    atoms: list[Piece] = []
    for index, character in enumerate(word):
        if character == ZERO_WIDTH_JOINER and len(atoms) > 1 and atoms[-1][0] == HASANTA and atoms[-2][0] == "ত":
            # How U+09CE was written before it had a code point.
            atoms[-2:] = [(KHANDA_TA, atoms[-2][1], index + 1)]
            continue
        atoms.extend([(atom, index, index + 1) for atom in atoms_of(character)])
    return atoms


def _compose(atoms: Sequence[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    foreign: list[Piece] = []
    index, length = 0, len(atoms)
    while index < length:
        atom = atoms[index]
        base = atom[0]
        if not is_bengali(base):
            foreign.append(atom)
            index += 1
            continue
        letter = "" if base in _SIGNS else base
        possible_signs = _SIGNS_AFTER_LETTER if letter in _LETTERS else _SIGNS
        if letter:
            index += 1
        signs: list[str] = []
        while index < length and (sign := atoms[index][0]) in possible_signs:
            signs.append(sign)
            index += 1
        text = letter
        if signs:
            text = _syllable(letter, signs, atoms[index][0] if index < length else "")
        if text:
            if foreign:
                _compose_foreign(foreign, pieces)
                foreign = []
            pieces.append((text, atom[1], atoms[index - 1][2]))
    _compose_foreign(foreign, pieces)
    return pieces


def _syllable(letter: str, signs: Sequence[str], follower: str) -> str:
    """A letter and its signs in canonical order: nukta, ya-phala, hasanta or vowel signs, syllable signs."""
    if NUKTA in signs:
        letter = _NUKTA_FORMS.get(letter, letter)
    vowels = [sign for sign in dict.fromkeys(signs) if sign in _VOWEL_SIGN_SET]
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
    if len(signs) == 1:
        return signs[0]
    for half, whole in ((_AA_SIGN, "\u09cb"), (_AU_LENGTH_MARK, "\u09cc")):
        if _E_SIGN in signs and half in signs:
            place = min(signs.index(_E_SIGN), signs.index(half))
            signs = [sign for sign in signs if sign not in {_E_SIGN, half}]
            signs.insert(place, whole)
    return "".join(signs)


def _compose_foreign(atoms: Sequence[Piece], pieces: list[Piece]) -> None:
    """NFC, one starter with its marks at a time, so that the origin of each piece is known."""
    group: list[Piece] = []
    marks = 0
    for atom in atoms:
        character = atom[0]
        if not character.isascii():
            if unicodedata.combining(character):
                marks += 1
                if marks <= _MOST_COMBINING_MARKS:
                    group.append(atom)
                continue
            if group and _may_join_previous(character):
                marks = 0
                group.append(atom)
                continue
        marks = 0
        if group:
            pieces.append(_composed(group))
        group = [atom]
    if group:
        pieces.append(_composed(group))


def _may_join_previous(character: str) -> bool:
    # Conjoining Hangul vowels and finals, and vowel signs of other Indic scripts.
    return "\u1160" <= character <= "\u11ff" or unicodedata.category(character)[0] == "M"


def _composed(group: Sequence[Piece]) -> Piece:
    if len(group) == 1:
        return group[0]
    text = unicodedata.normalize("NFC", "".join([atom[0] for atom in group]))
    return (text, group[0][1], group[-1][2])


def _cover(pieces: list[Piece], length: int) -> list[Piece]:
    """Give dropped characters to the piece before them, or at the beginning to the first one."""
    if not pieces:
        return pieces
    covered: list[Piece] = []
    text, _, end = pieces[0]
    start = 0
    for next_text, next_start, next_end in pieces[1:]:
        covered.append((text, start, max(end, next_start)))
        text, start, end = next_text, next_start, next_end
    covered.append((text, start, length))
    return covered


def _with_visarga(pieces: list[Piece]) -> list[Piece]:
    text = "".join([piece[0] for piece in pieces])
    if ":" not in text:
        return pieces
    repaired = _COLON_FOR_VISARGA.sub(rf"\1{VISARGA}", text)
    if repaired == text:
        return pieces
    offset = 0
    result: list[Piece] = []
    for part, start, end in pieces:
        result.append((repaired[offset : offset + len(part)], start, end))
        offset += len(part)
    return result
