"""Settings of the command line: which stack it talks to, and the local stack it can start."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import IndexSettings, JournalSettings

# Written by `khobor up`; the environment goes before them.
STACK_ENV = "stack.env"
SECRETS_ENV = "secrets.env"


class CliSettings(JournalSettings, IndexSettings):
    """What a command needs to reach the services; `khobor up` writes it down for the local stack."""

    model_config = SettingsConfigDict(env_prefix="KHOBOR_", frozen=True, extra="ignore", env_file_encoding="utf-8")

    home: Path = Field(Path(".khobor"), description="Folder of the local stack: data, logs, secrets.")
    ingest_url: AnyHttpUrl = Field(AnyHttpUrl("http://127.0.0.1:8001"), description="The publishers' door.")
    api_url: AnyHttpUrl = Field(AnyHttpUrl("http://127.0.0.1:8000"), description="The readers' door.")
    api_key: SecretStr | None = Field(None, description="Key that the command line publishes with.")


def read_settings(home: Path) -> CliSettings:
    """The environment, and below it what the local stack in `home` wrote down."""
    return CliSettings(_env_file=(home / STACK_ENV, home / SECRETS_ENV), home=home)
