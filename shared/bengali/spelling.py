"""Did you mean: whole corrected queries, from the words that the index holds."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from shared.bengali.letters import is_bengali
from shared.bengali.spelling_distance import spelling_distance, spelling_key
from shared.bengali.stem import stem
from shared.bengali.token import Token
from shared.bengali.tokenize import tokenize

# Shorter words are too near to too many others.
_SHORTEST_WORD: Final = 4
_LONGEST_WORD: Final = 40
# What a correction may cost: one slip in a short word, two in a longer one.
_SHORT_WORD: Final = 6
_FURTHEST_SHORT: Final = 1.0
_FURTHEST_LONG: Final = 1.8
# A rarer word is itself a slip as likely as not.
_FEWEST_OCCURRENCES: Final = 3
# A word that occurs is only doubted when the other is nearly the same and so many times as frequent.
_TIMES_AS_FREQUENT: Final = 50
_NEARLY_THE_SAME: Final = 0.5
_FREQUENCY_WEIGHT: Final = 0.25
# Both halves of a word that lacks its space must be common.
_SHORTEST_HALF: Final = 3
_FEWEST_OF_A_HALF: Final = 20


class Suggestion(NamedTuple):
    """A word of the index that may be meant, and how many slips away it is."""

    term: str
    frequency: int
    distance: float


class SpellingVocabulary:
    """The words of an index with their frequencies, as surfaces.

    A look-up compares the word with the keys of all words (some 10 ms for 100,000): for queries that find little.
    """

    def __init__(self, terms: Iterable[tuple[str, int]] = ()) -> None:
        self._frequencies: dict[str, int] = {}
        self._stems: set[str] = set()
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._keys: list[str] = []
        self.add(terms)

    def add(self, terms: Iterable[tuple[str, int]]) -> None:
        """Take (term, frequency) pairs, normalised; a term that is there already gets the new frequency."""
        for term, frequency in terms:
            known_before = self._frequencies.get(term, 0) >= _FEWEST_OCCURRENCES
            self._frequencies[term] = frequency
            if frequency < _FEWEST_OCCURRENCES or len(term) > _LONGEST_WORD or known_before:
                continue
            self._stems.add(stem(term))
            key = spelling_key(term)
            if key not in self._by_key:
                self._keys.append(key)
            self._by_key[key].append(term)

    def correct(self, query: str) -> str | None:
        """The query with its misspelt words replaced and all else kept; None when there is nothing to correct.

        Words of a query language (title:, OR) are left alone as long as the index holds them or they are short.
        """
        corrected = query
        changed = False
        for token in reversed(_single_words(query)):
            replacement = self._replacement(token.surface)
            if replacement is not None:
                corrected = corrected[: token.start] + replacement + corrected[token.end :]
                changed = True
        return corrected if changed else None

    def suggestions(self, word: str, limit: int) -> list[Suggestion]:
        """Words that may be meant by a normalised word, likeliest first; the word itself is not among them."""
        if not _SHORTEST_WORD <= len(word) <= _LONGEST_WORD or not (word.isascii() or is_bengali(word[0])):
            return []
        furthest = _FURTHEST_SHORT if len(word) <= _SHORT_WORD else _FURTHEST_LONG
        found = [
            Suggestion(term, self._frequencies[term], distance)
            for term in self._near(word)
            if term != word and (distance := spelling_distance(word, term)) <= furthest
        ]
        return sorted(found, key=_cost)[:limit]

    def _near(self, word: str) -> Iterator[str]:
        key = spelling_key(word)
        slips = 1 if len(key) <= _SHORT_WORD else 2
        for near_key, _, _ in process.extract(
            key, self._keys, scorer=OSA.distance, score_cutoff=slips, limit=None, processor=None
        ):
            yield from self._by_key[near_key]

    def _replacement(self, word: str) -> str | None:
        frequency = self._frequencies.get(word, 0)
        occurs = frequency >= _FEWEST_OCCURRENCES or stem(word) in self._stems
        for suggestion in self.suggestions(word, 3):
            if occurs and (
                suggestion.distance > _NEARLY_THE_SAME
                or suggestion.frequency < _TIMES_AS_FREQUENT * max(frequency, _FEWEST_OCCURRENCES)
            ):
                continue
            return suggestion.term
        return None if occurs else self._two_words(word)

    def _two_words(self, word: str) -> str | None:
        """The best way to put a missing space into a word."""
        splits = (
            (min(self._frequencies.get(word[:place], 0), self._frequencies.get(word[place:], 0)), place)
            for place in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1)
        )
        frequency, place = max(splits, default=(0, 0))
        return f"{word[:place]} {word[place:]}" if frequency >= _FEWEST_OF_A_HALF else None


def _cost(suggestion: Suggestion) -> tuple[float, str]:
    return suggestion.distance - _FREQUENCY_WEIGHT * math.log10(suggestion.frequency), suggestion.term


def _single_words(query: str) -> list[Token]:
    """The words of a query, parts of compounds too, but no joined forms and no numbers."""
    tokens = tokenize(query)
    return [
        token
        for index, token in enumerate(tokens)
        if not token.surface.replace(".", "").isdigit() and (index == 0 or token.position != tokens[index - 1].position)
    ]
