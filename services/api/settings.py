"""Settings of the readers' door."""

from datetime import timedelta

from pydantic import AnyHttpUrl, Field

from shared.settings import Duration, IndexSettings, JournalSettings


class ApiSettings(JournalSettings, IndexSettings):
    """Where it listens, how its readers reach it, how long its answers keep, and how much one reader may ask for."""

    api_host: str = Field("127.0.0.1", description="Address that the readers' door listens on.")
    api_port: int = Field(8000, ge=0, le=65_535, description="Port of the readers' door; 0: any free one.")
    api_url: AnyHttpUrl = Field(
        AnyHttpUrl("http://127.0.0.1:8000"),
        description="The readers' door as readers reach it; feeds and pages link to it.",
    )
    ingest_url: AnyHttpUrl | None = Field(
        None,
        description="The publishers' door as browsers reach it: the article page reports views there. Not set: no "
        "views are reported.",
    )
    api_cors_origins: tuple[str, ...] = Field(
        ("*",), description="Origins whose pages may read the API from a browser (JSON list); what it says is public."
    )
    search_cache: Duration = Field(
        timedelta(seconds=5), description="How long browsers and proxies may keep a page of results."
    )
    article_cache: Duration = Field(
        timedelta(seconds=30), description="How long browsers and proxies may keep an article."
    )
    most_read_cache: Duration = Field(
        timedelta(seconds=2), description="How long a most-read list is served before it is made anew."
    )
    hottest_cache: Duration = Field(
        timedelta(seconds=10), description="How long the most viewed articles of all time are kept for the ranking."
    )
    hottest_articles: int = Field(
        300, ge=0, le=2_000, description="So many of the most viewed articles get a boost in the ranking; 0: none."
    )
    stale_after: Duration = Field(
        timedelta(seconds=60), description="A most-read list is marked stale when the oldest waiting view is older."
    )
    live_interval: Duration = Field(
        timedelta(seconds=2), description="How often a list with listeners is looked at for changes."
    )
    live_heartbeat: Duration = Field(
        timedelta(seconds=15), description="How often listeners hear from us when no list changes."
    )
    live_clients: int = Field(
        500, ge=0, le=100_000, description="Listeners to live lists at a time; more are answered 503."
    )
    api_threads: int = Field(
        16, ge=1, le=256, description="Requests that wait for the index or for Redis at a time; more queue up."
    )
    api_drain: Duration = Field(
        timedelta(seconds=10), description="How long requests under way may take after a stop was asked for."
    )
