"""Similar articles: those that share the most telling words, without copies of the same story."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from tantivy import Occur, Query

from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.query import one_of, without
from shared.search.embedded.words import schema
from shared.search.embedded.words_reader import WordsView
from shared.search.model import Hit, Lookup
from shared.search.similarity import MOST_WORDS, SHARE_THAT_MUST_MATCH, telling_stems

# Copies among the similar ones are folded, so more are read than are shown.
_SPARE: Final = 3


def related_hits(view: WordsView, articles: ArticleStore, article_id: str, limit: int) -> list[Hit]:
    """Best first; empty for an article that is unknown or retracted."""
    place = articles.place_of(article_id)
    stored = articles.get_many([article_id])[article_id]
    if place is None or stored.state is not Lookup.FOUND or stored.stored is None:
        return []
    key, cluster = place
    words = _telling_words(view, telling_stems(stored.stored.article), 1 + stored.stored.copies)
    if not words:
        return []
    query = without(_sharing(words), one_of("key", [key]))
    if cluster is not None:
        query = without(query, one_of("cluster", [cluster]))
    hits = view.best(query, limit * _SPARE)
    addresses = [address for _, address in hits]
    keys, clusters = view.values("key", addresses), view.values("cluster", addresses)
    scores: dict[int, float] = {}
    stories: set[int] = set()
    for (score, _), hit_key, story in zip(hits, keys, clusters, strict=True):
        if len(scores) == limit:
            break
        if story not in stories:
            scores[hit_key] = score
        if story is not None:
            stories.add(story)
    found = articles.by_key(list(scores))
    return [Hit(found[hit_key], score) for hit_key, score in scores.items() if hit_key in found]


def _telling_words(view: WordsView, stems: Sequence[str], own_articles: int) -> list[str]:
    """A word that none but the article itself and its copies has leads nowhere."""
    total = view.articles
    weights: dict[str, float] = {}
    for stem, frequency in Counter(stems).items():
        articles = view.articles_with("stem", stem)
        if articles > own_articles:
            weights[stem] = frequency * math.log(1 + total / articles)
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:MOST_WORDS]


def _sharing(words: Sequence[str]) -> Any:
    return Query.boolean_query(
        [(Occur.Should, Query.term_query(schema(), "stem", word, "freq")) for word in words],
        minimum_number_should_match=max(1, math.floor(len(words) * SHARE_THAT_MUST_MATCH)),
    )
