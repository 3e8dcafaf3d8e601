"""How far apart two spellings of a word sound: an edit distance over sounds with costs for what users mix up."""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

from shared.bengali.phonemes import Sound, consonant_class

_WEAK: Final = 0.08
_VOWEL_LEFT_OUT: Final = 0.55
_CONSONANT_LEFT_OUT: Final = 1.0
_DOUBLED: Final = 0.05
_SAME_CLASS: Final = 0.12
_OTHER_CONSONANT: Final = 1.1
_OTHER_VOWEL: Final = 0.7
_VOWEL_FOR_CONSONANT: Final = 1.6
_NEAR_VOWELS: Final = {
    frozenset("oa"): 0.3,
    frozenset("ou"): 0.3,
    frozenset("ae"): 0.35,
    frozenset("ei"): 0.35,
    frozenset("oe"): 0.5,
}
# The inherent vowel is written o or a, or not at all; at the end of a word it is rarely heard.
_INHERENT_AS_A: Final = 0.1
_INHERENT_AT_END: Final = 0.12
# Police, vote: the final e of English words is silent.
_SILENT_E: Final = 0.2
_GLIDE_TYPED: Final = 0.2
_NEAR_CONSONANTS: Final = {
    frozenset(("s", "chh")): 0.3,
    frozenset(("sh", "chh")): 0.3,
    frozenset(("s", "ch")): 0.5,
    frozenset(("c", "k")): 0.15,
    frozenset(("c", "ch")): 0.15,
    frozenset(("c", "chh")): 0.2,
    frozenset(("g", "j")): 0.5,
    frozenset(("p", "f")): 0.2,
    frozenset(("y", "j")): 0.3,
    frozenset(("n", "ng")): 0.05,
}


def sound_distance(typed: Sequence[Sound], heard: Sequence[Sound]) -> float:
    """Edit distance with costs, 0 for the same; `heard` is the Bengali word. Quadratic in the number of sounds."""
    missing = [_left_out(sound, heard[index - 1] if index else None) for index, sound in enumerate(heard)]
    row = [0.0, *accumulate(missing)]
    for index, sound in enumerate(typed):
        extra = _too_much(typed, index)
        next_row = [row[0] + extra]
        for column, other in enumerate(heard):
            cost = _replaced(sound, other)
            if column == len(heard) - 1 and other.weak and other.is_vowel:
                cost += _INHERENT_AT_END
            next_row.append(min(row[column] + cost, row[column + 1] + extra, next_row[column] + missing[column]))
        row = next_row
    return row[-1]


def _too_much(typed: Sequence[Sound], index: int) -> float:
    sound = typed[index]
    if index == len(typed) - 1 and index > 1 and sound.text == "e":
        return _SILENT_E
    if sound.text == "y":
        return _GLIDE_TYPED
    return _left_out(sound, typed[index - 1] if index else None)


@cache
def _left_out(sound: Sound, before: Sound | None) -> float:
    if sound.weak:
        return _WEAK
    if sound.is_vowel:
        return _DOUBLED if before == sound else _VOWEL_LEFT_OUT
    if before is not None and not before.is_vowel and consonant_class(before.text) == consonant_class(sound.text):
        return _DOUBLED
    return _CONSONANT_LEFT_OUT


@cache
def _replaced(typed: Sound, heard: Sound) -> float:
    if typed.text == heard.text:
        return 0.0
    if typed.is_vowel != heard.is_vowel:
        # য় and ya-phala are heard as vowels.
        return (
            0.2
            if "y" in {typed.text, heard.text} and {"i", "e", "a"} & {typed.text, heard.text}
            else _VOWEL_FOR_CONSONANT
        )
    pair = frozenset((typed.text, heard.text))
    if typed.is_vowel:
        if heard.weak:
            return _INHERENT_AS_A if typed.text == "a" else _NEAR_VOWELS.get(pair, _OTHER_VOWEL)
        return _NEAR_VOWELS.get(pair, _OTHER_VOWEL)
    if pair in _NEAR_CONSONANTS:
        return _NEAR_CONSONANTS[pair]
    return _SAME_CLASS if consonant_class(typed.text) == consonant_class(heard.text) else _OTHER_CONSONANT
