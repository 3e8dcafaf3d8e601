"""Tickets on Celery: small, short-lived, in the right queue, and never a reason to wait."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery
from structlog.testing import capture_logs

from shared.journal.model import StreamId
from shared.keys import StreamKind
from shared.tickets import (
    ARTICLES_QUEUE,
    BACKFILL_QUEUE,
    DRAIN_ARTICLES,
    DRAIN_BACKFILL,
    DRAIN_VIEWS,
    QUEUE_OF,
    SCHEDULE_QUEUE,
    VIEWS_QUEUE,
    CeleryDoorbell,
    celery_producer,
)

VIEWS = StreamId(StreamKind.VIEWS, 3)


@pytest.fixture
def app() -> Iterator[Celery]:
    app = celery_producer("memory://")
    yield app
    for queue in (ARTICLES_QUEUE, BACKFILL_QUEUE, VIEWS_QUEUE, SCHEDULE_QUEUE):
        with app.connection_for_write() as connection, connection.SimpleQueue(queue) as simple:
            simple.clear()


@pytest.mark.parametrize(
    ("kind", "queue", "task"),
    [
        (StreamKind.VIEWS, VIEWS_QUEUE, DRAIN_VIEWS),
        (StreamKind.ARTICLES, ARTICLES_QUEUE, DRAIN_ARTICLES),
        (StreamKind.BACKFILL, BACKFILL_QUEUE, DRAIN_BACKFILL),
    ],
)
def test_a_ring_is_a_ticket_for_the_partition_in_the_queue_of_its_kind(
    app: Celery, kind: StreamKind, queue: str, task: str
) -> None:
    CeleryDoorbell(app).ring(StreamId(kind, 3))

    with app.connection_for_read() as connection, connection.SimpleQueue(queue) as simple:
        message = simple.get(timeout=1)
        arguments, _, _ = message.decode()
        assert message.headers["task"] == task
        assert arguments == [3]
        assert message.content_type == "application/json"
        assert message.headers["expires"] is not None
        assert simple.qsize() == 0, "one ring, one ticket"


def test_every_task_has_a_queue_of_the_application(app: Celery) -> None:
    assert set(QUEUE_OF.values()) == set(app.amqp.queues)
    for task, queue in QUEUE_OF.items():
        assert app.amqp.router.route({}, task)["queue"].name == queue


def test_a_task_in_an_unknown_queue_is_a_mistake_not_a_new_queue(app: Celery) -> None:
    with pytest.raises(Exception, match="nowhere"):
        app.send_task(DRAIN_VIEWS, args=(1,), queue="nowhere")


def test_nothing_is_kept_of_what_a_ticket_did(app: Celery) -> None:
    assert app.conf.result_backend is None
    assert app.conf.task_ignore_result


def test_rabbitmq_gets_quorum_queues_and_confirms() -> None:
    app = celery_producer("amqp://guest:guest@127.0.0.1:1//")

    assert {queue.queue_arguments["x-queue-type"] for queue in app.amqp.queues.values()} == {"quorum"}
    assert app.conf.broker_transport_options["confirm_publish"] is True


def test_sentinel_is_told_its_master_in_the_query() -> None:
    app = celery_producer("sentinel://one:26379/1;sentinel://two:26379/1?master_name=khobor")

    assert app.conf.broker_url == "sentinel://one:26379/1;sentinel://two:26379/1"
    assert app.conf.broker_transport_options["master_name"] == "khobor"


@pytest.mark.parametrize("scheme", ["redis://", "amqp://guest:guest@", "sentinel://"])
def test_a_broker_that_is_away_is_logged_and_forgotten(scheme: str) -> None:
    doorbell = CeleryDoorbell(celery_producer(f"{scheme}127.0.0.1:1/1"))
    started = time.monotonic()

    with capture_logs() as logs:
        doorbell.ring(VIEWS)
    doorbell.close()

    assert time.monotonic() - started < 1.5
    [line] = logs
    assert (line["event"], line["stream"], line["partition"]) == ("doorbell.failed", "views", 3)
    assert line["reason"]


def test_a_broker_that_hangs_holds_nobody_up_for_more_than_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        doorbell = CeleryDoorbell(celery_producer(f"redis://127.0.0.1:{deaf.getsockname()[1]}/1"))
        started = time.monotonic()
        with capture_logs() as logs:
            doorbell.ring(VIEWS)
        doorbell.close()

    assert 0.9 < time.monotonic() - started < 1.5
    assert [line["event"] for line in logs] == ["doorbell.failed"]


def test_a_closed_doorbell_is_silent() -> None:
    doorbell = CeleryDoorbell(celery_producer("memory://"))
    doorbell.close()

    with capture_logs() as logs:
        doorbell.ring(VIEWS)

    assert [line["event"] for line in logs] == ["doorbell.failed"]
