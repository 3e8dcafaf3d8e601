"""Completions while somebody types: titles that hold the words so far, the newest first."""

import re
from collections.abc import Sequence
from typing import Any, Final

from tantivy import Occur, Query

from shared.bengali.analyzer import analyze
from shared.bengali.fold import shorten_vowels
from shared.search.analysis import Word, words_of
from shared.search.document import title_key
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.query import unscored
from shared.search.embedded.ranked import newest
from shared.search.embedded.words import schema
from shared.search.embedded.words_reader import WordsView
from shared.search.model import Completion
from shared.search.vocabulary import IndexVocabulary

# The same headline from several publishers is one completion, so more are read than are shown.
_SPARE: Final = 4
# Whoever types more has the whole title already.
_MOST_WORDS: Final = 12


def suggest_titles(
    view: WordsView, articles: ArticleStore, vocabulary: IndexVocabulary, text: str, limit: int
) -> list[Completion]:
    """Every word but the last is taken as a whole word, the last one as the begin of one or as a whole one.

    Words in Latin letters also stand for the Bengali words that sound like them.
    """
    query = _title_query(text, vocabulary)
    if query is None:
        return []
    hits = newest(view, query, limit * _SPARE)
    stored = articles.by_key([hit.key for hit in hits])
    completions: dict[str, Completion] = {}
    for hit in hits:
        if hit.key in stored and len(completions) < limit:
            article = stored[hit.key].article
            shown = title_key(analyze(article.title).surfaces)
            completions.setdefault(shown, Completion(article.title, "title", article.id))
    return list(completions.values())


def _title_query(text: str, vocabulary: IndexVocabulary) -> Any:
    words = words_of(analyze(text))[-_MOST_WORDS:]
    if not words:
        return None
    *whole, last = words
    parts = [_any_of(_whole_words(word, vocabulary)) for word in whole]
    begun = Query.regex_query(schema(), "title", f"{re.escape(shorten_vowels(last.surface))}.*")
    parts.append(_any_of([unscored(begun), *_whole_words(last, vocabulary)]))
    return Query.boolean_query([(Occur.Must, part) for part in parts])


def _whole_words(word: Word, vocabulary: IndexVocabulary) -> list[Any]:
    read = vocabulary.read_word(word.surface) if word.surface.isascii() and word.surface.isalpha() else ()
    stems = dict.fromkeys(stem for guess in read for stem in analyze(guess).stems[:1])
    return [_all_of(word.parts), *(_all_of((stem,)) for stem in stems)]


def _any_of(queries: Sequence[Any]) -> Any:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all_of(stems: Sequence[str]) -> Any:
    terms = [unscored(Query.term_query(schema(), "title", stem, "freq")) for stem in stems]
    return Query.boolean_query([(Occur.Must, term) for term in terms])
