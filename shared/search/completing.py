"""Completions while somebody types: titles that hold the words so far, the newest first."""

from collections.abc import Iterable, Iterator
from typing import Final

from shared.bengali.analyzer import analyze
from shared.bengali.fold import shorten_vowels
from shared.events import Article
from shared.search.analysis import Word, words_of
from shared.search.model import Completion
from shared.search.plan import AllOf, AnyOf, Clause, IndexField, PrefixClause, TermClause
from shared.search.vocabulary import IndexVocabulary

# The same headline from several publishers is one completion, so for each that is shown so many articles are read.
READ_PER_COMPLETION: Final = 4
# Whoever types more has the whole title already.
_MOST_WORDS: Final = 12


def title_clauses(text: str, vocabulary: IndexVocabulary) -> tuple[Clause, ...]:
    """What a title must match, each of them; empty for a text without words.

    Every word but the last is taken as a whole word, the last one as the begin of one or as a whole one. Words in
    Latin letters also stand for the Bengali words that sound like them.
    """
    words = words_of(analyze(text))[-_MOST_WORDS:]
    if not words:
        return ()
    *whole, last = words
    begun = PrefixClause(IndexField.TITLE, shorten_vowels(last.surface))
    return (
        *(AnyOf(tuple(_whole_words(word, vocabulary))) for word in whole),
        AnyOf((begun, *_whole_words(last, vocabulary))),
    )


def completions_of(articles: Iterable[Article], limit: int) -> list[Completion]:
    """The titles, each of them once, in the order of the articles."""
    completions: dict[str, Completion] = {}
    for article in articles:
        if len(completions) >= limit:
            break
        key = " ".join(analyze(article.title).surfaces)
        completions.setdefault(key, Completion(article.title, "title", article.id))
    return list(completions.values())


def _whole_words(word: Word, vocabulary: IndexVocabulary) -> Iterator[Clause]:
    yield AllOf(tuple(TermClause(IndexField.TITLE, part) for part in word.parts))
    read = vocabulary.read_word(word.surface) if word.surface.isascii() and word.surface.isalpha() else ()
    stems = dict.fromkeys(stem for guess in read for stem in analyze(guess).stems[:1])
    yield from (TermClause(IndexField.TITLE, stem) for stem in stems)
