"""Spares readers the wait for a search engine that does not answer."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import structlog

from shared.search.model import Completion, Hit, IndexStats, LookupResult, SearchPage, SearchRequest
from shared.search.ports import ArticleReader, IndexUnavailableError

# A failure that comes sooner costs nobody anything.
_SLOW_SECONDS: Final = 0.5
# One is an unlucky query; after as many in a row the engine is taken to be gone.
_IN_A_ROW: Final = 3
_PAUSE_SECONDS: Final = 2.0

_log = structlog.get_logger(__name__)


class GuardedIndex:
    """An ArticleReader that fails at once while its engine hangs.

    Each question to an engine that hangs holds a thread until its time limit, and there are 16 threads; soon every
    request would wait for a thread, and those that need no engine too. So after three slow failures in a row nobody
    asks for two seconds; then one question is the probe. `ping` is never held back. `monotonic` is a clock in seconds.
    """

    def __init__(self, index: ArticleReader, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._index = index
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._reason = ""
        self._closed_at = float("-inf")

    def search(self, request: SearchRequest) -> SearchPage:
        with self._asking():
            return self._index.search(request)

    def suggest(self, text: str, limit: int) -> list[Completion]:
        with self._asking():
            return self._index.suggest(text, limit)

    def related(self, article_id: str, limit: int) -> list[Hit]:
        with self._asking():
            return self._index.related(article_id, limit)

    def get(self, article_id: str) -> LookupResult:
        with self._asking():
            return self._index.get(article_id)

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        with self._asking():
            return self._index.get_many(article_ids)

    def stats(self) -> IndexStats:
        with self._asking():
            return self._index.stats()

    def ping(self) -> None:
        self._index.ping()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        began = self._monotonic()
        self._refuse_while_it_hangs(began)
        try:
            yield
        except IndexUnavailableError as error:
            if self._monotonic() - began >= _SLOW_SECONDS:
                self._failed_slowly(str(error))
            raise
        self._answered()

    def _refuse_while_it_hangs(self, now: float) -> None:
        with self._lock:
            if self._failures < _IN_A_ROW:
                return
            if now < self._closed_at + _PAUSE_SECONDS:
                raise IndexUnavailableError(f"not asked, for it has failed {self._failures} times: {self._reason}")
            # This one is the probe; meanwhile the others are refused as before.
            self._closed_at = now

    def _failed_slowly(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            self._reason = reason
            self._closed_at = self._monotonic()
            if self._failures == _IN_A_ROW:
                _log.warning("index.hangs", reason=reason, failures=self._failures)

    def _answered(self) -> None:
        if not self._failures:
            return
        with self._lock:
            hung = self._failures >= _IN_A_ROW
            self._failures = 0
        if hung:
            _log.info("index.answers_again")
