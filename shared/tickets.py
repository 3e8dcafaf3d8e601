"""Celery carries work, never events: the names of the tasks and queues, and the settings of every Celery process.

A ticket says "drain this partition" and nothing else. Losing one, doubling one or getting one late costs latency
only, because the journal keeps the events and the schedule rings for every stream that is not empty.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import structlog
from celery import Celery
from kombu.exceptions import KombuError

from shared.broker_connections import TicketsAMQP
from shared.journal.model import StreamId
from shared.keys import StreamKind

_log = structlog.get_logger(__name__)

DRAIN_ARTICLES: Final = "khobor.drain_articles"
DRAIN_BACKFILL: Final = "khobor.drain_backfill"
DRAIN_VIEWS: Final = "khobor.drain_views"
RING_DOORBELLS: Final = "khobor.ring_doorbells"
MAKE_SEARCHABLE: Final = "khobor.make_searchable"

ARTICLES_QUEUE: Final = "articles"
BACKFILL_QUEUE: Final = "backfill"
VIEWS_QUEUE: Final = "views"
SCHEDULE_QUEUE: Final = "schedule"

# A queue of its own per kind of work: an index that is down cannot keep views from being counted.
QUEUE_OF: Final[Mapping[str, str]] = {
    DRAIN_ARTICLES: ARTICLES_QUEUE,
    DRAIN_BACKFILL: BACKFILL_QUEUE,
    DRAIN_VIEWS: VIEWS_QUEUE,
    RING_DOORBELLS: SCHEDULE_QUEUE,
    MAKE_SEARCHABLE: SCHEDULE_QUEUE,
}
_DRAIN_OF: Final[Mapping[StreamKind, str]] = {
    StreamKind.ARTICLES: DRAIN_ARTICLES,
    StreamKind.BACKFILL: DRAIN_BACKFILL,
    StreamKind.VIEWS: DRAIN_VIEWS,
}

# Tickets pile up while no worker runs; an old one is worthless since the schedule makes new ones every second. The
# worker's clock decides, so this is also how far it may be ahead of the sender's.
TICKET_LIFETIME: Final = timedelta(seconds=30)
LONGEST_RING: Final = timedelta(seconds=1)

_REDIS_OPTIONS: Final[Mapping[str, Any]] = {
    # Seconds that a ticket may be worked on before Redis hands it out again: well over a drain's budget.
    "visibility_timeout": 60,
    # kombu's default looks for lost tickets every 100 s, whatever the visibility timeout says.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # Seconds that a worker waits for a ticket before it looks whether it is to stop; kombu's default is one.
    "polling_interval": 0.25,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Without it a producer tries for ever to reach a broker that is down.
    "max_retries": 0,
}
_AMQP_OPTIONS: Final[Mapping[str, Any]] = {
    # py-amqp's default lets a message be lost between the socket and the queue.
    "confirm_publish": True,
    "max_retries": 0,
}


def celery_producer(broker_url: str, *, name: str = "khobor") -> Celery:
    """The Celery application that doors, workers, beat and flower share; opens no connection.

    Workers add their tasks and their schedule to it. The reason for each setting stands beside it; what is not
    named here is Celery's default.
    """
    is_amqp = _scheme(broker_url) in {"amqp", "amqps", "pyamqp"}
    broker_url, broker_options = (broker_url, _AMQP_OPTIONS) if is_amqp else _redis_broker(broker_url)
    app = Celery(name, broker=broker_url, amqp=TicketsAMQP, set_as_current=False)
    app.conf.update(
        # Nobody asks a ticket for its result, and result backends leak keys in long-lived producers.
        result_backend=None,
        task_ignore_result=True,
        # Unpickling what a broker hands out would run its code.
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        # Tickets are idempotent: acknowledge after the work, hold one at a time, and never redeliver in a loop.
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        # A retry inside Celery doubles tickets and stalls the caller while the broker is down.
        task_publish_retry=False,
        broker_connection_timeout=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A Redis without memory or disk answers with an error instead of hanging up; without this the worker ends.
        broker_channel_error_retry=True,
        broker_transport_options=dict(broker_options),
        task_queues={
            queue: {
                "exchange": "khobor",
                "exchange_type": "direct",
                "routing_key": queue,
                "queue_arguments": {"x-queue-type": "quorum"} if is_amqp else None,
            }
            for queue in (ARTICLES_QUEUE, BACKFILL_QUEUE, VIEWS_QUEUE, SCHEDULE_QUEUE)
        },
        task_default_queue=SCHEDULE_QUEUE,
        task_create_missing_queues=False,
        task_routes={task: {"queue": queue} for task, queue in QUEUE_OF.items()},
        # Flower shows what runs; tickets are few, so their events are cheap. "Sent" events would cost the doors.
        worker_send_task_events=True,
        task_send_sent_event=False,
        # prefork hung on SIGTERM under load in 13 of 28 stops, threads in 0 of 23.
        worker_pool="threads",
        # Logging is set up once by the service's entry point.
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        enable_utc=True,
        timezone="UTC",
    )
    return app


def _scheme(broker_url: str) -> str:
    return broker_url.partition("://")[0].lower()


def _redis_broker(broker_url: str) -> tuple[str, Mapping[str, Any]]:
    """The URL that kombu takes, and the transport options.

    `sentinel://one:26379;sentinel://two:26379/1?master_name=khobor` names the master in its query, which kombu
    does not read from there.
    """
    if _scheme(broker_url) != "sentinel":
        return broker_url, _REDIS_OPTIONS
    query = parse_qs(urlsplit(broker_url.rpartition(";")[2]).query)
    plain = ";".join(part.partition("?")[0] for part in broker_url.split(";"))
    return plain, {**_REDIS_OPTIONS, "master_name": query.get("master_name", ["mymaster"])[0]}


class CeleryDoorbell:
    """Rings by sending a drain ticket.

    Tickets go out through one thread of its own, so that a broker that hangs holds the caller up for a second
    and no longer, and holds up one thread only.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")
        with app.connection_for_write() as connection:
            # Read from the transport's class; nothing is connected here.
            self._errors = (*connection.connection_errors, *connection.channel_errors, KombuError, OSError)

    def ring(self, stream: StreamId) -> None:
        """Send the ticket; a failure is logged and otherwise ignored, because the schedule repairs it."""
        try:
            sending = self._thread.submit(self._send, stream)
        except RuntimeError:
            self._report(stream, "the doorbell is closed")
            return
        try:
            sending.result(LONGEST_RING.total_seconds())
        except TimeoutError:
            sending.cancel()
            self._report(stream, f"no answer from the broker within {LONGEST_RING.total_seconds():g} s")
        except self._errors as error:
            self._report(stream, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Stop the thread; tickets that wait for a broker are dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send(self, stream: StreamId) -> None:
        self._app.send_task(
            _DRAIN_OF[stream.kind],
            args=(stream.partition,),
            expires=TICKET_LIFETIME.total_seconds(),
            retry=False,
        )

    def _report(self, stream: StreamId, reason: str) -> None:
        _log.warning("doorbell.failed", stream=str(stream.kind), partition=stream.partition, reason=reason)
