"""What the publishers' door counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.journal.model import AppendResult
from shared.keys import StreamKind


class IngestMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "khobor_ingest_events_total",
            "Events taken to the journal, by stream and by whether they were new.",
            ["stream", "outcome"],
            registry=registry,
        )
        self.refused = Counter(
            "khobor_ingest_refused_requests_total",
            "Requests refused with nothing accepted, by the kind of problem.",
            ["reason"],
            registry=registry,
        )
        self.commit_events = Histogram(
            "khobor_ingest_commit_events",
            "Events that went into the journal with one append.",
            registry=registry,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
        )
        self.commit_seconds = Histogram(
            "khobor_ingest_commit_seconds",
            "Time of one round trip to the journal.",
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.commit_retries = Counter(
            "khobor_ingest_commit_retries_total",
            "Appends repeated because their outcome was uncertain.",
            registry=registry,
        )
        self.journal_entries = Gauge(
            "khobor_journal_entries", "Entries not applied yet, over all partitions.", ["stream"], registry=registry
        )
        self.journal_memory = Gauge(
            "khobor_journal_memory_bytes", "Memory that the journal's server uses.", registry=registry
        )
        self.over_high_water = Gauge(
            "khobor_ingest_over_high_water",
            "1 while events of this stream are refused because the journal is too full.",
            ["stream"],
            registry=registry,
        )
        self.rate_limiter_failures = Counter(
            "khobor_ingest_rate_limiter_failures_total",
            "Requests let through because the rate limiter's store could not be reached.",
            registry=registry,
        )
        for kind in StreamKind:
            # Series that exist from the start can be alerted on.
            self.over_high_water.labels(kind).set(0)
            self.journal_entries.labels(kind).set(0)
        self._appended = {
            kind: (self.events.labels(kind, "accepted"), self.events.labels(kind, "duplicate")) for kind in StreamKind
        }

    def count_append(self, kind: StreamKind, result: AppendResult) -> None:
        """What one append did."""
        accepted, duplicates = self._appended[kind]
        accepted.inc(result.accepted)
        duplicates.inc(result.duplicates)
        self.commit_events.observe(result.accepted + result.duplicates)
