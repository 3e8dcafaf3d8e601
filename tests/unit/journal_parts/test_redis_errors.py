"""Which errors of Redis mean "wait", and which mean that something is wrong with us."""

import pytest
from redis import exceptions

from shared.journal.ports import JournalUnavailableError
from shared.journal.redis_errors import journal_errors
from shared.views.ports import ViewsUnavailableError
from shared.views.redis_errors import views_errors

OUTAGES = [
    exceptions.ConnectionError("Connection refused"),
    exceptions.TimeoutError("Timeout reading from socket"),
    exceptions.BusyLoadingError("Redis is loading the dataset in memory"),
    exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
    exceptions.ReadOnlyError("You can't write against a read only replica."),
    exceptions.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
    exceptions.ResponseError("Command # 2 (XLEN x) of pipeline caused error: MISCONF Errors writing"),
    exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."),
    exceptions.ResponseError("BUSY Redis is busy running a script."),
]
FAULTS = [
    exceptions.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    exceptions.ResponseError("count_views: malformed arguments"),
    exceptions.DataError("Invalid input of type: 'NoneType'."),
]


@pytest.mark.parametrize("error", OUTAGES, ids=str)
def test_an_outage_is_named(error: exceptions.RedisError) -> None:
    with pytest.raises(JournalUnavailableError, match=type(error).__name__), journal_errors():
        raise error
    with pytest.raises(ViewsUnavailableError, match=type(error).__name__), views_errors():
        raise error


@pytest.mark.parametrize("error", FAULTS, ids=str)
def test_a_fault_of_ours_is_not_hidden_as_an_outage(error: exceptions.RedisError) -> None:
    with pytest.raises(type(error)) as raised, journal_errors():
        raise error

    assert raised.value is error
