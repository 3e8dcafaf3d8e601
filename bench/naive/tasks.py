"""One Celery task for each view. It keeps a count and a list, and nothing else: no windows, no repeats, no bots.

celery --app bench.naive.tasks worker --concurrency 1
"""

import os

import redis
from celery import Celery

BROKER_URL = os.environ.get("NAIVE_BROKER_URL", "redis://127.0.0.1:6379/0")
DATA_URL = os.environ.get("NAIVE_DATA_URL", "redis://127.0.0.1:6379/1")

app = Celery("naive", broker=BROKER_URL)
app.conf.update(
    # What a tutorial on reliable tasks sets: acknowledge after the work, keep no results, give a worker that died on
    # a task another try.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
counters = redis.Redis.from_url(DATA_URL)


@app.task(name="naive.count_view")
def count_view(view: dict[str, str]) -> None:
    article_id = view["article_id"]
    counters.incr(f"views:{article_id}")
    counters.zincrby("most_read", 1, article_id)
