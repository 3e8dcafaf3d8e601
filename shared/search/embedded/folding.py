"""Folding near-duplicates: of each cluster among the hits, only one is shown."""

from typing import Any

from tantivy import Query

from shared.search.embedded.query import both
from shared.search.embedded.ranked import newest
from shared.search.embedded.words_reader import WordsView


def folded_keys(view: WordsView, query: Any) -> list[int]:
    """The hits that a newer hit of their cluster stands for.

    Only hits that have copies at all are looked at, a small part of any index.
    """
    copies = both(query, Query.exists_query("cluster"))
    count = view.count(copies)
    shown: set[int | None] = set()
    folded: list[int] = []
    for hit in newest(view, copies, count) if count else ():
        if hit.cluster in shown:
            folded.append(hit.key)
        shown.add(hit.cluster)
    return folded
