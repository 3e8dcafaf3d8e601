"""The words of a live index, to read words in Latin letters and to correct misspelt ones."""

import re
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from heapq import nlargest
from operator import itemgetter
from threading import Event, Lock, Thread
from typing import Final, Protocol

import structlog

from shared.bengali.analyzer import analyze
from shared.events import Article
from shared.search.filed_words import FiledWords
from shared.search.latin import latin_runs
from shared.search.ports import IndexUnavailableError
from shared.search.query_language import ParsedQuery, Term

# Of 188,000 words of 5,000 blog posts, the 60,000 most frequent are in three articles or more; the others are mostly
# slips. They take 30 MB, and 3 s of a thread to learn.
MOST_WORDS: Final = 60_000
# A new name is in one article, among the rarest words of a large index. So whoever searches has the articles looked
# at that were changed last: one that can be found for so long can be typed in Latin letters, too.
LOOK_SECONDS: Final = 10.0
# Counting all words takes a large index seconds, and changes little.
COUNT_SECONDS: Final = 600.0
# The first search that needs the words waits so long for them: without them a query in Latin letters finds nothing,
# while a missing correction is seldom missed. Later ones use what is there.
FIRST_WAIT_SECONDS: Final = 2.0
FIRST_WAIT_FOR_CORRECTION_SECONDS: Final = 0.2

# Longer than it takes to file all words.
_CLOSE_SECONDS: Final = 10.0
# Beyond that, counting does not take more than this part of the time.
_MOST_TIME_COUNTING: Final = 1 / 50
# How many articles one look reads, at a millisecond each, and the first one.
_NEWEST: Final = 100
_NEWEST_AT_FIRST: Final = 500
# Words of new articles that are not among the most frequent; those that are seen again stay longest.
_MOST_RECENT_WORDS: Final = 20_000
# Correcting a word takes up to ten milliseconds, and whole sentences are seldom mistyped words.
_MOST_CORRECTED_TERMS: Final = 8
# A word whose frequency has grown by less need not be filed again.
_NOTABLE_GROWTH: Final = 1.25
# Words that are gone are never taken out one by one; with so many more than there should be, all are filed anew.
_MOST_FILED: Final = 1.5
# How many words are filed before a search gets its turn, and for how long it can take it: without a pause, whoever
# waits for a lock that is given back and taken at once waits to the end.
_FILED_AT_ONCE: Final = 200
_PAUSE_SECONDS: Final = 0.002

_log = structlog.get_logger(__name__)

Readings = dict[str, tuple[str, ...]]
"""Words as typed, normalised (two that were read as one with a space between), and words of the index, best first."""


class WordSource(Protocol):
    """Where the words come from. Its methods may raise IndexUnavailableError, and are never called twice at a time."""

    def stamp(self) -> Hashable:
        """Changes whenever the index has; cheap."""
        ...

    def words(self) -> Iterable[tuple[str, int]]:
        """The words of the index, normalised, and how many articles have each; the most frequent at least."""
        ...

    def newest(self, limit: int) -> Iterable[Article]:
        """The live articles that were changed last."""
        ...


class IndexVocabulary:
    """Learns the words when they are first asked for, and new ones in the background as the index grows.

    May be used by many threads. `clock` gives seconds that never go back.
    """

    def __init__(self, source: WordSource, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._words = _LearntWords(source, clock)
        self._learning = Lock()
        self._looked_at: float | None = None
        self._ready = Event()

    def readings(self, query: ParsedQuery) -> Readings:
        """What the Latin words of a query may mean in the Bengali of the index; empty for others."""
        found: Readings = {}
        for run in latin_runs(query):
            self._learn_if_due()
            found.update(self._words.read(run))
        return found

    def read_word(self, latin_word: str) -> tuple[str, ...]:
        """As `readings`, for one word."""
        self._learn_if_due()
        return self._words.read([latin_word]).get(latin_word, ())

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
            corrected = self._words.correct(term.text)
            if corrected is not None:
                text = _replace_term(text, term, corrected)
        return text if text != query.text else None

    def close(self) -> None:
        """Learn no more; waits some seconds for a thread that is learning."""
        # Never given back, so nobody begins again. An engine that does not answer must not keep the process alive.
        self._learning.acquire(timeout=_CLOSE_SECONDS)
        self._ready.set()

    def _learn_if_due(self, first_wait: float = FIRST_WAIT_SECONDS) -> None:
        self._start_learning_if_due()
        if self._looked_at is None:
            self._ready.wait(first_wait)

    def _start_learning_if_due(self) -> None:
        due = self._looked_at is None or self._clock() - self._looked_at >= LOOK_SECONDS
        if due and self._learning.acquire(blocking=False):
            Thread(target=self._learn, name="learn-words", daemon=True).start()

    def _learn(self) -> None:
        try:
            self._words.learn()
        except IndexUnavailableError as error:
            # Searches meet the same and say so; reading and correcting goes on with what is known.
            _log.warning("vocabulary.not_refreshed", reason=str(error))
        finally:
            self._looked_at = self._clock()
            self._ready.set()
            self._learning.release()


class _LearntWords:
    """The most frequent words of the index and those of its newest articles. One thread learns, any number ask."""

    def __init__(self, source: WordSource, clock: Callable[[], float]) -> None:
        self._source = source
        self._clock = clock
        self._filed = FiledWords()
        self._lock = Lock()
        # The state of the index when its words were counted, and when its newest articles were looked at.
        self._counted: Hashable = None
        self._looked: Hashable = None
        self._counted_at: float | None = None
        self._counting_took = 0.0
        self._seen: set[tuple[str, int]] = set()
        self._there_are_more = False
        self._recent: dict[str, None] = {}

    def read(self, run: Sequence[str]) -> Readings:
        with self._lock:
            return {typed: words for typed, words in self._filed.read(run) if words}

    def correct(self, text: str) -> str | None:
        with self._lock:
            return self._filed.correct(text)

    def learn(self) -> None:
        """Raises IndexUnavailableError; what has been learnt stays."""
        stamp = self._source.stamp()
        if stamp != self._counted and self._counting_is_due():
            self._count()
            self._counted = stamp
        if stamp != self._looked:
            self._look(_NEWEST_AT_FIRST if self._looked is None else _NEWEST)
            self._looked = stamp

    def _counting_is_due(self) -> bool:
        if self._counted_at is None:
            return True
        wait = 0.0 if self._there_are_more else COUNT_SECONDS
        return self._clock() - self._counted_at >= max(wait, self._counting_took / _MOST_TIME_COUNTING)

    def _count(self) -> None:
        started = self._clock()
        frequent = nlargest(MOST_WORDS, filter(_is_word, self._source.words()), key=itemgetter(1))
        if len(self._filed) > MOST_WORDS * _MOST_FILED:
            fresh = FiledWords()
            fresh.file(frequent)
            fresh.file([(word, 1) for word in self._recent if not fresh.articles_with(word)])
            self._filed = fresh
        else:
            self._file([(w, count) for w, count in frequent if count >= self._filed.articles_with(w) * _NOTABLE_GROWTH])
        self._counted_at = self._clock()
        self._counting_took = self._counted_at - started
        self._there_are_more = False
        _log.info("vocabulary.counted", words=len(self._filed), seconds=round(self._counting_took, 2))

    def _look(self, limit: int) -> None:
        """Learn the words of the newest articles that are not known yet."""
        newest = list(self._source.newest(limit))
        unseen = [article for article in newest if (article.id, article.version) not in self._seen]
        # Nothing known among them: there are more than were read.
        self._there_are_more = self._there_are_more or len(unseen) == limit
        words = Counter(word for article in unseen for word in _words_in(article))
        self._file([(word, count) for word, count in words.items() if not self._filed.articles_with(word)])
        for word in words:
            self._recent.pop(word, None)
            self._recent[word] = None
        for word in list(self._recent)[:-_MOST_RECENT_WORDS]:
            del self._recent[word]
        self._seen = {(article.id, article.version) for article in newest}

    def _file(self, counted: Sequence[tuple[str, int]]) -> None:
        for start in range(0, len(counted), _FILED_AT_ONCE):
            with self._lock:
                self._filed.file(counted[start : start + _FILED_AT_ONCE])
            time.sleep(_PAUSE_SECONDS)


def _words_in(article: Article) -> set[str]:
    texts = (article.title, article.lead or "", article.body)
    return {word for text in texts for word in analyze(text).surfaces if not any(map(str.isdigit, word))}


def _is_word(counted: tuple[str, int]) -> bool:
    return not any(map(str.isdigit, counted[0]))


def _replace_term(text: str, term: Term, corrected: str) -> str:
    """Replace the term where it stands as a word of its own, not inside another one."""
    return re.sub(rf"(?<![^\s\"“”„‟«»‘:-]){re.escape(term.text)}", lambda _: corrected, text, count=1)
