"""How Celery's processes find a broker again that was away."""

from typing import Any, Final

from celery.app.amqp import AMQP
from kombu.connection import Connection

# Seconds between two tries to connect: the first wait, what each adds, and the longest. kombu's own grow to 30 s, which
# all have to wait for after an outage of minutes. Celery has no setting for them.
_WAITS: Final = {"interval_start": 1, "interval_step": 1, "interval_max": 2}


class PatientConnection(Connection):
    """Tries again every two seconds, however long the broker has been away."""

    def ensure_connection(self, *arguments: Any, **options: Any) -> Any:
        return super().ensure_connection(*arguments, **{**_WAITS, **options})  # type: ignore[no-untyped-call] # of kombu


class TicketsAMQP(AMQP):  # type: ignore[misc] # celery is untyped
    """Where Celery takes the class of its connections from."""

    Connection = PatientConnection
