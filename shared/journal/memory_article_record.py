"""The record of articles of a journal in memory, for tests."""

from collections.abc import Iterator, Sequence

from shared.journal.memory import InMemoryJournal
from shared.journal.model import RecordedArticle


class InMemoryArticleRecord:
    """`ArticleRecord` of a `InMemoryJournal`."""

    def __init__(self, journal: InMemoryJournal) -> None:
        self._journal = journal

    def count(self) -> int:
        """See `ArticleRecord.count`."""
        return len(self._journal.articles)

    def pages(self) -> Iterator[list[RecordedArticle]]:
        """See `ArticleRecord.pages`; two articles each, so that tests have several."""
        article_ids = list(self._journal.articles)
        for begin in range(0, len(article_ids), 2):
            yield list(self.look_up(article_ids[begin : begin + 2]).values())

    def look_up(self, article_ids: Sequence[str]) -> dict[str, RecordedArticle]:
        """See `ArticleRecord.look_up`."""
        known = {article_id: self._journal.articles.get(article_id) for article_id in article_ids}
        return {
            article_id: RecordedArticle(article_id, state.version, retracted=state.retracted)
            for article_id, state in known.items()
            if state is not None
        }

    def note(self, articles: Sequence[RecordedArticle]) -> int:
        """See `ArticleRecord.note`."""
        noted = 0
        for article in articles:
            known = self._journal.articles.get(article.article_id)
            if known is None or (known.version, known.retracted) < (article.version, article.retracted):
                self._journal.note_article(
                    article.article_id, article.version, retracted=article.retracted, category=article.category
                )
                noted += 1
        return noted

    def waiting(self) -> dict[str, int]:
        """See `ArticleRecord.waiting`."""
        newest: dict[str, int] = {}
        for item in self._journal.waiting_articles():
            newest[item.article_id] = max(newest.get(item.article_id, 0), item.version)
        return newest
