"""The Celery workers: drain articles into the index, count views."""
