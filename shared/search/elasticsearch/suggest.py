"""Completions from Elasticsearch."""

from shared.search.completing import READ_PER_COMPLETION, completions_of, title_clauses
from shared.search.elasticsearch.asking import ArticleIndex, found_articles
from shared.search.elasticsearch.documents import article_of
from shared.search.elasticsearch.query_dsl import LIVE, all_of
from shared.search.model import Completion
from shared.search.vocabulary import IndexVocabulary


def suggest_titles(index: ArticleIndex, vocabulary: IndexVocabulary, text: str, limit: int) -> list[Completion]:
    clauses = title_clauses(text, vocabulary)
    if not clauses or limit < 1:
        return []
    answer = index.ask(
        {
            "query": {"bool": {"filter": [LIVE, *all_of(clauses)]}},
            "sort": [{"published": "desc"}, {"key": "asc"}],
            "size": limit * READ_PER_COMPLETION,
            "track_total_hits": False,
        }
    )
    return completions_of((article_of(found.stored) for found in found_articles(answer)), limit)
