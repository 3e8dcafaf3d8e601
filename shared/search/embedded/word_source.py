"""The words of the embedded index."""

from collections.abc import Hashable, Iterable

from shared.events import Article
from shared.search.embedded.articles import ArticleStore
from shared.search.embedded.words_reader import WordsReader


class IndexWords:
    """A WordSource."""

    def __init__(self, words: WordsReader, articles: ArticleStore) -> None:
        self._words = words
        self._articles = articles

    def stamp(self) -> Hashable:
        return self._words.commit

    def words(self) -> Iterable[tuple[str, int]]:
        return self._words.view().terms("surface", "")

    def newest(self, limit: int) -> Iterable[Article]:
        return self._articles.newest(limit)
