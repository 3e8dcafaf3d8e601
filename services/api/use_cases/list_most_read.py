"""The most-read lists: ranked by the view counters, described by the search index."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.api.answers import MostReadAnswer, MostReadItem, WindowViews
from services.api.parameters import MAX_LIMIT, MostReadParameters
from services.api.ports import BacklogReader
from services.api.single_flight import SingleFlightCache
from shared.bengali.date_lines import DHAKA
from shared.events import Article
from shared.keys import StreamKind
from shared.search.model import Lookup
from shared.search.ports import ArticleReader
from shared.views.model import ListKind, MostRead, RankedArticle, Window
from shared.views.ports import ViewReader

# Lists are made in two lengths and cut: fewer to keep, and more readers share each.
_SHORT: Final = 20
# Asked for beyond what is wanted, so that articles which cannot be shown do not cost a second round.
_SPARE: Final = 20
# Past so many that cannot be shown, a shorter list is honest.
_DEEPEST: Final = 2_000
# Articles whose age corrects the rising list; what rises is among the most read of the last hour.
_RISING_CANDIDATES: Final = 200


class EmptyReason(StrEnum):
    """Why a list is empty."""

    NO_VIEWS = "no views have been counted in this window yet"
    NOT_SHOWN = "views were counted, but of no article that is published and searchable now"
    NOTHING_RISES = "no article is being read faster than before"
    NO_VIEWS_IN_CATEGORY = "no views have been counted in this category and window yet"
    UNKNOWN_CATEGORY = "no published article has this category"


class ListMostRead:
    """Makes each list at most once per `keep_for`, however many ask."""

    def __init__(
        self,
        *,
        index: ArticleReader,
        views: ViewReader,
        backlogs: BacklogReader,
        keep_for: timedelta,
        stale_after: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._index = index
        self._views = views
        self._backlogs = backlogs
        self._stale_after = stale_after
        self._clock = clock
        self._cache: SingleFlightCache[MostReadParameters, MostReadAnswer] = SingleFlightCache(
            keep_for, max_entries=256
        )

    def __call__(self, wanted: MostReadParameters) -> MostReadAnswer:
        """Raises IndexUnavailableError and JournalUnavailableError: without titles, or counts, it is no list."""
        made = wanted.model_copy(update={"limit": _SHORT if wanted.limit <= _SHORT else MAX_LIMIT})
        answer = self._cache.get(made, lambda: self._make(made))
        return answer.model_copy(update={"items": answer.items[: wanted.limit]})

    def _make(self, wanted: MostReadParameters) -> MostReadAnswer:
        now = self._clock()
        listed, shown = self._shown(wanted, now)
        items = [_item(rank, ranked, article, now) for rank, (ranked, article) in enumerate(shown, start=1)]
        return MostReadAnswer(
            window=wanted.window,
            kind=wanted.kind,
            category=wanted.category,
            as_of=listed.as_of.astimezone(DHAKA).replace(microsecond=0),
            stale=self._is_stale(),
            counted_views=round(listed.counted_views),
            items=items,
            reason=None if items else self._why_empty(wanted, listed),
        )

    def _shown(self, wanted: MostReadParameters, now: datetime) -> tuple[MostRead, list[tuple[RankedArticle, Article]]]:
        """The first articles of the ranking that can be shown; those that cannot leave no gap."""
        known: dict[str, Article | None] = {}
        published_at = self._ages(wanted, now, known) if wanted.kind is ListKind.RISING else None
        depth = wanted.limit + _SPARE
        while True:
            listed = self._views.most_read(
                window=wanted.window,
                kind=wanted.kind,
                category=wanted.category,
                limit=depth,
                now=now,
                published_at=published_at,
            )
            self._look_up([ranked.article_id for ranked in listed.articles], known)
            shown = [
                (ranked, article) for ranked in listed.articles if (article := known[ranked.article_id]) is not None
            ]
            if len(shown) >= wanted.limit or len(listed.articles) < depth or depth >= _DEEPEST:
                return listed, shown[: wanted.limit]
            depth = min(depth * 4, _DEEPEST)

    def _ages(self, wanted: MostReadParameters, now: datetime, known: dict[str, Article | None]) -> dict[str, datetime]:
        candidates = self._views.most_read(
            window=Window.HOUR, kind=ListKind.TOP, category=wanted.category, limit=_RISING_CANDIDATES, now=now
        )
        self._look_up([ranked.article_id for ranked in candidates.articles], known)
        return {article_id: article.published_at for article_id, article in known.items() if article is not None}

    def _look_up(self, article_ids: Sequence[str], known: dict[str, Article | None]) -> None:
        unknown = [article_id for article_id in article_ids if article_id not in known]
        if unknown:
            results = self._index.get_many(unknown)
            for article_id in unknown:
                result = results.get(article_id)
                found = result is not None and result.state is Lookup.FOUND and result.stored is not None
                known[article_id] = result.stored.article if found and result and result.stored else None

    def _is_stale(self) -> bool:
        return any(
            backlog.stream.kind is StreamKind.VIEWS and backlog.oldest_age_seconds > self._stale_after.total_seconds()
            for backlog in self._backlogs.backlogs()
        )

    def _why_empty(self, wanted: MostReadParameters, listed: MostRead) -> EmptyReason:
        if listed.articles:
            return EmptyReason.NOT_SHOWN
        if wanted.category is not None:
            categories = {category.value for category in self._index.stats().categories}
            if wanted.category not in categories:
                return EmptyReason.UNKNOWN_CATEGORY
        if wanted.kind is ListKind.RISING and listed.counted_views >= 1:
            return EmptyReason.NOTHING_RISES
        return EmptyReason.NO_VIEWS if wanted.category is None else EmptyReason.NO_VIEWS_IN_CATEGORY


def _item(rank: int, ranked: RankedArticle, article: Article, now: datetime) -> MostReadItem:
    return MostReadItem(
        rank=rank,
        id=article.id,
        title=article.title,
        url=article.url,
        category=article.category,
        published_at=article.published_at,
        age_hours=round((now - article.published_at) / timedelta(hours=1), 1),
        views=WindowViews(window=round(ranked.window_views, 1), counted=ranked.counts.counted, raw=ranked.counts.raw),
    )
