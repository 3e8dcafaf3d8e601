"""The first step of normalisation: every character on its own becomes atoms, fully decomposed and case-folded."""

import unicodedata
from functools import lru_cache
from typing import Final

from shared.bengali.letters import DANDA

# Format characters (category Cf) that are not visible are dropped; these few are visible signs of Arabic and Syriac.
_VISIBLE_FORMAT_CHARACTERS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
# Default ignorable code points of other categories: joiners, fillers and variation selectors. U+09FE, the Bengali
# sandhi mark, is an editor's mark above a letter.
_IGNORABLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u09fe"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_REPLACED: Final = {
    "\u0965": DANDA,  # double danda
    "\u09f7": DANDA,  # Bengali currency numerator four, typed for a danda
    "\u09f0": "র",  # Assamese letters
    "\u09f1": "ব",
}


@lru_cache(maxsize=8192)
def atoms_of(character: str) -> str:
    """What one character stands for in canonical text before composition; empty when it is invisible.

    Compatibility forms are resolved (NFKD), case is folded, digits of every script become ASCII. A fixed point:
    each atom stands for itself.
    """
    if _is_ignorable(character):
        return ""
    folded = character
    while (again := _fold(folded)) != folded:
        folded = again
    return folded


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(_replacement(character) for character in decomposed if not _is_ignorable(character))


def _replacement(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return _REPLACED.get(character, character) if digit is None else str(digit)


def _is_ignorable(character: str) -> bool:
    if character in _IGNORABLE:
        return True
    return unicodedata.category(character) == "Cf" and character not in _VISIBLE_FORMAT_CHARACTERS
