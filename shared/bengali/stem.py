"""A light stemmer: takes inflection off nouns, brings verbs to their verbal noun, and leaves the rest alone.

One ending at a time until none fits, so that a word and its inflected forms end alike even when the last step cuts too
much (a name such as দিলদার). Where an ending could be part of the word, a list of known words decides (সরকার, সড়কে).
"""

from functools import lru_cache
from typing import Final

from shared.bengali.letters import HASANTA, KHANDA_TA, LETTERS
from shared.bengali.lexicon import known_words
from shared.bengali.noun_endings import EndingTable, endings_by_last_character
from shared.bengali.verb_forms import verb_forms

_LETTERS: Final = frozenset(LETTERS)
# Of a known base that is shorter than two letters (মা, পা) only these endings are taken off: চার is four, not of tea.
_AFTER_SHORT_BASE: Final = frozenset({"য়ের", "য়ে", "কে", "দের", "টি", "টা"})
_SHORTEST_BASE: Final = 2
# Longer "words" are data, and taking endings off them one by one would be quadratic.
_LONGEST_WORD: Final = 64


@lru_cache(maxsize=1 << 16)
def stem(surface: str) -> str:
    """The base of a normalised word; the word itself when it is short, very long or not Bengali.

    The base of a base is itself.
    """
    return stem_with(endings_by_last_character(), surface)


def stem_with(endings: EndingTable, surface: str) -> str:
    """`stem` with another table of endings: what a rule is good for shows when it is left out."""
    if not surface or surface[0] not in _LETTERS or len(surface) > _LONGEST_WORD:
        return surface
    word = surface
    while True:
        base = _whole_word_base(word)
        if base is not None:
            return base
        shorter = _without_ending(word, endings)
        if shorter is None:
            return _with_soft_ta(word)
        word = shorter


def _whole_word_base(word: str) -> str | None:
    if word in known_words():
        return _with_soft_ta(word)
    return verb_forms().get(word)


def _without_ending(word: str, endings: EndingTable) -> str | None:
    """The word without its longest ending, or without the one that leaves a known word."""
    longest: str | None = None
    for ending in endings.get(word[-1], ()):
        if not word.endswith(ending.text):
            continue
        base = word[: -len(ending.text)]
        if not base or base[-1] == HASANTA:
            continue
        letters = _count_letters(base)
        if base in known_words() and (letters >= _SHORTEST_BASE or ending.text in _AFTER_SHORT_BASE):
            return base
        if longest is None and letters >= ending.fewest_letters and base[-1] in ending.attaches.value:
            longest = base
    return longest


def _count_letters(word: str) -> int:
    return sum(character in _LETTERS for character in word)


def _with_soft_ta(base: str) -> str:
    """A final ৎ is ত before every ending (বিদ্যুৎ, বিদ্যুতের)."""
    return base[:-1] + "ত" if base.endswith(KHANDA_TA) and _count_letters(base) > _SHORTEST_BASE else base
