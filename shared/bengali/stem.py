"""A light stemmer: takes inflection off nouns, and leaves what may be part of the word."""

from functools import lru_cache
from typing import Final

from shared.bengali.letters import HASANTA, LETTERS

_PARTICLES: Final = ("ই", "ও")
_LETTERS: Final = frozenset(LETTERS)
_ENDINGS: Final = tuple(
    sorted(
        [
            "গুলোকে",
            "গুলোতে",
            "গুলোর",
            "গুলো",
            "গুলিকে",
            "গুলিতে",
            "গুলির",
            "গুলি",
            "গুলা",
            "গুলায়",
            "সমূহের",
            "সমূহ",
            "দেরকে",
            "েদেরকে",
            "েদের",
            "দের",
            "েরা",
            "রা",
            "টিকে",
            "টির",
            "টিতে",
            "টি",
            "টাকে",
            "টার",
            "টাতে",
            "টায়",
            "টা",
            "খানা",
            "খানি",
            "খানের",
            "জনকে",
            "জনের",
            "য়ের",
            "ের",
            "কে",
            "তে",
            "য়",
            "েই",
            "েও",
            "র",
            "ে",
            "েরই",
            "েরও",
        ],
        key=len,
        reverse=True,
    )
)
_AFTER_VOWEL_SIGN: Final = frozenset("\u09be\u09bf\u09c0\u09c1\u09c2\u09c3\u09cb")


@lru_cache(maxsize=1 << 16)
def stem(surface: str) -> str:
    """The base of a normalised word; the word itself when it is short or not Bengali."""
    if not surface or surface[0] not in _LETTERS or _letters(surface) < 3:
        return surface
    if surface[-1] in _PARTICLES and _letters(surface) >= 4:
        surface = surface[:-1]
    for _ in range(2):
        base = _without_ending(surface)
        if base is None:
            break
        surface = base
    return surface


def _without_ending(word: str) -> str | None:
    for ending in _ENDINGS:
        if not word.endswith(ending):
            continue
        base = word[: -len(ending)]
        if not base or base[-1] == HASANTA or _letters(base) < 2:
            continue
        if ending in {"র", "য়"} and base[-1] not in _AFTER_VOWEL_SIGN:
            continue
        return base
    return None


def _letters(word: str) -> int:
    return sum(character in _LETTERS for character in word)
