"""Settings of the indexer: worker, beat and flower."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import Duration, IndexSettings, JournalSettings


class IndexerSettings(JournalSettings, IndexSettings):
    """What a worker needs: the journal, the index, and how hard to work."""

    # A drain of each of the 8 partitions waits for its share of a group; views need threads beside them.
    worker_threads: int = Field(12, ge=1, le=64, description="Drains that one worker process runs at a time.")
    worker_queues: str = Field(
        "articles,backfill,views,schedule",
        pattern=r"^(articles|backfill|views|schedule)(,(articles|backfill|views|schedule))*$",
        description="Celery queues that this worker listens to.",
    )
    worker_metrics_port: int = Field(8002, ge=0, le=65_535, description="Port of the worker's /metrics; 0: none.")
    worker_metrics_host: str = Field("127.0.0.1", description="Address that the worker's /metrics listens on.")
    worker_heartbeat_file: Path = Field(
        Path(".khobor/run/worker.heartbeat"), description="Touched every 5 s while the worker's event loop turns."
    )
    beat_heartbeat_file: Path = Field(Path(".khobor/run/beat.heartbeat"), description="Touched at every tick of beat.")
    beat_schedule_file: Path = Field(Path(".khobor/run/beat-schedule"), description="Where beat keeps its last runs.")
    article_batch: int = Field(200, ge=1, le=2_000, description="Articles that one step brings into the index.")
    article_interval: Duration = Field(
        timedelta(milliseconds=200),
        description="Small batches of articles that come within this time of the last one go into the index together.",
    )
    backfill_batch: int = Field(
        50, ge=1, le=2_000, description="The same of backfill; live articles wait for a step of it."
    )
    view_batch: int = Field(10, ge=1, le=100, description="View entries (≤ 500 views each) that one step reads.")
    # With turns of five seconds articles kept views waiting for 34 s on a busy machine.
    drain_budget: Duration = Field(
        timedelta(seconds=1),
        description="A drain hands over to a fresh ticket after this time; others get a turn.",
    )
    max_deliveries: int = Field(
        4, ge=1, le=100, description="An entry handed out this often without an end goes to the dead letters."
    )
    flower_host: str = Field("127.0.0.1", description="Address that flower listens on.")
    flower_port: int = Field(5555, ge=1, le=65_535, description="Port of flower.")
    flower_user: str = Field("khobor", min_length=1, description="User name for flower.")
    flower_password: SecretStr | None = Field(None, description="Password for flower; it does not start without.")
    flower_database: Path = Field(Path(".khobor/run/flower.db"), description="Where flower keeps its tasks.")
