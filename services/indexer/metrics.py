"""What the worker counts, and what it tells about the journal when it is asked."""

from collections.abc import Callable, Iterable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.indexer.circuit import Circuit
from shared.journal.model import Backlog
from shared.journal.ports import JournalUnavailableError

_LATENCY_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)

_log = structlog.get_logger(__name__)


class IndexerMetrics:
    """Counters of one worker process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.articles = Counter(
            "khobor_articles_total",
            "Article events settled by this worker, by outcome; each by one worker.",
            ["outcome"],
            registry=registry,
        )
        self.views = Counter("khobor_views_total", "Views settled, by outcome.", ["outcome"], registry=registry)
        self.dead_letters = Counter(
            "khobor_dead_lettered_total", "Events sent to the dead letters.", ["stream"], registry=registry
        )
        self.index_failures = Counter(
            "khobor_index_failures_total", "Times the circuit to the search index opened.", registry=registry
        )
        self.searchable_seconds = Histogram(
            "khobor_article_searchable_seconds",
            "From the journal to being searchable.",
            ["stream"],
            registry=registry,
            buckets=_LATENCY_BUCKETS,
        )
        self.counted_seconds = Histogram(
            "khobor_view_counted_seconds",
            "From the journal to being counted.",
            registry=registry,
            buckets=_LATENCY_BUCKETS,
        )


class JournalCollector(Collector):
    """Reads the journal's state at each scrape; one alert matters above all: the age of the oldest entry."""

    def __init__(self, backlogs: Callable[[], list[Backlog]], dead_letters: Callable[[], int]) -> None:
        self._backlogs = backlogs
        self._dead_letters = dead_letters

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Empty: registering must not talk to Redis."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        entries = GaugeMetricFamily(
            "khobor_journal_entries", "Entries not applied yet.", labels=["stream", "partition"]
        )
        oldest = GaugeMetricFamily(
            "khobor_journal_oldest_seconds", "Age of the oldest entry not applied yet.", labels=["stream", "partition"]
        )
        pending = GaugeMetricFamily(
            "khobor_journal_pending", "Entries handed to a worker and not settled.", labels=["stream", "partition"]
        )
        dead = GaugeMetricFamily("khobor_dead_letters", "Events in the dead letters.")
        up = GaugeMetricFamily("khobor_journal_up", "1 when the journal answers.")
        try:
            for backlog in self._backlogs():
                labels = [backlog.stream.kind, str(backlog.stream.partition)]
                entries.add_metric(labels, backlog.entries)
                oldest.add_metric(labels, backlog.oldest_age_seconds)
                pending.add_metric(labels, backlog.pending)
            dead.add_metric([], self._dead_letters())
        except JournalUnavailableError as error:
            _log.warning("metrics.journal_unavailable", error=str(error))
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [entries, oldest, pending, dead, up]


class CircuitCollector(Collector):
    """Tells at each scrape whether workers leave the index alone; the circuit is one for all of them."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Empty: registering must not talk to Redis."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        is_open = GaugeMetricFamily(
            "khobor_index_circuit_open", "1 while no worker tries the search index, because it failed a moment ago."
        )
        try:
            is_open.add_metric([], int(self._circuit.open_reason() is not None))
        except JournalUnavailableError as error:
            _log.warning("metrics.journal_unavailable", error=str(error))
            return []
        return [is_open]
