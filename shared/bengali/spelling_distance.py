"""How far apart two Bengali spellings are: an edit distance in which the usual slips cost little."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Final

from shared.bengali.letters import CHANDRABINDU, HASANTA, VISARGA, VOWEL_SIGNS

_SAME_SOUND: Final = 0.2
_NEAR_SOUND: Final = 0.5
_OTHER_VOWEL_SIGN: Final = 0.7
_SILENT_SIGN: Final = 0.25
_SWAPPED: Final = 0.7
_DOUBLED: Final = 0.4
_ANY: Final = 1.0

# Letters that sound alike, and letters that are often heard or typed for one another.
_SAME: Final = (
    "\u09bf\u09c0",
    "\u09c1\u09c2",
    "ইঈ",
    "উঊ",
    "ণন",
    "শষস",
    "জয",
    "ঙ\u0982",
    "তৎ",
    "র\u09dc\u09dd",
    "অও",
    "রঋ",
)
_NEAR: Final = (
    "কখ",
    "গঘ",
    "চছ",
    "জঝ",
    "টঠ",
    "ডঢ",
    "তথ",
    "দধ",
    "পফ",
    "বভ",
    "তট",
    "থঠ",
    "দড",
    "ধঢ",
    "\u09c7\u09c8",
    "\u09cb\u09cc",
    "\u09c7\u09bf",
    "\u09cb\u09c1",
    "য\u09df",
    "নঞ",
)
_KEY: Final = str.maketrans(
    {
        **{letter: letters[0] for letters in _SAME for letter in letters},
        HASANTA: None,
        CHANDRABINDU: None,
        VISARGA: None,
    }
)


def spelling_key(word: str) -> str:
    """What is left of a word when spellings that sound alike are one."""
    return word.translate(_KEY)


def spelling_distance(typed: str, meant: str) -> float:
    """Weighted edit distance with swaps of neighbours, 0 for the same. Quadratic in the length."""
    before: list[float] = []
    row = [0.0]
    for index, letter in enumerate(meant):
        row.append(row[-1] + _left_out(letter, meant[index - 1] if index else ""))
    for index, letter in enumerate(typed):
        previous = typed[index - 1] if index else ""
        next_row = [row[0] + _left_out(letter, previous)]
        for column, other in enumerate(meant):
            other_previous = meant[column - 1] if column else ""
            cost = min(
                row[column] + _replaced(letter, other),
                row[column + 1] + _left_out(letter, previous),
                next_row[column] + _left_out(other, other_previous),
            )
            if previous and letter == other_previous and previous == other and letter != other:
                cost = min(cost, before[column - 1] + _SWAPPED)
            next_row.append(cost)
        before, row = row, next_row
    return row[-1]


def _pairs(groups: Iterable[str], cost: float) -> dict[tuple[str, str], float]:
    return {
        pair: cost
        for letters in groups
        for one, other in combinations(letters, 2)
        for pair in ((one, other), (other, one))
    }


_COSTS: Final[Mapping[tuple[str, str], float]] = _pairs(_NEAR, _NEAR_SOUND) | _pairs(_SAME, _SAME_SOUND)
_SILENT: Final = frozenset(HASANTA + CHANDRABINDU + VISARGA)
_VOWEL_SIGN_SET: Final = frozenset(VOWEL_SIGNS)


def _replaced(letter: str, other: str) -> float:
    if letter == other:
        return 0.0
    if letter in _VOWEL_SIGN_SET and other in _VOWEL_SIGN_SET:
        return _COSTS.get((letter, other), _OTHER_VOWEL_SIGN)
    return _COSTS.get((letter, other), _ANY)


def _left_out(letter: str, previous: str) -> float:
    if letter in _SILENT:
        return _SILENT_SIGN
    return _DOUBLED if letter == previous else _ANY
