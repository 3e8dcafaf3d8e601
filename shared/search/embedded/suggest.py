"""Completions from the word index."""

from shared.search.completing import READ_PER_COMPLETION, completions_of, title_clauses
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.query import all_of
from shared.search.embedded.ranked import newest
from shared.search.embedded.words_reader import WordsView
from shared.search.model import Completion
from shared.search.vocabulary import IndexVocabulary


def suggest_titles(
    view: WordsView, articles: ArticleStore, vocabulary: IndexVocabulary, text: str, limit: int
) -> list[Completion]:
    clauses = title_clauses(text, vocabulary)
    if not clauses:
        return []
    hits = newest(view, all_of(clauses), limit * READ_PER_COMPLETION)
    stored = articles.by_key([hit.key for hit in hits])
    return completions_of((stored[hit.key].article for hit in hits if hit.key in stored), limit)
