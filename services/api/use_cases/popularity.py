"""View counts as an addition to other answers: when they cannot be had, the answer is given without them."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from services.api.metrics import ApiMetrics
from services.api.single_flight import SingleFlightCache
from shared.views.model import ViewCounts
from shared.views.ports import ViewReader, ViewsUnavailableError

# After a failure, so long nobody else waits for the same time-out.
_PAUSE_SECONDS: Final = 2.0

Answer = TypeVar("Answer")

_log = structlog.get_logger(__name__)


class Popularity:
    """Asks the view counters, and gives None instead of an error while they are gone."""

    def __init__(
        self,
        views: ViewReader,
        *,
        hottest_articles: int,
        keep_hottest_for: timedelta,
        metrics: ApiMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._views = views
        self._hottest_articles = hottest_articles
        self._hottest: SingleFlightCache[None, dict[str, int]] = SingleFlightCache(keep_hottest_for, max_entries=1)
        self._metrics = metrics
        self._clock = clock
        self._resume_at = float("-inf")

    def hottest(self) -> Mapping[str, int] | None:
        """The most viewed articles of all time, for the ranking."""
        if not self._hottest_articles:
            return {}
        return self._ask(lambda: self._hottest.get(None, lambda: self._views.hottest(self._hottest_articles)))

    def counts(self, article_ids: Sequence[str]) -> Mapping[str, ViewCounts] | None:
        """Views by article; articles without views have zeros."""
        if not article_ids:
            return {}
        known = self._ask(lambda: self._views.counts(article_ids))
        if known is None:
            return None
        return {article_id: known.get(article_id, ViewCounts(0, 0)) for article_id in article_ids}

    def _ask(self, question: Callable[[], Answer]) -> Answer | None:
        if self._clock() < self._resume_at:
            return None
        try:
            return question()
        except ViewsUnavailableError as error:
            self._resume_at = self._clock() + _PAUSE_SECONDS
            _log.warning("views.unavailable", error=str(error))
            return None
