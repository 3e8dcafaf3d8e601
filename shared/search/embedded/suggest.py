"""Completions while somebody types: titles that hold the words so far, the newest first."""

import re
from typing import Any, Final

from tantivy import Occur, Query

from shared.bengali.analyzer import analyze
from shared.search.document import title_key
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.query import unscored
from shared.search.embedded.ranked import newest
from shared.search.embedded.words import schema
from shared.search.embedded.words_reader import WordsView
from shared.search.model import Completion

# The same headline from several publishers is one completion, so more are read than are shown.
_SPARE: Final = 4


def suggest_titles(view: WordsView, articles: ArticleStore, text: str, limit: int) -> list[Completion]:
    """Every word but the last is taken as a whole word, the last one as the begin of one or as a whole one."""
    query = _title_query(text)
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


def _title_query(text: str) -> Any:
    analyzed = analyze(text)
    if not analyzed.tokens:
        return None
    *whole, last = analyzed.stems
    begun = Query.regex_query(schema(), "title", f"{re.escape(analyzed.surfaces[-1])}.*")
    parts = [_word(stem) for stem in whole]
    parts.append(Query.boolean_query([(Occur.Should, unscored(begun)), (Occur.Should, _word(last))]))
    return Query.boolean_query([(Occur.Must, part) for part in parts])


def _word(stem: str) -> Any:
    return unscored(Query.term_query(schema(), "title", stem, "freq"))
