"""The use cases of one application, put together from its settings and ports."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from services.api.answers import MostReadAnswer
from services.api.live_lists import LiveLists
from services.api.metrics import ApiMetrics
from services.api.parameters import ListScope, MostReadParameters
from services.api.ports import ApiPorts
from services.api.settings import ApiSettings
from services.api.use_cases.list_most_read import ListMostRead
from services.api.use_cases.popularity import Popularity
from services.api.use_cases.read_article import ListRelated, ReadArticle
from services.api.use_cases.report_stats import ReportStats
from services.api.use_cases.search_articles import SearchArticles
from services.api.use_cases.suggest import Suggest

# A live list is as long as most-read boxes are.
_LIVE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Application:
    settings: ApiSettings
    ports: ApiPorts
    metrics: ApiMetrics
    search: SearchArticles
    suggest: Suggest
    read_article: ReadArticle
    list_related: ListRelated
    list_most_read: ListMostRead
    report_stats: ReportStats
    live_lists: LiveLists

    @property
    def public_url(self) -> str:
        """Without a slash at the end."""
        return str(self.settings.api_url).rstrip("/")

    @property
    def beacon_url(self) -> str | None:
        """Where the article page reports views."""
        return f"{str(self.settings.ingest_url).rstrip('/')}/v1/views" if self.settings.ingest_url else None


def build_application(settings: ApiSettings, ports: ApiPorts, registry: CollectorRegistry) -> Application:
    metrics = ApiMetrics(registry)
    popularity = Popularity(
        ports.views,
        hottest_articles=settings.hottest_articles,
        keep_hottest_for=settings.hottest_cache,
        metrics=metrics,
    )
    report_stats = ReportStats(ports.index, ports.backlogs, clock=ports.clock)
    list_most_read = ListMostRead(
        index=ports.index,
        views=ports.views,
        backlogs=ports.backlogs,
        keep_for=settings.most_read_cache,
        stale_after=settings.stale_after,
        clock=ports.clock,
    )

    def look(scope: ListScope) -> MostReadAnswer:
        return list_most_read(MostReadParameters(window=scope.window, category=scope.category, limit=_LIVE_LENGTH))

    return Application(
        settings=settings,
        ports=ports,
        metrics=metrics,
        search=SearchArticles(ports.index, popularity, metrics, engine=report_stats.engine, clock=ports.clock),
        suggest=Suggest(ports.index),
        read_article=ReadArticle(ports.index, popularity),
        list_related=ListRelated(ports.index),
        list_most_read=list_most_read,
        report_stats=report_stats,
        live_lists=LiveLists(
            look, interval=settings.live_interval, max_listeners=settings.live_clients, metrics=metrics
        ),
    )
