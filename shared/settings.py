"""Settings that several services share; each service combines them into one class of its own.

Every setting is read from the environment with the prefix `KHOBOR_`; docs/configuration.md lists them all.
"""

import json
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AnyHttpUrl, AnyUrl, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.redis_urls import is_cluster


def _seconds(value: Any) -> Any:
    """Pydantic reads "5" from the environment as no duration at all."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]
"""A setting in seconds ("5", "0.25"), or as ISO 8601 ("PT5S")."""


def list_of_strings(value: object) -> object:
    """A JSON array, or what stands between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _addresses(value: object) -> object:
    return [str(value)] if isinstance(value, AnyUrl) else list_of_strings(value)


class Environment(StrEnum):
    LOCAL = "local"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class KhoborSettings(BaseSettings):
    """What every process needs to know."""

    # Faults in settings are printed at start-up; the offending values may be secrets.
    model_config = SettingsConfigDict(env_prefix="KHOBOR_", frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Environment = Field(
        Environment.PRODUCTION, description="`local` permits what is unsafe elsewhere; anything else is refused then."
    )
    log_format: LogFormat = Field(LogFormat.JSON, description="`console` for people, `json` for machines.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="The lowest level that is written."
    )


class JournalSettings(KhoborSettings):
    """Where the journal lies and how it is cut."""

    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis or Valkey that holds the journal, the counters and the keys; AOF must be `always`. "
        "A cluster: `redis+cluster://one:6379,two:6379`.",
    )
    broker_url: SecretStr | None = Field(
        None,
        description="Celery's broker: `redis://`, `sentinel://` or `amqp://`. Default: database 1 of the Redis above, "
        "which a cluster has not.",
    )
    partitions: int = Field(8, ge=1, le=64, description="Partitions of the journal; changing it needs a stopped stack.")
    redis_timeout: Duration = Field(
        timedelta(seconds=5), description="How long one Redis command may take, seconds or ISO 8601."
    )

    @model_validator(mode="after")
    def _a_broker_beside_a_cluster(self) -> Self:
        if is_cluster((self.broker_url or self.redis_url).get_secret_value()):
            raise ValueError("Celery's broker cannot be a Redis Cluster: set broker_url to another server")
        return self

    def broker(self) -> str:
        """The broker's URL, credentials included: never log it."""
        if self.broker_url is not None:
            return self.broker_url.get_secret_value()
        base, _, _database = self.redis_url.get_secret_value().rpartition("/")
        return f"{base}/1"


class SearchEngine(StrEnum):
    EMBEDDED = "embedded"
    ELASTICSEARCH = "elasticsearch"


class IndexSettings(KhoborSettings):
    """Which search engine, and where."""

    elasticsearch_url: Annotated[tuple[AnyHttpUrl, ...] | None, NoDecode, BeforeValidator(_addresses)] = Field(
        None,
        min_length=1,
        description="Elasticsearch 9: one node, or several of one cluster with commas between; a node that cannot be "
        "reached is passed over. When it is not set, the embedded index is used.",
    )
    elasticsearch_username: str | None = Field(None, description="User for basic authentication.")
    elasticsearch_password: SecretStr | None = Field(None, description="Password for basic authentication.")
    elasticsearch_api_key: SecretStr | None = Field(None, description="API key, instead of user and password.")
    elasticsearch_token: SecretStr | None = Field(
        None, description="Service token (bearer), instead of user and password."
    )
    elasticsearch_ca_file: Path | None = Field(None, description="CA certificate that signed the server's.")
    elasticsearch_timeout: Duration = Field(
        timedelta(seconds=5),
        description="How long one request of a worker may take, and the answer to one question of a reader.",
    )
    index_prefix: str = Field(
        "khobor", pattern="^[a-z][a-z0-9-]{0,40}$", description="Begin of every index and alias name."
    )
    index_shards: int = Field(1, ge=1, le=64, description="Primary shards of a new index.")
    index_replicas: int = Field(0, ge=0, le=8, description="Replicas of a new index.")
    index_refresh_interval: str = Field(
        "30s",
        pattern=r"^(\d+(ms|s)|-1)$",
        description="How often Elasticsearch refreshes by itself; workers refresh after each batch anyway.",
    )
    index_path: Path = Field(Path(".khobor/index"), description="Folder of the embedded index.")

    def with_engine(self, engine: SearchEngine) -> Self:
        """The same settings with this engine in use.

        Raises:
            ValueError: they do not say where Elasticsearch is.
        """
        if engine is SearchEngine.EMBEDDED:
            return self.model_copy(update={"elasticsearch_url": None})
        if self.elasticsearch_url is None:
            raise ValueError("KHOBOR_ELASTICSEARCH_URL is not set")
        return self

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        ways = [self.elasticsearch_api_key, self.elasticsearch_token, self.elasticsearch_password]
        if sum(way is not None for way in ways) > 1:
            raise ValueError("give one of elasticsearch_password, elasticsearch_api_key, elasticsearch_token")
        if (self.elasticsearch_username is None) != (self.elasticsearch_password is None):
            raise ValueError("elasticsearch_username and elasticsearch_password go together")
        return self
