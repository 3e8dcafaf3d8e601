"""Words filed by their sound and by their spelling, to be found by what people type for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shared.bengali.analyzer import analyze
from shared.bengali.romanize import Candidate, RomanizedVocabulary
from shared.bengali.spelling import SpellingVocabulary

# Of each word in Latin letters, this many Bengali words are tried; several forms of one word count once.
_MOST_READINGS: Final = 5
_MOST_CANDIDATES: Final = 15
# A word that sounds so much less like what was typed than the likeliest one is not meant: of 210 spellings, the right
# word was never further behind, and a quarter of the guesses is spared.
_FURTHEST_BEHIND: Final = 0.9


class FiledWords:
    """Words with how many articles have them, and the stems under which they are indexed.

    Of a name that is only ever written with an ending, it is the stem that sounds like what people type.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._romanized = RomanizedVocabulary()
        self._spelling = SpellingVocabulary()
        self._stems: dict[str, _Stem] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def articles_with(self, word: str) -> int:
        """0 for a word that is not filed."""
        return self._counts.get(word, 0)

    def file(self, counted: Sequence[tuple[str, int]]) -> None:
        """Take words with their articles; one that is there already gets the new count."""
        changed: set[str] = set()
        for word, count in counted:
            stem = _stem_of(word)
            filed = self._stems.setdefault(stem, _Stem(word))
            filed.count += count - self._counts.get(word, 0)
            filed.shown = min(filed.shown, word, key=lambda form: (len(form), form))
            self._counts[word] = count
            changed.add(stem)
        self._romanized.add(counted)
        self._romanized.add((stem, self._stems[stem].count) for stem in changed if stem not in self._counts)
        self._spelling.add(counted)

    def read(self, run: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What Latin words next to each other mean: each of them, or two that are one, and words, likeliest first."""
        for reading in self._romanized.read_phrase(run, _MOST_CANDIDATES):
            yield " ".join(run[reading.start : reading.end]), self._distinct(reading.candidates)

    def correct(self, text: str) -> str | None:
        """As SpellingVocabulary.correct."""
        return self._spelling.correct(text)

    def _distinct(self, candidates: Sequence[Candidate]) -> tuple[str, ...]:
        """The words, but of several forms of one (ঢাকা, ঢাকার) only the likeliest."""
        words: dict[str, str] = {}
        for candidate in candidates:
            if candidate.distance > candidates[0].distance + _FURTHEST_BEHIND:
                break
            is_word = candidate.term in self._counts
            stem = _stem_of(candidate.term) if is_word else candidate.term
            words.setdefault(stem, candidate.term if is_word else self._stems[stem].shown)
        return tuple(words.values())[:_MOST_READINGS]


@dataclass(slots=True)
class _Stem:
    """`shown` is the shortest word with this stem, for people; `count` its articles, a little too many."""

    shown: str
    count: int = 0


def _stem_of(word: str) -> str:
    stems = analyze(word).stems
    return stems[0] if stems else word
