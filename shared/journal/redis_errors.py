"""Which of Redis's errors mean that the journal cannot be had now, as opposed to a fault of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis import exceptions

from shared.journal.ports import JournalUnavailableError
from shared.redis_clients import REDIS_ERRORS

_UNAVAILABLE: Final = (
    exceptions.ConnectionError,  # BusyLoadingError and AuthenticationError are of this kind
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.NoPermissionError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
    exceptions.TryAgainError,
    exceptions.SlotNotCoveredError,
)
# The client knows no class of its own for these: a full disk, too few replicas, a script that runs too long, no node
# of a cluster that answers.
_UNAVAILABLE_MESSAGES: Final = ("MISCONF ", "NOREPLICAS ", "BUSY ", "Redis Cluster cannot be connected")


def means_unavailable(error: Exception) -> bool:
    """Whether waiting may help."""
    # A pipeline puts the failed command in front of the server's message, hence "in".
    return isinstance(error, _UNAVAILABLE) or any(words in str(error) for words in _UNAVAILABLE_MESSAGES)


@contextmanager
def journal_errors() -> Iterator[None]:
    """Turn the errors of an unreachable or refusing Redis into `JournalUnavailableError`."""
    try:
        yield
    except REDIS_ERRORS as error:
        if means_unavailable(error):
            raise JournalUnavailableError(f"{type(error).__name__}: {error}") from error
        raise
