"""The one place that puts the indexer together: use cases, adapters, Celery tasks, schedule."""

import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog
from celery import Celery
from celery.signals import worker_shutting_down
from prometheus_client import CollectorRegistry

from services.indexer.burial import Burial
from services.indexer.circuit import RedisCircuit
from services.indexer.drain_articles import DrainArticles
from services.indexer.drain_backfill import DrainBackfill
from services.indexer.drain_views import DrainViews
from services.indexer.grouped_writer import GroupedArticleWriter
from services.indexer.lease import LeaseKeeper, Steps, Turn
from services.indexer.metrics import CircuitCollector, IndexerMetrics, JournalCollector
from services.indexer.ring_doorbells import RingDoorbells
from services.indexer.settings import IndexerSettings
from shared.journal.model import StreamId
from shared.journal.ports import JournalUnavailableError
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_drain import RedisJournalDrain
from shared.journal.redis_trail import RedisTrail
from shared.keys import StreamKind
from shared.metrics import process_registry
from shared.redis_clients import connect
from shared.search.opening import open_writer
from shared.tickets import (
    DRAIN_ARTICLES,
    DRAIN_BACKFILL,
    DRAIN_VIEWS,
    MAKE_SEARCHABLE,
    RING_DOORBELLS,
    TICKET_LIFETIME,
    CeleryDoorbell,
    celery_producer,
)
from shared.views.redis_counter import RedisViewCounter

# How long an event may wait when its ticket was lost.
_RING_EVERY: Final = timedelta(seconds=1)
# How long an article may wait when its worker died between the document store and the index.
_MAKE_SEARCHABLE_EVERY: Final = timedelta(seconds=5)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Indexer:
    """What the tasks call."""

    drain_articles: DrainArticles
    drain_backfill: DrainBackfill
    drain_views: DrainViews
    ring_doorbells: RingDoorbells
    registry: CollectorRegistry


def build_celery(settings: IndexerSettings) -> Celery:
    """The Celery application without its tasks, as beat and flower need it; opens no connection."""
    app = celery_producer(settings.broker())
    app.conf.beat_schedule = {
        task: {"task": task, "schedule": every, "options": {"expires": TICKET_LIFETIME.total_seconds()}}
        for task, every in ((RING_DOORBELLS, _RING_EVERY), (MAKE_SEARCHABLE, _MAKE_SEARCHABLE_EVERY))
    }
    return app


def build_indexer(settings: IndexerSettings, app: Celery) -> Indexer:
    """Every adapter of a worker; opens the index, and connects to Redis on first use."""
    client = connect(
        settings.redis_url.get_secret_value(),
        timeout=settings.redis_timeout,
        client_name=f"khobor-worker@{socket.gethostname()}",
    )
    registry = process_registry()
    metrics = IndexerMetrics(registry)
    doorbell = CeleryDoorbell(app)
    journal = RedisJournalDrain(client, partitions=settings.partitions)
    dead_letters = RedisDeadLetterOffice(client, doorbell, partitions=settings.partitions)
    registry.register(JournalCollector(journal.backlogs, dead_letters.count))
    circuit = RedisCircuit(client, random_source=random.SystemRandom())
    registry.register(CircuitCollector(circuit))
    turn = Turn(
        journal,
        doorbell,
        LeaseKeeper(journal, monotonic=time.monotonic),
        Steps(),
        budget=settings.drain_budget,
        monotonic=time.monotonic,
        is_stopping=_stop_signal().is_set,
    )
    burial = Burial(journal, metrics, max_deliveries=settings.max_deliveries)
    writer = open_writer(settings)
    drain_into = partial(
        DrainArticles,
        journal=journal,
        turn=turn,
        trail=RedisTrail(client, partitions=settings.partitions),
        circuit=circuit,
        burial=burial,
        metrics=metrics,
        now=_now,
    )
    return Indexer(
        drain_articles=drain_into(writer=GroupedArticleWriter(writer, interval=settings.article_interval)),
        drain_backfill=DrainBackfill(
            journal=journal,
            # Live articles share no batch with what may wait.
            drain_articles=drain_into(writer=writer),
            batch=settings.backfill_batch,
            budget=settings.drain_budget,
        ),
        drain_views=DrainViews(
            turn=turn,
            counter=RedisViewCounter(client),
            burial=burial,
            metrics=metrics,
            now=_now,
            batch=settings.view_batch,
        ),
        ring_doorbells=RingDoorbells(journal=journal, doorbell=doorbell),
        registry=registry,
    )


def add_tasks(app: Celery, indexer: Indexer, settings: IndexerSettings) -> None:
    """Register the tasks; each calls one use case. When the journal is away they end: the schedule rings again."""

    @app.task(name=DRAIN_ARTICLES)
    def drain_articles(partition: int) -> None:
        stream = StreamId(StreamKind.ARTICLES, partition)
        _run(indexer.drain_articles.run, stream, settings.article_batch)

    @app.task(name=DRAIN_BACKFILL)
    def drain_backfill(partition: int) -> None:
        _run(indexer.drain_backfill.run, partition)

    @app.task(name=DRAIN_VIEWS)
    def drain_views(partition: int) -> None:
        _run(indexer.drain_views.run, partition)

    @app.task(name=RING_DOORBELLS)
    def ring_doorbells() -> None:
        _run(indexer.ring_doorbells.run)

    @app.task(name=MAKE_SEARCHABLE)
    def make_searchable() -> None:
        _run(indexer.drain_articles.make_searchable)


def _run(use_case: Callable[..., object], *arguments: object) -> None:
    try:
        use_case(*arguments)
    except JournalUnavailableError as error:
        _log.warning("journal.unavailable", error=str(error))


def _stop_signal() -> threading.Event:
    """Set as soon as the worker is told to stop; Celery itself only waits for tasks to end."""
    stopping = threading.Event()
    # Celery would forget a function that nobody else holds.
    worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    return stopping


def _now() -> datetime:
    return datetime.now(UTC)
