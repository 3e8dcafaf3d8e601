"""Completions while somebody types: titles that hold the words so far, the newest first."""

from typing import Any, Final

from shared.bengali.analyzer import analyze
from shared.search.document import title_key
from shared.search.elasticsearch.asking import ArticleIndex, found_articles
from shared.search.elasticsearch.documents import article_of
from shared.search.elasticsearch.query_dsl import LIVE, Query
from shared.search.model import Completion

# The same headline from several publishers is one completion, so more are read than are shown.
_SPARE: Final = 4


def suggest_titles(index: ArticleIndex, text: str, limit: int) -> list[Completion]:
    """Every word but the last is taken as a whole word, the last one as the begin of one or as a whole one."""
    query = _title_query(text)
    if query is None or limit < 1:
        return []
    body: dict[str, Any] = {
        "query": query,
        "sort": [{"published": "desc"}, {"key": "asc"}],
        "size": limit * _SPARE,
        "track_total_hits": False,
    }
    completions: dict[str, Completion] = {}
    for found in found_articles(index.ask(body)):
        article = article_of(found.stored)
        shown = title_key(analyze(article.title).surfaces)
        completions.setdefault(shown, Completion(article.title, "title", article.id))
    return list(completions.values())[:limit]


def _title_query(text: str) -> Query | None:
    analyzed = analyze(text)
    if not analyzed.tokens:
        return None
    *whole, last = analyzed.stems
    begun: Query = {"prefix": {"title": {"value": analyzed.surfaces[-1]}}}
    words: list[Query] = [{"term": {"title": stem}} for stem in whole]
    words.append({"bool": {"should": [begun, {"term": {"title": last}}], "minimum_should_match": 1}})
    return {"bool": {"filter": [LIVE, *words]}}
