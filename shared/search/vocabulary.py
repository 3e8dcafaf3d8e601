"""The words of a live index, to read words in Latin letters and to correct misspelt ones."""

import re
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from threading import Event, Lock, Thread
from typing import Final, Protocol

import structlog

from shared.bengali.analyzer import analyze
from shared.bengali.romanize import Candidate, RomanizedVocabulary
from shared.bengali.spelling import SpellingVocabulary
from shared.search.latin import latin_runs
from shared.search.ports import IndexUnavailableError
from shared.search.query_language import ParsedQuery, Term

# Of 188,000 words of 5,000 blog posts, the 60,000 most frequent are in three articles or more; the others are mostly
# slips. They take 30 MB, and 3 s of a thread to learn.
MOST_WORDS: Final = 60_000
# New names should be known soon, and looking through the words of a large index takes a second of a thread.
REFRESH_SECONDS: Final = 60.0
# The first search that needs the words waits so long for them: without them a query in Latin letters finds nothing,
# while a missing correction is seldom missed. Later ones use what is there.
FIRST_WAIT_SECONDS: Final = 2.0
FIRST_WAIT_FOR_CORRECTION_SECONDS: Final = 0.2

# Of each word in Latin letters, this many Bengali words are tried; several forms of one word count once.
_MOST_READINGS: Final = 5
_MOST_CANDIDATES: Final = 15
# Correcting a word takes up to ten milliseconds, and whole sentences are seldom mistyped words.
_MOST_CORRECTED_TERMS: Final = 8
# A word whose frequency has grown by less need not be filed again.
_NOTABLE_GROWTH: Final = 1.25
# How many words are filed before a search gets its turn, and for how long it can take it: without a pause, whoever
# waits for a lock that is given back and taken at once waits to the end.
_FILED_AT_ONCE: Final = 200
_PAUSE_SECONDS: Final = 0.002

_log = structlog.get_logger(__name__)

Readings = dict[str, tuple[str, ...]]
"""Words as typed, normalised (two that were read as one with a space between), and words of the index, best first."""


class WordSource(Protocol):
    """Where the words come from. Both methods may raise IndexUnavailableError."""

    def stamp(self) -> Hashable:
        """Changes whenever the index has; cheap."""
        ...

    def words(self) -> Iterable[tuple[str, int]]:
        """Every word of the index, normalised, and how many articles have it."""
        ...


class _Words:
    """Words, and the stems under which they are indexed.

    Of a name that is only ever written with an ending, it is the stem that sounds like what people type.
    """

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self._romanized = RomanizedVocabulary()
        self._spelling = SpellingVocabulary()
        self._stems: dict[str, _Stem] = {}

    def file(self, counted: Sequence[tuple[str, int]]) -> None:
        changed: set[str] = set()
        for word, count in counted:
            stem = _stem_of(word)
            filed = self._stems.setdefault(stem, _Stem(word))
            filed.count += count - self.known.get(word, 0)
            filed.shown = min(filed.shown, word, key=lambda form: (len(form), form))
            self.known[word] = count
            changed.add(stem)
        self._romanized.add(counted)
        self._romanized.add((stem, self._stems[stem].count) for stem in changed if stem not in self.known)
        self._spelling.add(counted)

    def read(self, run: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for reading in self._romanized.read_phrase(run, _MOST_CANDIDATES):
            yield " ".join(run[reading.start : reading.end]), self._distinct(reading.candidates)

    def correct(self, text: str) -> str | None:
        return self._spelling.correct(text)

    def _distinct(self, candidates: Iterable[Candidate]) -> tuple[str, ...]:
        """The words, but of several forms of one (ঢাকা, ঢাকার) only the likeliest."""
        words: dict[str, str] = {}
        for candidate in candidates:
            is_word = candidate.term in self.known
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


class IndexVocabulary:
    """Learns the words when they are first asked for, and new ones in the background as the index grows.

    May be used by many threads. `clock` gives seconds that never go back.
    """

    def __init__(self, source: WordSource, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._words = _Words()
        self._lock = Lock()
        self._learning = Lock()
        self._learnt_at: float | None = None
        self._stamp: Hashable = None
        self._ready = Event()

    def readings(self, query: ParsedQuery) -> Readings:
        """What the Latin words of a query may mean in the Bengali of the index; empty for others."""
        found: Readings = {}
        for run in latin_runs(query):
            self._learn_if_due()
            with self._lock:
                found.update((typed, words) for typed, words in self._words.read(run) if words)
        return found

    def read_word(self, latin_word: str) -> tuple[str, ...]:
        """As `readings`, for one word."""
        self._learn_if_due()
        with self._lock:
            return dict(self._words.read([latin_word])).get(latin_word, ())

    def prepare(self) -> None:
        """Begin to learn, so that the words are known before they are needed; returns at once."""
        self._start_learning_if_due()

    def correction(self, query: ParsedQuery, is_rare: Callable[[Term], bool]) -> str | None:
        """The query with its misspelt words replaced; None when no word looks misspelt. Filters are left alone.

        Only terms that `is_rare` finds rare are looked at: what occurs often is spelt as others spell it.
        """
        terms = [term for group in query.required for term in group if is_rare(term)]
        if not terms or len(terms) > _MOST_CORRECTED_TERMS:
            return None
        self._learn_if_due(FIRST_WAIT_FOR_CORRECTION_SECONDS)
        text = query.text
        for term in terms:
            with self._lock:
                corrected = self._words.correct(term.text)
            if corrected is not None:
                text = _replace_term(text, term, corrected)
        return text if text != query.text else None

    def close(self) -> None:
        """Learn no more; waits for a thread that is learning."""
        # Never given back, so nobody begins again.
        self._learning.acquire()
        self._ready.set()

    def _learn_if_due(self, first_wait: float = FIRST_WAIT_SECONDS) -> None:
        self._start_learning_if_due()
        if self._learnt_at is None:
            self._ready.wait(first_wait)

    def _start_learning_if_due(self) -> None:
        due = self._learnt_at is None or self._clock() - self._learnt_at >= REFRESH_SECONDS
        if due and self._learning.acquire(blocking=False):
            Thread(target=self._learn, name="learn-words", daemon=True).start()

    def _learn(self) -> None:
        try:
            stamp = self._source.stamp()
            if stamp != self._stamp or self._learnt_at is None:
                self._take(self._source.words())
                self._stamp = stamp
        except IndexUnavailableError as error:
            # Searches meet the same and say so; reading and correcting goes on with what is known.
            _log.warning("vocabulary.not_refreshed", reason=str(error))
        finally:
            self._learnt_at = self._clock()
            self._ready.set()
            self._learning.release()

    def _take(self, words: Iterable[tuple[str, int]]) -> None:
        frequent = nlargest(MOST_WORDS, filter(_is_word, words), key=itemgetter(1))
        if len(self._words.known) > MOST_WORDS:
            # Words that are gone are never taken out one by one.
            fresh = _Words()
            fresh.file(frequent)
            self._words = fresh
            return
        known = self._words.known
        new = [(word, count) for word, count in frequent if count >= known.get(word, 0) * _NOTABLE_GROWTH]
        for start in range(0, len(new), _FILED_AT_ONCE):
            with self._lock:
                self._words.file(new[start : start + _FILED_AT_ONCE])
            time.sleep(_PAUSE_SECONDS)


def _is_word(counted: tuple[str, int]) -> bool:
    return not any(map(str.isdigit, counted[0]))


def _replace_term(text: str, term: Term, corrected: str) -> str:
    """Replace the term where it stands as a word of its own, not inside another one."""
    return re.sub(rf"(?<![^\s\"“”„‟«»‘:-]){re.escape(term.text)}", lambda _: corrected, text, count=1)
