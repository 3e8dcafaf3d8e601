"""Similar articles: those that share the most telling words, without copies of the same story."""

import math
from collections.abc import Mapping
from typing import Any

from shared.search.elasticsearch.asking import ArticleIndex, found_articles
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of
from shared.search.elasticsearch.query_dsl import LIVE
from shared.search.model import Hit
from shared.search.similarity import MOST_WORDS, SHARE_THAT_MUST_MATCH, telling_stems


def related_hits(index: ArticleIndex, document: Mapping[str, Any], limit: int) -> list[Hit]:
    """Best first. `document` is the stored document of a live article."""
    if limit < 1:
        return []
    [own] = index.stored_articles([document])
    words = _telling_words(index, " ".join(telling_stems(own.article)), 1 + own.copies)
    if not words:
        return []
    excluded: list[dict[str, Any]] = [{"term": {"key": document["key"]}}]
    if document["copies"]:
        excluded.append({"term": {"cluster": document["cluster"]}})
    answer = index.ask(
        {
            "query": {
                "bool": {
                    "should": [{"term": {"stem": word}} for word in words],
                    "minimum_should_match": max(1, math.floor(len(words) * SHARE_THAT_MUST_MATCH)),
                    "must_not": excluded,
                    "filter": [LIVE],
                }
            },
            "size": limit,
            "collapse": {"field": "cluster"},
            "track_total_hits": False,
        }
    )
    found = found_articles(answer)
    articles = index.stored_articles([article.stored for article in found])
    return [Hit(stored, article.score) for stored, article in zip(articles, found, strict=True)]


def _telling_words(index: ArticleIndex, stems: str, own_articles: int) -> list[str]:
    """A word that none but the article itself and its copies has leads nowhere."""
    with elasticsearch_failures():
        response = index.client.termvectors(
            index=index.alias,
            doc={"stem": stems},
            fields=["stem"],
            term_statistics=True,
            field_statistics=True,
            positions=False,
            offsets=False,
            payloads=False,
        )
    vector = json_of(response)["term_vectors"].get("stem")
    if vector is None:
        return []
    total = vector["field_statistics"]["doc_count"]
    weights = {
        stem: term["term_freq"] * math.log(1 + total / term["doc_freq"])
        for stem, term in vector["terms"].items()
        if term.get("doc_freq", 0) > own_articles
    }
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:MOST_WORDS]
