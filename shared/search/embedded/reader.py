"""The embedded engine as readers see it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.database import Database
from shared.search.embedded.related import related_hits
from shared.search.embedded.search import Searches
from shared.search.embedded.suggest import suggest_titles
from shared.search.embedded.word_source import IndexWords
from shared.search.embedded.words_reader import WordsReader
from shared.search.model import (
    Completion,
    FacetCount,
    Hit,
    IndexStats,
    LookupResult,
    SearchPage,
    SearchRequest,
)
from shared.search.vocabulary import IndexVocabulary


class EmbeddedArticleReader:
    """An ArticleReader over one folder, for one process; its methods may be called from many threads.

    It sees a commit of any process with the next call. Cursors by relevance and by views live in this process, for
    five minutes after they were last used; cursors by date live for ever, and everywhere.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = Database(folder, read_only=True)
        self._words = WordsReader(folder, self._database)
        self._articles = ArticleStore(self._database)
        self._vocabulary = IndexVocabulary(IndexWords(self._words, self._articles), clock=clock)
        self._searches = Searches(self._words, self._articles, self._vocabulary, clock)

    def search(self, request: SearchRequest) -> SearchPage:
        return self._searches.search(request)

    def suggest(self, text: str, limit: int) -> list[Completion]:
        return suggest_titles(self._words.view(), self._articles, self._vocabulary, text, limit)

    def related(self, article_id: str, limit: int) -> list[Hit]:
        return related_hits(self._words.view(), self._articles, article_id, limit)

    def get(self, article_id: str) -> LookupResult:
        return self.get_many([article_id])[article_id]

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        return self._articles.get_many(article_ids)

    def stats(self) -> IndexStats:
        with self._database.session() as session:
            counts = session.row("counts")
            categories = session.rows("categories")
        return IndexStats(
            engine="embedded",
            articles=counts["articles"],
            retracted=counts["retracted"],
            waiting=counts["waiting"],
            analyzer_version=ANALYZER_VERSION,
            categories=tuple(FacetCount(row["category"], row["articles"]) for row in categories),
        )

    def ping(self) -> None:
        self._words.view()

    def close(self) -> None:
        self._vocabulary.close()
        self._database.close()
