"""Words typed in Latin letters find Bengali words: nirbachon, nirbacon and nirbachan all mean নির্বাচন.

Rules that turn Latin into Bengali letters fail, because everybody spells in their own way. Instead the words that the
index really holds are filed under their consonants, and among those with the consonants of the query the nearest in
sound wins; the more frequent one when they are alike.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest, nsmallest
from operator import itemgetter
from typing import Final, NamedTuple

from shared.bengali.letters import is_bengali
from shared.bengali.phonemes import Sound, consonant_class, sounds_of_bengali, sounds_of_latin
from shared.bengali.sound_distance import sound_distance

_VOWEL_AT_START: Final = "A"
# A word ten times as frequent may be this much further away.
_FREQUENCY_WEIGHT: Final = 0.12
# Nobody means a word that is further away than this, per sound.
_FURTHEST_PER_SOUND: Final = 0.45
# Endings that a reader adds to a name in Latin letters; the index holds stems.
_ENDINGS: Final = ("ader", "eder", "gulo", "der", "ter", "tir", "tar", "er", "ke", "te", "ra", "ti", "ta", "r")
_ENDING_PENALTY: Final = 0.5
_SHORTEST_STEM: Final = 3
# Loan words keep their English spelling: train, team, goal, league.
_ENGLISH_SOUNDS: Final = {"ai": "e", "ay": "e", "ea": "i", "oa": "o", "ow": "au", "gue": "g"}
_ENGLISH_VOWELS: Final = re.compile("ai|ay|ea|oa|ow|gue$")
_ENGLISH_PENALTY: Final = 0.1
# What one writes for another: c for চ or ক, s for ছ, f for প, j for জ or a soft g.
_CONFUSED: Final = {
    "s": "c",
    "c": "sk",
    "k": "c",
    "p": "f",
    "g": "j",
    "j": "g",
    "b": "",
    "m": "",
    "n": "",
    "h": "",
    "r": "",
}
# Of the words with one skeleton; short skeletons have thousands, of which the rarest are slips.
_MOST_COMPARED: Final = 150
# Longer words are no words.
_LONGEST_WORD: Final = 40


class Candidate(NamedTuple):
    """A Bengali word that may be meant. The smaller the distance, the likelier; frequency is allowed for."""

    term: str
    frequency: int
    distance: float


def skeleton(word: str) -> str:
    """The consonants of a word as one hears them, in Bengali or Latin spelling; `A` in front stands for a vowel.

    নির্বাচন and nirbachon are both `nrbcn`. Weak sounds (ya-phala, silent ba-phala, chandrabindu) are left out.
    """
    return _skeleton_of(_sounds_of(word))


class Reading(NamedTuple):
    """What some words of a query, one or two next to each other, may mean; likeliest first."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


class RomanizedVocabulary:
    """The Bengali words of an index, to be found by their sound.

    Some 20 microseconds per word to add; a look-up compares a few hundred words at most.
    """

    def __init__(self, terms: Iterable[tuple[str, int]] = ()) -> None:
        self._by_skeleton: dict[str, dict[str, int]] = defaultdict(dict)
        self._others: set[str] = set()
        self.add(terms)

    def add(self, terms: Iterable[tuple[str, int]]) -> None:
        """Take (term, frequency) pairs, normalised; a term that is there already gets the new frequency.

        Words in other scripts only count as being there.
        """
        for term, frequency in terms:
            if not term or not is_bengali(term[0]):
                self._others.add(term)
            elif len(term) <= _LONGEST_WORD:
                self._by_skeleton[skeleton(term)][term] = frequency

    def __contains__(self, word: str) -> bool:
        """Whether the index holds this word as it is typed, in Latin letters (BNP, WHO)."""
        return word in self._others

    def candidates(self, latin_word: str, limit: int) -> list[Candidate]:
        """The Bengali words that a word in Latin letters may mean, likeliest first; none for other scripts.

        A word that the index holds in Latin letters has candidates too: it stays beside them, it is not replaced.
        """
        word = latin_word.lower()
        if not word.isascii() or not word.isalpha() or len(word) > _LONGEST_WORD:
            return []
        nearest: dict[str, Candidate] = {}
        for spelling, penalty in _spellings(word):
            sounds = sounds_of_latin(spelling)
            for key in _keys_of(sounds):
                for term, frequency in self._most_frequent(key):
                    candidate = _compare(sounds, term, frequency, penalty)
                    if candidate and (term not in nearest or candidate.distance < nearest[term].distance):
                        nearest[term] = candidate
        return nsmallest(limit, nearest.values(), key=lambda candidate: (candidate.distance, candidate.term))

    def _most_frequent(self, key: str) -> Iterable[tuple[str, int]]:
        terms = self._by_skeleton.get(key, {}).items()
        return terms if len(terms) <= _MOST_COMPARED else nlargest(_MOST_COMPARED, terms, key=itemgetter(1))

    def read_phrase(self, latin_words: Sequence[str], limit: int) -> list[Reading]:
        """Read the words of a query in order.

        Two words become one where the index has them as one at least as often as the rarer of the two (jukto rashtro:
        যুক্তরাষ্ট্র).
        """
        singly = [tuple(self.candidates(word, limit)) for word in latin_words]
        readings: list[Reading] = []
        index = 0
        while index < len(latin_words):
            joined = (
                tuple(self.candidates("".join(latin_words[index : index + 2]), limit))
                if index + 1 < len(latin_words)
                else ()
            )
            if joined and _is_one_word(joined[0], singly[index], singly[index + 1]):
                readings.append(Reading(index, index + 2, joined))
                index += 2
            else:
                readings.append(Reading(index, index + 1, singly[index]))
                index += 1
        return readings


def _spellings(word: str) -> Iterator[tuple[str, float]]:
    """What may be meant by the letters, with what speaks against it."""
    yield word, 0.0
    english = _ENGLISH_VOWELS.sub(lambda match: _ENGLISH_SOUNDS[match[0]], word)
    if english != word:
        yield english, _ENGLISH_PENALTY
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            yield word[: -len(ending)], _ENDING_PENALTY


def _compare(sounds: Sequence[Sound], term: str, frequency: int, penalty: float) -> Candidate | None:
    distance = sound_distance(sounds, sounds_of_bengali(term)) + penalty
    if distance > _FURTHEST_PER_SOUND * len(sounds) + penalty:
        return None
    return Candidate(term, frequency, distance - _FREQUENCY_WEIGHT * math.log10(1 + frequency))


def _is_one_word(joined: Candidate, first: Sequence[Candidate], second: Sequence[Candidate]) -> bool:
    if not first or not second:
        return True
    nearer = joined.distance <= max(first[0].distance, 0) + max(second[0].distance, 0)
    return nearer and joined.frequency >= min(first[0].frequency, second[0].frequency)


def _sounds_of(word: str) -> list[Sound]:
    return sounds_of_latin(word.lower()) if word.isascii() else sounds_of_bengali(word)


def _skeleton_of(sounds: Sequence[Sound]) -> str:
    key = _VOWEL_AT_START if sounds and sounds[0].is_vowel else ""
    for sound in sounds:
        if sound.is_vowel or sound.weak:
            continue
        consonant = consonant_class(sound.text)
        if not key.endswith(consonant):
            key += consonant
    return key


def _keys_of(sounds: Sequence[Sound]) -> set[str]:
    """The skeleton of a Latin spelling and those that a usual confusion makes of it."""
    key = _skeleton_of(sounds)
    keys = {key}
    for index, consonant in enumerate(key):
        for other in _CONFUSED.get(consonant, ()) or ("",):
            if consonant in _CONFUSED:
                keys.add(_without_doubles(key[:index] + other + key[index + 1 :]))
    if key.startswith(_VOWEL_AT_START) and sounds[0].text == "i":
        keys.add("j" + key[1:])
    keys.discard("")
    return keys


def _without_doubles(key: str) -> str:
    return "".join(consonant for index, consonant in enumerate(key) if index == 0 or key[index - 1] != consonant)
