"""What the readers' door counts about its own work, beside the figures of HTTP."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class ApiMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.searches = Counter(
            "khobor_searches_total",
            "Searches answered; `outcome` is found, relaxed or nothing.",
            ["outcome"],
            registry=registry,
        )
        self.search_seconds = Histogram(
            "khobor_search_engine_seconds",
            "Time that the search engine took.",
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.without_views = Counter(
            "khobor_answers_without_views_total",
            "Answers given without view counts or popularity, because Redis could not be reached.",
            registry=registry,
        )
        self.unavailable = Counter(
            "khobor_dependency_unavailable_total",
            "Requests answered 503 because a dependency was gone.",
            ["dependency"],
            registry=registry,
        )
        self.live_listeners = Gauge(
            "khobor_live_listeners", "Listeners to live most-read lists now.", registry=registry
        )
        self.live_lists = Gauge("khobor_live_lists", "Most-read lists that are being watched now.", registry=registry)
