"""Articles for tests of the search index: short, natural newsroom Bengali, and how to bring them into an engine."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.events import Article
from shared.search.model import ArticleChange, SearchPage, SearchRequest
from shared.search.ports import ArticleReader, ArticleWriter
from shared.search.query_language import parse_query

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def article(article_id: str, title: str, body: str = "বিস্তারিত আসছে।", *, version: int = 1, **fields: Any) -> Article:
    """`age` is a timedelta before NOW, in place of `published_at`."""
    age = fields.pop("age", timedelta(hours=1))
    return Article(id=article_id, version=version, title=title, body=body, **{"published_at": NOW - age, **fields})


def publish_change(published: Article) -> ArticleChange:
    return ArticleChange(published.id, published.version, published)


def retract_change(article_id: str, version: int) -> ArticleChange:
    return ArticleChange(article_id, version, None)


def search_for(text: str, **fields: Any) -> SearchRequest:
    return SearchRequest(query=parse_query(text, now=NOW), **{"now": NOW, **fields})


@dataclass(frozen=True)
class Engine:
    """Both sides of one search engine that holds nothing yet."""

    writer: ArticleWriter
    reader: ArticleReader

    def publish(self, *articles: Article) -> None:
        self.change(*map(publish_change, articles))

    def change(self, *changes: ArticleChange) -> None:
        self.writer.apply(changes)
        self.writer.make_searchable()

    def search(self, text: str, **fields: Any) -> SearchPage:
        return self.reader.search(search_for(text, **fields))

    def find(self, text: str, **fields: Any) -> list[str]:
        """The ids of the hits of the first page, in their order."""
        return ids(self.search(text, **{"limit": 50, **fields}))

    def pages(self, request: SearchRequest) -> list[SearchPage]:
        """Every page of a search."""
        pages = [self.reader.search(request)]
        while pages[-1].next_cursor is not None:
            pages.append(self.reader.search(replace(request, cursor=pages[-1].next_cursor)))
        return pages


def ids(page: SearchPage) -> list[str]:
    return [hit.stored.article.id for hit in page.hits]
