"""What the readers' door answers, as in docs/http.md. Fields may be added, never renamed or removed."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api import examples
from shared.search.model import ReadAs, Sort
from shared.views.model import ListKind, Window


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True, populate_by_name=True)


def _example(value: object) -> dict[str, Any]:
    return {"examples": [value]}


class ViewNumbers(Answer):
    """`counted`: readers, once a day each; `raw`: every view, bots and repeats included."""

    counted: int
    raw: int


class ArticleViews(ViewNumbers):
    """`baseline` is a counter that was read off the publisher's page; it is never added to the others."""

    baseline: int | None


class Highlights(Answer):
    """HTML-escaped text; only `<mark>` is markup."""

    title: str
    body: list[str]


class SearchResult(Answer):
    id: str
    title: str
    lead: str | None
    url: str | None
    category: str | None
    byline: str | None
    sources: list[str]
    image: str | None
    published_at: datetime
    score: float
    highlights: Highlights
    views: ViewNumbers | None = Field(description="null when the counters cannot be reached.")
    copies: int = Field(description="Near-duplicates of this article from other publishers.")
    explanation: dict[str, float] | None = Field(description="What the score is made of; only with `explain`.")


class QueryReading(Answer):
    text: str
    read_as: ReadAs
    did_you_mean: str | None
    notes: list[str]
    readings: dict[str, list[str]] = Field(description="Words in another script, and the Bengali words they stand for.")


class Total(Answer):
    value: int
    relation: Literal["eq", "gte"]


class ValueCount(Answer):
    value: str
    count: int


class DateCount(Answer):
    start: date = Field(alias="from")
    count: int


class FacetCounts(Answer):
    """null: not asked for."""

    category: list[ValueCount] | None = None
    source: list[ValueCount] | None = None
    date: list[DateCount] | None = None


class SearchAnswer(Answer):
    model_config = ConfigDict(json_schema_extra=_example(examples.SEARCH))

    query: QueryReading
    sort: Sort
    total: Total
    took_ms: float
    engine: str
    results: list[SearchResult]
    facets: FacetCounts
    next: str | None = Field(description="Cursor of the next page.")


class Suggestion(Answer):
    text: str
    kind: str
    article_id: str | None


class SuggestAnswer(Answer):
    model_config = ConfigDict(json_schema_extra=_example(examples.SUGGEST))

    q: str
    suggestions: list[Suggestion]


class ArticleAnswer(Answer):
    model_config = ConfigDict(json_schema_extra=_example(examples.ARTICLE))

    id: str
    version: int
    title: str
    lead: str | None
    body: str
    url: str | None
    category: str | None
    byline: str | None
    sources: list[str]
    tags: list[str]
    image: str | None
    published_at: datetime
    updated_at: datetime | None
    related: list[str] = Field(description="Headlines that the publisher's page listed; they are not searched.")
    views: ArticleViews | None = Field(description="null when the counters cannot be reached.")
    copies: int


class ArticleCard(Answer):
    """An article in a list."""

    id: str
    title: str
    url: str | None
    category: str | None
    published_at: datetime


class RelatedArticle(ArticleCard):
    score: float
    copies: int


class RelatedAnswer(Answer):
    id: str
    articles: list[RelatedArticle]


class WindowViews(ViewNumbers):
    """`window`: the window's count, in which a view one half-life old counts half; of `today`, the plain count."""

    window: float


class MostReadItem(Answer):
    rank: int
    id: str
    title: str
    url: str | None
    category: str | None
    published_at: datetime
    age_hours: float
    views: WindowViews


class MostReadAnswer(Answer):
    model_config = ConfigDict(json_schema_extra=_example(examples.MOST_READ))

    window: Window
    kind: ListKind
    category: str | None
    as_of: datetime
    stale: bool = Field(description="Views wait uncounted for longer than `KHOBOR_STALE_AFTER`.")
    counted_views: int = Field(description="The window's count over all articles of the list's scope.")
    items: list[MostReadItem]
    reason: str | None = Field(description="Why the list is empty.")


class CategoriesAnswer(Answer):
    categories: list[ValueCount]


class StreamBacklog(Answer):
    """Events that were accepted and are not applied yet."""

    waiting: int
    oldest_at: datetime | None
    oldest_age_seconds: float


class StatsAnswer(Answer):
    as_of: datetime
    engine: str
    articles: int
    retracted: int
    categories: int
    analyzer_version: str
    not_searchable_yet: int = Field(description="Changes that the index has taken and does not show yet.")
    index_lag_seconds: float | None = Field(description="Age of the oldest article event that waits; null: unknown.")
    oldest_unindexed_event: datetime | None
    journal: dict[str, StreamBacklog] | None = Field(description="By kind of event; null when it cannot be reached.")


class AnalyzedToken(Answer):
    """`start` and `end` are character offsets into the text; `position` counts words."""

    original: str
    surface: str
    stem: str
    fold: str
    grams: list[str]
    start: int
    end: int
    position: int


class AnalyzeAnswer(Answer):
    analyzer_version: str
    text: str
    normalized: str
    tokens: list[AnalyzedToken]
