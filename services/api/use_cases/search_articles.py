"""One search: the engine's page of hits, with excerpts and views."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from services.api.answers import (
    DateCount,
    FacetCounts,
    Highlights,
    QueryReading,
    SearchAnswer,
    SearchResult,
    Total,
    ValueCount,
    ViewNumbers,
)
from services.api.metrics import ApiMetrics
from services.api.parameters import SearchParameters
from services.api.single_flight import SingleFlightCache
from services.api.use_cases.popularity import Popularity
from shared.events import Article
from shared.search.highlight import Highlights as MarkedText
from shared.search.highlight import HighlightTerms, highlight, highlight_terms
from shared.search.model import FacetCount, Facets, Hit, ReadAs, SearchPage, SearchRequest, Sort
from shared.search.ports import ArticleReader
from shared.search.query_language import parse_query
from shared.views.model import ViewCounts

WITHOUT_VIEWS: Final = "view counts cannot be reached now: results come without them, and popularity was left out"
WITHOUT_VIEW_ORDER: Final = "view counts cannot be reached now: results are not in the order of views"

# Marking an article takes about a millisecond, as long as the whole search; many readers ask the same at once.
_KEEP_HIGHLIGHTS: Final = timedelta(minutes=1)
# Of some two kilobytes each.
_MOST_HIGHLIGHTS: Final = 4_000


class SearchArticles:
    def __init__(
        self,
        index: ArticleReader,
        popularity: Popularity,
        metrics: ApiMetrics,
        *,
        engine: Callable[[], str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._index = index
        self._popularity = popularity
        self._metrics = metrics
        self._engine = engine
        self._clock = clock
        self._marked: SingleFlightCache[tuple[str, int, HighlightTerms], MarkedText] = SingleFlightCache(
            _KEEP_HIGHLIGHTS, max_entries=_MOST_HIGHLIGHTS
        )

    def __call__(self, asked: SearchParameters) -> SearchAnswer:
        """Search, or browse by date when `q` has no words.

        Raises:
            QuerySyntaxError: `q` cannot be read.
            CursorError: the cursor cannot be continued.
            IndexUnavailableError: the engine is gone. Without the view counters it works, and a note says so.
        """
        started = time.perf_counter()
        now = self._clock()
        query = parse_query(asked.q, now=now)
        sort = asked.sort or (Sort.NEWEST if query.is_empty else Sort.RELEVANCE)
        hottest = {} if sort is Sort.NEWEST else self._popularity.hottest()
        page = self._search(
            SearchRequest(
                query=query,
                now=now,
                categories=tuple(asked.category),
                sources=tuple(asked.source),
                published_from=asked.published_from,
                published_to=asked.published_to,
                sort=sort,
                limit=asked.limit,
                cursor=asked.cursor,
                facets=asked.asked_facets(),
                collapse=asked.collapse,
                explain=asked.explain,
                hottest=hottest or {},
            )
        )
        counts = self._popularity.counts([hit.stored.article.id for hit in page.hits])
        notes = list(page.notes)
        if hottest is None or counts is None:
            notes.append(WITHOUT_VIEW_ORDER if sort is Sort.VIEWS and hottest is None else WITHOUT_VIEWS)
            self._metrics.without_views.inc()
        terms = highlight_terms(query, page.readings)
        marked = [self._highlights(hit.stored.article, terms) for hit in page.hits]
        return SearchAnswer(
            query=QueryReading(
                text=asked.q,
                read_as=page.read_as,
                did_you_mean=page.did_you_mean,
                notes=notes,
                readings={typed: list(words) for typed, words in page.readings.items()},
            ),
            sort=sort,
            total=Total(value=page.total, relation="eq" if page.total_is_exact else "gte"),
            results=[_result(hit, excerpts, counts) for hit, excerpts in zip(page.hits, marked, strict=True)],
            facets=_facets(page.facets),
            next=page.next_cursor,
            engine=self._engine(),
            took_ms=round((time.perf_counter() - started) * 1000, 1),
        )

    def _highlights(self, article: Article, terms: HighlightTerms) -> MarkedText:
        return self._marked.get((article.id, article.version, terms), lambda: highlight(article, terms))

    def _search(self, request: SearchRequest) -> SearchPage:
        started = time.perf_counter()
        page = self._index.search(request)
        self._metrics.search_seconds.observe(time.perf_counter() - started)
        if not page.hits:
            outcome = "nothing"
        else:
            outcome = "found" if page.read_as in {ReadAs.EVERYTHING, ReadAs.ALL_WORDS} else "relaxed"
        self._metrics.searches.labels(outcome).inc()
        return page


def _result(hit: Hit, marked: MarkedText, counts: Mapping[str, ViewCounts] | None) -> SearchResult:
    article = hit.stored.article
    views = None
    if counts is not None:
        views = ViewNumbers(counted=counts[article.id].counted, raw=counts[article.id].raw)
    return SearchResult(
        id=article.id,
        title=article.title,
        lead=article.lead,
        url=article.url,
        category=article.category,
        byline=article.byline,
        sources=list(article.sources),
        image=article.image,
        published_at=article.published_at,
        score=round(hit.score, 4),
        highlights=Highlights(title=marked.title, body=list(marked.body)),
        views=views,
        copies=hit.stored.copies,
        explanation=dict(hit.explanation) if hit.explanation is not None else None,
    )


def _facets(facets: Facets) -> FacetCounts:
    return FacetCounts(
        category=_values(facets.category),
        source=_values(facets.source),
        date=None if facets.date is None else [DateCount(start=one.start, count=one.count) for one in facets.date],
    )


def _values(counts: tuple[FacetCount, ...] | None) -> list[ValueCount] | None:
    return None if counts is None else [ValueCount(value=one.value, count=one.count) for one in counts]
