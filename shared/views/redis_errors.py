"""Errors of an unreachable Redis, in the words of the views' ports."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.journal.redis_errors import means_unavailable
from shared.redis_clients import REDIS_ERRORS
from shared.views.ports import ViewsUnavailableError


@contextmanager
def views_errors() -> Iterator[None]:
    """Turn the errors of an unreachable or refusing Redis into `ViewsUnavailableError`."""
    try:
        yield
    except REDIS_ERRORS as error:
        if means_unavailable(error):
            raise ViewsUnavailableError(f"{type(error).__name__}: {error}") from error
        raise
