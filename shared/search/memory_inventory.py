"""What an article index in memory holds, for tests."""

from collections.abc import Iterator, Sequence

from shared.search.labels import canonical_label
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import ArticleChange, HeldArticle
from shared.search.versions import held_article, rank_of_change


class InMemoryArticleInventory:
    """An ArticleInventory; pages of two, so that tests have several."""

    def __init__(self, index: InMemoryArticleIndex) -> None:
        self._index = index

    def count(self) -> int:
        return len(self._index.newest)

    def pages(self) -> Iterator[list[HeldArticle]]:
        article_ids = list(self._index.newest)
        for begin in range(0, len(article_ids), 2):
            yield list(self.held(article_ids[begin : begin + 2]).values())

    def held(self, article_ids: Sequence[str]) -> dict[str, HeldArticle]:
        return {change.article_id: _held(change) for change in self.changes(article_ids)}

    def changes(self, article_ids: Sequence[str]) -> list[ArticleChange]:
        return [self._index.newest[article_id] for article_id in article_ids if article_id in self._index.newest]


def _held(change: ArticleChange) -> HeldArticle:
    label = change.article.category if change.article else None
    return held_article(change.article_id, rank_of_change(change), canonical_label(label) if label else None)
