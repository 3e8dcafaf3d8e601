"""Where in a text a word with one of some stems may begin: a quick look that spares analysing all other words.

Endings are cut, beginnings stay, so a word begins with the first two letters of its stem unless it is a verb's form
(উঠেছে, ওঠা) or its letters are written another way.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from shared.bengali.fold import shorten_vowels
from shared.bengali.letters import (
    CURRENCY_NUMERATOR_TWO,
    HASANTA,
    LETTERS,
    NUKTA,
    SYLLABLE_SIGNS,
    VOWEL_SIGNS,
)
from shared.bengali.verb_forms import verb_forms

# What a letter of a stem may look like in a text as its first character; signs that follow make the rest of it.
_OTHER_SPELLINGS: Final = {
    "আ": "অ",
    "ই": "ঈ",
    "উ": "ঊ",
    "ৎ": "ত",
    "ব": "\u09f1",
    "র": "ব\u09f0",
    "য": CURRENCY_NUMERATOR_TWO,
    "\u09dc": "ড",
    "\u09dd": "ঢ",
    "\u09df": "য" + CURRENCY_NUMERATOR_TWO,
}
_ANY_LETTER: Final = LETTERS + "\u09f0\u09f1" + CURRENCY_NUMERATOR_TWO
_SIGNS: Final = VOWEL_SIGNS + SYLLABLE_SIGNS + HASANTA + NUKTA
_WITHIN_WORD: Final = LETTERS + _SIGNS
_BENGALI: Final = frozenset(LETTERS)
# Marks that are no part of words; whatever else is no Bengali letter may begin a number or a word of another script.
_MARKS: Final = r"\s!-/:-@\[-`{-~।॥‘’“”–—…"
_OTHER_SCRIPT: Final = re.compile(rf"[\s\S](?=[^{_WITHIN_WORD}{_MARKS}])")


def places_of_heads(text: str, stems: frozenset[str]) -> Iterator[int]:
    """In each word with one of the stems, or in what is written together with it, at least one place; and some others.

    Linear in the text, some nanoseconds a character.
    """
    for pattern in _patterns(stems):
        # Patterns begin with the character before a word.
        yield from (match.start() for match in pattern.finditer(f"\n{text}"))


@lru_cache(maxsize=1_024)
def _patterns(stems: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    heads: dict[str, set[str]] = defaultdict(set)
    for stem in stems:
        if stem[:1] in _BENGALI:
            for first, second in (_first_letters(stem), *_heads_of_forms().get(stem, ())):
                heads[first].add(second)
    patterns = []
    if heads:
        words = "|".join(_begin(first, seconds) for first, seconds in sorted(heads.items()))
        # A sign without a letter before it is dropped, and the word begins after it.
        patterns.append(re.compile(rf"[^{_WITHIN_WORD}](?:{words}|[{_SIGNS}])"))
    if any(stem[:1] not in _BENGALI for stem in stems):
        patterns.append(_OTHER_SCRIPT)
    return tuple(patterns)


def _begin(first: str, seconds: Collection[str]) -> str:
    """The pattern of words that begin with these letters; a second letter may be none."""
    head = f"[{_spellings(first)}]"
    if "" in seconds:
        return head
    # Signs belong to the letter before them; quotes and hyphens are passed over as the tokenizer does.
    return rf"{head}[^{_ANY_LETTER}\s]*+[{''.join(map(_spellings, sorted(seconds)))}]"


def _spellings(letter: str) -> str:
    return letter + _OTHER_SPELLINGS.get(letter, "")


def _first_letters(word: str) -> tuple[str, str]:
    """The second one is empty when there is none."""
    letters = [character for character in word if character in _BENGALI][:2]
    return letters[0], letters[1] if len(letters) > 1 else ""


@cache
def _heads_of_forms() -> Mapping[str, Collection[tuple[str, str]]]:
    """By the stem of each verb, how its forms begin."""
    heads: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for form, noun in verb_forms().items():
        heads[shorten_vowels(noun)].add(_first_letters(shorten_vowels(form)))
    return heads
