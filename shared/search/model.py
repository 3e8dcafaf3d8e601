"""What is asked of the search index, what goes into it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shared.events import Article
from shared.search.query_language import ParsedQuery


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """Bring an article to a version; `article` is None for a retraction."""

    article_id: str
    version: int
    article: Article | None


class ApplyOutcome(StrEnum):
    APPLIED = "applied"
    # The index holds a newer version already: expected, not a fault.
    STALE = "stale"
    # The engine will never take this document; `reason` says why.
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ApplyResult:
    article_id: str
    version: int
    outcome: ApplyOutcome
    reason: str | None = None


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    VIEWS = "views"


class Facet(StrEnum):
    CATEGORY = "category"
    SOURCE = "source"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. `published_from` is inclusive, `published_to` exclusive.

    `hottest` maps the ids of the few hundred most viewed articles to their counted views; it is pinned into the
    cursor's snapshot together with `now`, so that later pages are cut from the same order.
    """

    query: ParsedQuery
    now: datetime
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    published_from: datetime | None = None
    published_to: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    cursor: str | None = None
    facets: frozenset[Facet] = frozenset()
    collapse: bool = False
    explain: bool = False
    hottest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the index keeps it. `copies` counts near-duplicates of it from other publishers."""

    article: Article
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    stored: StoredArticle
    score: float
    explanation: Mapping[str, float] | None = None


class ReadAs(StrEnum):
    """How the words of a query were taken; each step is tried when the one before it finds nothing."""

    EVERYTHING = "everything"
    ALL_WORDS = "all words"
    MOST_WORDS = "most words"
    ANY_WORDS = "any words"


@dataclass(frozen=True, slots=True)
class FacetCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class DateCount:
    """Articles published on a day, or in the month that begins on it, in Dhaka."""

    start: date
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    category: tuple[FacetCount, ...] | None = None
    source: tuple[FacetCount, ...] | None = None
    date: tuple[DateCount, ...] | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits. `total_is_exact` False means: at least `total`."""

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    read_as: ReadAs
    facets: Facets
    next_cursor: str | None
    did_you_mean: str | None = None
    notes: tuple[str, ...] = ()
    # Words in another script that were read as Bengali words of the index: typed -> candidates, best first.
    readings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    kind: str
    article_id: str | None = None


class Lookup(StrEnum):
    FOUND = "found"
    RETRACTED = "retracted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LookupResult:
    state: Lookup
    stored: StoredArticle | None = None


@dataclass(frozen=True, slots=True)
class HeldArticle:
    """What an index holds under an id: an article or, when it is `retracted`, a tombstone.

    `category` is in canonical spelling.
    """

    article_id: str
    version: int
    retracted: bool
    category: str | None


@dataclass(frozen=True, slots=True)
class IndexStats:
    """`waiting` counts changes that the index has taken but that are not searchable yet."""

    engine: str
    articles: int
    retracted: int
    waiting: int
    analyzer_version: str
    categories: tuple[FacetCount, ...]


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index of the engine. `is_ours`: its documents have the form that this version of the program writes."""

    name: str
    articles: int
    is_in_use: bool
    is_building: bool
    is_ours: bool
