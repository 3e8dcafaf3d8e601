"""What the readers' door needs from outside; `wiring` connects the real ones."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.api_keys.authenticate import Authenticator
from shared.http.health import Check
from shared.journal.model import Backlog
from shared.search.ports import ArticleReader
from shared.views.ports import ViewReader


class BacklogReader(Protocol):
    """How much was accepted and is not applied yet."""

    def backlogs(self) -> list[Backlog]:
        """Raises JournalUnavailableError."""
        ...


async def _nothing() -> None:
    """Nothing to close."""


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """`checks` are for /readyz: without a required one no request can be answered, without the others a part."""

    index: ArticleReader
    views: ViewReader
    backlogs: BacklogReader
    authenticator: Authenticator
    clock: Callable[[], datetime]
    required_checks: Mapping[str, Check] = field(default_factory=dict)
    optional_checks: Mapping[str, Check] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] = _nothing
