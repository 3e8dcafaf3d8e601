"""How the index is, and how far behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from services.api.answers import CategoriesAnswer, StatsAnswer, StreamBacklog, ValueCount
from services.api.ports import BacklogReader
from services.api.single_flight import SingleFlightCache
from shared.bengali.date_lines import DHAKA
from shared.journal.model import Backlog
from shared.journal.ports import JournalUnavailableError
from shared.keys import StreamKind
from shared.search.model import IndexStats
from shared.search.ports import ArticleReader

# Counting a large index is not free, and nobody needs the number of this very moment.
_KEEP_STATS: Final = timedelta(seconds=2)

_log = structlog.get_logger(__name__)


class ReportStats:
    def __init__(
        self,
        index: ArticleReader,
        backlogs: BacklogReader,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._index = index
        self._backlogs = backlogs
        self._clock = clock
        self._engine: str | None = None
        self._stats: SingleFlightCache[None, IndexStats] = SingleFlightCache(_KEEP_STATS, max_entries=1)

    def engine(self) -> str:
        """The name of the search engine, which never changes while the process runs."""
        if self._engine is None:
            self._engine = self._index_stats().engine
        return self._engine

    def categories(self) -> CategoriesAnswer:
        """Raises IndexUnavailableError."""
        return CategoriesAnswer(
            categories=[ValueCount(value=one.value, count=one.count) for one in self._index_stats().categories]
        )

    def stats(self) -> StatsAnswer:
        """Raises IndexUnavailableError; an unreachable journal is a part of the answer."""
        stats = self._index_stats()
        now = self._clock().astimezone(DHAKA).replace(microsecond=0)
        journal = self._journal(now)
        articles = journal[StreamKind.ARTICLES] if journal is not None else None
        return StatsAnswer(
            as_of=now,
            engine=stats.engine,
            articles=stats.articles,
            retracted=stats.retracted,
            categories=len(stats.categories),
            analyzer_version=stats.analyzer_version,
            not_searchable_yet=stats.waiting,
            index_lag_seconds=articles.oldest_age_seconds if articles is not None else None,
            oldest_unindexed_event=articles.oldest_at if articles is not None else None,
            journal={str(kind): backlog for kind, backlog in journal.items()} if journal is not None else None,
        )

    def _index_stats(self) -> IndexStats:
        return self._stats.get(None, self._index.stats)

    def _journal(self, now: datetime) -> dict[StreamKind, StreamBacklog] | None:
        try:
            backlogs = self._backlogs.backlogs()
        except JournalUnavailableError as error:
            _log.warning("journal.unavailable", error=str(error))
            return None
        return {kind: _sum([one for one in backlogs if one.stream.kind is kind], now) for kind in StreamKind}


def _sum(backlogs: list[Backlog], now: datetime) -> StreamBacklog:
    waiting = sum(backlog.entries for backlog in backlogs)
    oldest = max((backlog.oldest_age_seconds for backlog in backlogs), default=0.0)
    return StreamBacklog(
        waiting=waiting,
        oldest_at=now - timedelta(seconds=oldest) if waiting else None,
        oldest_age_seconds=round(oldest, 1),
    )
