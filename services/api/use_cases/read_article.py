"""One article with its views, and the articles like it."""

from services.api.answers import ArticleAnswer, ArticleViews, RelatedAnswer, RelatedArticle
from services.api.use_cases.popularity import Popularity
from shared.events import Article
from shared.search.model import Lookup, LookupResult, StoredArticle
from shared.search.ports import ArticleReader
from shared.views.model import ViewCounts


class ArticleUnknownError(Exception):
    """There is no such article, or it is not in the index yet."""


class ArticleRetractedError(Exception):
    """The publisher has withdrawn the article."""


class ReadArticle:
    def __init__(self, index: ArticleReader, popularity: Popularity) -> None:
        self._index = index
        self._popularity = popularity

    def __call__(self, article_id: str) -> ArticleAnswer:
        """Raises ArticleUnknownError, ArticleRetractedError, IndexUnavailableError."""
        stored = published(article_id, self._index.get(article_id))
        counts = self._popularity.counts([article_id])
        return _answer(stored, counts[article_id] if counts is not None else None)


class ListRelated:
    def __init__(self, index: ArticleReader) -> None:
        self._index = index

    def __call__(self, article_id: str, limit: int) -> RelatedAnswer:
        """Raises as `ReadArticle`."""
        published(article_id, self._index.get(article_id))
        hits = self._index.related(article_id, limit)
        return RelatedAnswer(
            id=article_id,
            articles=[
                RelatedArticle(
                    id=hit.stored.article.id,
                    title=hit.stored.article.title,
                    url=hit.stored.article.url,
                    category=hit.stored.article.category,
                    published_at=hit.stored.article.published_at,
                    score=round(hit.score, 4),
                    copies=hit.stored.copies,
                )
                for hit in hits
            ],
        )


def published(article_id: str, result: LookupResult) -> StoredArticle:
    """The article that was looked up, or the reason why there is none, as an exception."""
    if result.state is Lookup.RETRACTED:
        raise ArticleRetractedError(f"the article {article_id} was retracted by its publisher")
    if result.state is Lookup.UNKNOWN or result.stored is None:
        raise ArticleUnknownError(f"there is no article {article_id}")
    return result.stored


def _answer(stored: StoredArticle, counts: ViewCounts | None) -> ArticleAnswer:
    article: Article = stored.article
    views = None
    if counts is not None:
        views = ArticleViews(counted=counts.counted, raw=counts.raw, baseline=article.page_views)
    return ArticleAnswer(
        id=article.id,
        version=article.version,
        title=article.title,
        lead=article.lead,
        body=article.body,
        url=article.url,
        category=article.category,
        byline=article.byline,
        sources=list(article.sources),
        tags=list(article.tags),
        image=article.image,
        published_at=article.published_at,
        updated_at=article.updated_at,
        related=list(article.related),
        views=views,
        copies=stored.copies,
    )
