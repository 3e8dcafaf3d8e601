"""Every setting of every service, from the settings classes themselves: for `khobor settings` and the docs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from services.api.settings import ApiSettings
from services.cli.settings import CliSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings

SERVICES: Final[Mapping[str, type[BaseSettings]]] = {
    "ingest": IngestSettings,
    "indexer": IndexerSettings,
    "api": ApiSettings,
    "cli": CliSettings,
}


_HEAD: Final = """\
# Configuration

Every process reads its settings from the environment, once, at its start. `khobor settings` prints this list.
Durations are seconds or ISO 8601 (`PT5S`); lists are JSON (`["https://news.example"]`). The local stack sets what it
needs by itself and keeps its secrets in `.khobor/secrets.env`.

| setting | default | used by | meaning |
|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Setting:
    """`default` is None for a setting that must be given."""

    name: str
    default: str | None
    description: str
    services: tuple[str, ...]
    secret: bool


def all_settings() -> list[Setting]:
    """In the order in which the classes declare them, shared ones first."""
    users: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for service, settings in SERVICES.items():
        for name, field in settings.model_fields.items():
            users.setdefault(name, []).append(service)
            fields.setdefault(name, field)
    settings_list = [
        Setting(
            name=f"KHOBOR_{name.upper()}",
            default=None if field.is_required() else _shown(field.get_default(call_default_factory=True)),
            description=field.description or "",
            services=tuple(users[name]),
            secret="SecretStr" in str(field.annotation),
        )
        for name, field in fields.items()
    ]
    return sorted(settings_list, key=lambda setting: -len(setting.services))


def as_markdown() -> str:
    """docs/configuration.md, whole."""
    return "\n".join(_markdown_lines()) + "\n"


def as_env_example() -> str:
    """.env.example, whole: every setting commented out at its default."""
    lines = ["# Every setting at its default; docs/configuration.md says more. Secrets have none: set them."]
    for setting in all_settings():
        lines.extend(["", f"# {setting.description} ({', '.join(setting.services)})"])
        lines.append(f"#{setting.name}={'' if setting.secret else setting.default or ''}")
    return "\n".join(lines) + "\n"


def _markdown_lines() -> Iterator[str]:
    yield _HEAD
    for setting in all_settings():
        default = "*required*" if setting.default is None else f"`{setting.default}`" if setting.default else ""
        description = setting.description.replace("|", "\\|")
        yield f"| `{setting.name}` | {default} | {', '.join(setting.services)} | {description} |"


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case timedelta():
            return f"{value.total_seconds():g}"
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case list() | tuple():
            return "[" + ", ".join(f'"{item}"' for item in value) + "]"
        case _:
            return str(value)
