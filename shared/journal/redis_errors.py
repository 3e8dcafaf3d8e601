"""Which of Redis's errors mean that the journal cannot be had now, as opposed to a fault of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis import exceptions

from shared.journal.ports import JournalUnavailableError

_UNAVAILABLE: Final = (
    exceptions.ConnectionError,  # BusyLoadingError and AuthenticationError are of this kind
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.NoPermissionError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
    exceptions.TryAgainError,
)
# The client knows no class of its own for these: a full disk, too few replicas, a script that runs too long.
_UNAVAILABLE_CODES: Final = ("MISCONF ", "NOREPLICAS ", "BUSY ")


def means_unavailable(error: exceptions.RedisError) -> bool:
    """Whether waiting may help."""
    # A pipeline puts the failed command in front of the server's message, hence "in".
    return isinstance(error, _UNAVAILABLE) or any(code in str(error) for code in _UNAVAILABLE_CODES)


@contextmanager
def journal_errors() -> Iterator[None]:
    """Turn the errors of an unreachable or refusing Redis into `JournalUnavailableError`."""
    try:
        yield
    except exceptions.RedisError as error:
        if means_unavailable(error):
            raise JournalUnavailableError(f"{type(error).__name__}: {error}") from error
        raise
