"""`python -m services.indexer worker|beat|flower|healthy worker|healthy beat`."""

import os
import sys
from typing import Final

from celery.utils.nodenames import host_format
from prometheus_client import start_http_server

from services.indexer.app import add_tasks, build_celery, build_indexer
from services.indexer.heartbeats import beat_scheduler, install_worker_heartbeat
from services.indexer.redis_broker import survive_lost_redis_broker
from services.indexer.settings import IndexerSettings
from shared.heartbeat import heartbeat_age
from shared.journal.layout import refusal_to_start
from shared.logs import configure_logs

# Worker and beat touch their files every 5 s at the latest; six missed ones mean that the process hangs.
_STALE_SECONDS: Final = 30.0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["worker"]:
            return _worker(IndexerSettings())
        case ["beat"]:
            return _beat(IndexerSettings())
        case ["flower"]:
            return _flower(IndexerSettings())
        case ["healthy", "worker" | "beat" as process]:
            return _healthy(IndexerSettings(), process)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


def _worker(settings: IndexerSettings) -> int:
    configure_logs(settings, "worker")
    refusal = refusal_to_start(settings, client_name="khobor-worker")
    if refusal is not None:
        sys.stderr.write(f"worker: {refusal}\n")
        return 2
    app = build_celery(settings)
    survive_lost_redis_broker()
    indexer = build_indexer(settings, app)
    add_tasks(app, indexer, settings)
    install_worker_heartbeat(app, settings.worker_heartbeat_file)
    if settings.worker_metrics_port:
        start_http_server(settings.worker_metrics_port, settings.worker_metrics_host, indexer.registry)
    # Not `app.worker_main`, which loses the exit code: a worker that gave up would look like one that was told to stop.
    worker = app.Worker(
        # A name for each process: RabbitMQ lets one worker of a name in, and flower would take two for one.
        hostname=host_format(f"khobor-{os.getpid()}@%h"),
        pool_cls="threads",
        concurrency=settings.worker_threads,
        queues=settings.worker_queues,
        loglevel=settings.log_level,
        # Fewer messages when workers come and go; nothing here needs to know its neighbours.
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _beat(settings: IndexerSettings) -> int:
    configure_logs(settings, "beat")
    app = build_celery(settings)
    settings.beat_schedule_file.parent.mkdir(parents=True, exist_ok=True)
    app.Beat(
        loglevel=settings.log_level,
        schedule=str(settings.beat_schedule_file),
        scheduler_cls=beat_scheduler(settings.beat_heartbeat_file),
        redirect_stdouts=False,
    ).run()
    return 0


def _flower(settings: IndexerSettings) -> int:
    configure_logs(settings, "flower")
    if settings.flower_password is None:
        sys.stderr.write("KHOBOR_FLOWER_PASSWORD is not set; flower shows and changes everything, so it needs one\n")
        return 2
    settings.flower_database.parent.mkdir(parents=True, exist_ok=True)
    build_celery(settings).start(
        [
            "flower",
            f"--address={settings.flower_host}",
            f"--port={settings.flower_port}",
            f"--basic-auth={settings.flower_user}:{settings.flower_password.get_secret_value()}",
            "--persistent=True",
            f"--db={settings.flower_database}",
            "--state-save-interval=10000",
            "--max-tasks=10000",
            # A restarted worker has a new name; the old one is shown for so many seconds.
            "--purge-offline-workers=600",
        ]
    )
    return 0


def _healthy(settings: IndexerSettings, process: str) -> int:
    file = settings.worker_heartbeat_file if process == "worker" else settings.beat_heartbeat_file
    age = heartbeat_age(file)
    if age is None or age > _STALE_SECONDS:
        sys.stderr.write(f"{process}: {'no heartbeat yet' if age is None else f'last heartbeat {age:.0f} s ago'}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
