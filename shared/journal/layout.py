"""How many partitions the journal was cut into: whoever believes another number must not touch it."""

from collections.abc import Mapping
from typing import Any, cast

import redis

from shared.journal.ports import JournalUnavailableError
from shared.journal.redis_errors import journal_errors
from shared.keys import LAYOUT
from shared.redis_clients import connect
from shared.settings import JournalSettings


class JournalLayoutError(JournalUnavailableError):
    """The journal has another number of partitions than the settings say, or is being cut anew."""


def check_layout(record: Mapping[bytes, bytes], partitions: int) -> None:
    """Look whether `record`, the fields of `LAYOUT`, agrees; an empty one agrees with everybody.

    Raises:
        JournalLayoutError: it does not.
    """
    if b"phase" in record:
        raise JournalLayoutError(
            f"the journal is being cut into {record[b'target'].decode()} partitions; when that was interrupted, "
            f"run `khobor journal reshard --partitions {record[b'target'].decode()}` again"
        )
    found = int(record.get(b"partitions", partitions))
    if found != partitions:
        raise JournalLayoutError(
            f"the journal has {found} partitions and KHOBOR_PARTITIONS says {partitions}: set it to {found}, or stop "
            f"everything and run `khobor journal reshard --partitions {partitions}`"
        )


def agree_on_layout(client: redis.Redis, partitions: int) -> None:
    """Write down how many partitions there are, if nobody has.

    Raises:
        JournalLayoutError: somebody has written down another number.
        JournalUnavailableError: nobody can be asked.
    """
    with journal_errors():
        pipeline = client.pipeline(transaction=False)
        pipeline.hsetnx(LAYOUT, "partitions", partitions)
        pipeline.hgetall(LAYOUT)
        answers: Any = pipeline.execute()
    check_layout(cast("dict[bytes, bytes]", answers[1]), partitions)


def refusal_to_start(settings: JournalSettings, *, client_name: str) -> str | None:
    """Why a process with these settings must not start; None as well when the journal is away, which shows later."""
    client = connect(settings.redis_url.get_secret_value(), timeout=settings.redis_timeout, client_name=client_name)
    try:
        agree_on_layout(client, settings.partitions)
    except JournalLayoutError as error:
        return str(error)
    except JournalUnavailableError:
        return None
    finally:
        client.close()
    return None
