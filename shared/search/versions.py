"""Which of two changes to an article wins, in whatever order they arrive."""

from shared.search.model import ArticleChange, HeldArticle


def rank_of(version: int, *, retracted: bool) -> int:
    """The newer version wins; at the same version the retraction does, so nothing brings the article back.

    Below 2**54, so it fits the external versions of Elasticsearch and the integers of SQLite.
    """
    return 2 * version + retracted


def rank_of_change(change: ArticleChange) -> int:
    return rank_of(change.version, retracted=change.article is None)


def held_article(article_id: str, rank: int, category: str | None) -> HeldArticle:
    version, retracted = divmod(rank, 2)
    return HeldArticle(article_id, version, retracted=bool(retracted), category=None if retracted else category)
