"""Settings of the publishers' door."""

from datetime import timedelta
from typing import Annotated, Self

import limits
from pydantic import BeforeValidator, ByteSize, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from shared.settings import Duration, Environment, JournalSettings, list_of_strings

_SHORTEST_SECRET = 32


class IngestSettings(JournalSettings):
    """What the door needs: where it listens, what it takes, and when it refuses."""

    ingest_host: str = Field("127.0.0.1", description="Address that the door listens on.")
    ingest_port: int = Field(8001, ge=0, le=65_535, description="Port that it listens on; 0: any free one.")
    ingest_shutdown_timeout: Duration = Field(
        timedelta(seconds=10), description="How long a stopping door waits for requests that are under way."
    )

    body_limit: ByteSize = Field(ByteSize(5_000_000), ge=1_000, description="Largest request body.")
    article_limit: ByteSize = Field(
        ByteSize(1_000_000), ge=1_000, description="Largest article, as sent to `PUT /v1/articles/{id}` or in an event."
    )
    batch_limit: int = Field(10_000, ge=1, le=100_000, description="Most events or views in one request.")
    body_timeout: Duration = Field(
        timedelta(seconds=30), description="How long a client may take to send its body before it is cut off."
    )

    viewer_secret: SecretStr = Field(
        description="Secret that reader hashes are salted with; the same on every ingest process, ≥ 32 characters."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(list_of_strings)] = Field(
        (),
        description="Origins of the pages that send views, separated by commas; `*` in a local stack only.",
    )
    views_rate: str = Field(
        "6000/minute",
        description="Views that one address may send without an API key, such as `100/second` or `6000/minute`.",
    )
    key_rate: str = Field(
        "6000000/minute",
        description="Events that one API key may send, unless `khobor keys create --rate` gave it another rate.",
    )
    rate_redis_url: SecretStr | None = Field(
        None, description="Redis that counts the rates of several ingest processes; default: each counts for itself."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="Proxies in front that append to X-Forwarded-For; 0: the header is not believed."
    )
    key_cache: Duration = Field(
        timedelta(seconds=5), description="How long a checked API key is remembered; a revocation takes that long."
    )

    commit_wait: Duration = Field(
        timedelta(milliseconds=2), description="How long the first event of an idle stream waits for others."
    )
    commit_queue_items: int = Field(
        50_000, ge=1, description="Events that may wait for the journal before requests are refused."
    )
    commit_queue_bytes: ByteSize = Field(ByteSize(64_000_000), ge=1, description="The same, in bytes.")
    commit_budget: Duration = Field(
        timedelta(seconds=5), description="How long an append is repeated before its requests are refused."
    )

    high_water_articles: int = Field(
        200_000, ge=1, description="Article events waiting to be applied at which more are refused."
    )
    low_water_articles: int = Field(150_000, ge=0, description="Waiting article events at which more are taken again.")
    high_water_backfill: int = Field(
        100_000, ge=1, description="Article events of priority `backfill` waiting at which more of them are refused."
    )
    low_water_backfill: int = Field(
        75_000, ge=0, description="Waiting events of priority `backfill` at which more are taken again."
    )
    high_water_views: int = Field(
        100_000, ge=1, description="Entries of views (≤ 500 views each) waiting at which more are refused."
    )
    low_water_views: int = Field(75_000, ge=0, description="Waiting entries of views at which more are taken again.")
    high_water_memory: ByteSize = Field(
        ByteSize(2_000_000_000), ge=1, description="Memory of the journal's Redis at which everything is refused."
    )
    low_water_memory: ByteSize = Field(
        ByteSize(1_800_000_000), ge=0, description="Memory of the journal's Redis at which more is taken again."
    )
    high_water_interval: Duration = Field(
        timedelta(milliseconds=500), gt=timedelta(0), description="How often the journal is asked how full it is."
    )
    retry_after: Duration = Field(
        timedelta(seconds=2), ge=timedelta(seconds=1), description="What `Retry-After` tells refused clients."
    )

    @field_validator("views_rate", "key_rate")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        limits.parse(value)
        return value

    @model_validator(mode="after")
    def _marks_in_order(self) -> Self:
        for name in ("articles", "backfill", "views", "memory"):
            if getattr(self, f"low_water_{name}") >= getattr(self, f"high_water_{name}"):
                raise ValueError(f"low_water_{name} must be below high_water_{name}")
        if self.article_limit > self.body_limit:
            raise ValueError("article_limit cannot be larger than body_limit")
        return self

    @model_validator(mode="after")
    def _safe_outside_local(self) -> Self:
        if self.environment is Environment.LOCAL:
            return self
        if len(self.viewer_secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"viewer_secret must have at least {_SHORTEST_SECRET} characters")
        if "*" in self.cors_origins:
            raise ValueError("cors_origins may be `*` in a local stack only: name the sites that send views")
        return self
