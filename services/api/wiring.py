"""Connects the readers' door to the real index and the real Redis."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

from services.api.index_guard import GuardedIndex
from services.api.ports import ApiPorts
from services.api.settings import ApiSettings
from shared.api_keys.authenticate import Authenticator
from shared.api_keys.redis_store import RedisApiKeyStore
from shared.journal.layout import check_layout
from shared.journal.redis_drain import RedisJournalDrain
from shared.keys import LAYOUT
from shared.redis_clients import connect
from shared.search.opening import open_reader
from shared.views.redis_reader import RedisViewReader

# Readers wait for view counts no longer than this: search works without.
_LONGEST_REDIS_TIMEOUT: Final = timedelta(seconds=1)


def connect_ports(settings: ApiSettings) -> ApiPorts:
    """Connections are opened when they are first used, so this works while the others are still starting."""
    client = connect(
        settings.redis_url.get_secret_value(),
        timeout=min(settings.redis_timeout, _LONGEST_REDIS_TIMEOUT),
        client_name="khobor-api",
    )
    index = GuardedIndex(open_reader(settings))

    async def index_answers() -> None:
        await asyncio.to_thread(index.ping)

    async def redis_answers() -> None:
        found: Any = await asyncio.to_thread(client.hgetall, LAYOUT)
        check_layout(found, settings.partitions)

    async def close() -> None:
        await asyncio.to_thread(client.close)

    return ApiPorts(
        index=index,
        views=RedisViewReader(client, partitions=settings.partitions),
        backlogs=RedisJournalDrain(client, partitions=settings.partitions, now=_now),
        authenticator=Authenticator(RedisApiKeyStore(client), now=_now, monotonic=monotonic),
        clock=_now,
        required_checks={"index": index_answers},
        optional_checks={"redis": redis_answers},
        close=close,
    )


def _now() -> datetime:
    return datetime.now(UTC)
