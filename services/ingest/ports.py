"""The concrete things that the door stands on; tests bring others."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import redis.asyncio
import structlog
from celery import Celery

from services.ingest.settings import IngestSettings
from shared.api_keys.ports import ApiKeyStore
from shared.api_keys.redis_store import RedisApiKeyStore
from shared.http.health import Check
from shared.journal.layout import check_layout
from shared.journal.ports import JournalAppender, JournalGauge, JournalUnavailableError, Trail
from shared.journal.redis_appender import RedisJournalAppender
from shared.journal.redis_trail import RedisTrail
from shared.keys import LAYOUT
from shared.redis_clients import REDIS_ERRORS, ask_each_server, connect, connect_async
from shared.tickets import CeleryDoorbell, celery_producer
from shared.views.days import utc_now

_log = structlog.get_logger(__name__)


async def _nothing() -> None:
    """For ports that hold nothing open."""


@dataclass(frozen=True, slots=True)
class IngestPorts:
    """`open` is for what is to be done before the first request, `close` gives back what is held open.

    `checks` name each dependency for `/readyz`; without the `optional_checks` events are taken all the same.
    """

    appender: JournalAppender
    gauge: JournalGauge
    trail: Trail
    api_keys: ApiKeyStore
    now: Callable[[], datetime] = utc_now
    checks: Mapping[str, Check] = field(default_factory=dict)
    optional_checks: Mapping[str, Check] = field(default_factory=dict)
    open: Callable[[], Awaitable[None]] = _nothing
    close: Callable[[], Awaitable[None]] = _nothing


def redis_ports(settings: IngestSettings) -> IngestPorts:
    """Ports on Redis; connections are opened on first use."""
    url = settings.redis_url.get_secret_value()
    blocking = connect(url, timeout=settings.redis_timeout, client_name="khobor-ingest")
    client = connect_async(url, timeout=settings.redis_timeout, client_name="khobor-ingest")
    producer = celery_producer(settings.broker())
    doorbell = CeleryDoorbell(producer)
    journal = RedisJournalAppender(client, doorbell, partitions=settings.partitions)

    async def close() -> None:
        await journal.close()
        doorbell.close()
        await client.aclose()
        blocking.close()

    return IngestPorts(
        appender=journal,
        gauge=journal,
        trail=RedisTrail(blocking, partitions=settings.partitions),
        api_keys=RedisApiKeyStore(blocking),
        checks={"journal": partial(_check_journal, client, settings.partitions)},
        optional_checks={"broker": partial(asyncio.to_thread, _check_broker, producer)},
        open=partial(_warn_unless_durable, client),
        close=close,
    )


async def _check_journal(client: redis.asyncio.Redis, partitions: int) -> None:
    """The journal can be written: it answers, has these partitions, and its last write to the disk went well."""
    found: Any = client.hgetall(LAYOUT)
    check_layout(await found, partitions)
    for persistence in await ask_each_server(client, "INFO", "persistence"):
        if persistence.get("aof_enabled") and persistence.get("aof_last_write_status") != "ok":
            raise JournalUnavailableError("the last write to the append-only file failed")


def _check_broker(producer: Celery) -> None:
    """Tickets get through; without them events wait for the schedule, which needs the broker as well."""
    with producer.connection_for_write() as connection:
        connection.connect()


async def _warn_unless_durable(client: redis.asyncio.Redis) -> None:
    """202 says "on disk", which is true when each write is synced before it is answered."""
    try:
        answers = await ask_each_server(client, "CONFIG GET", "appendonly", "appendfsync")
    except REDIS_ERRORS:
        # Away, or a server that does not show its configuration: readiness tells the one, operators know the other.
        return
    for found in answers:
        settings = {_text(name): _text(value) for name, value in found.items()}
        if settings != {"appendonly": "yes", "appendfsync": "always"}:
            _log.warning("journal.not_durable", **settings)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
