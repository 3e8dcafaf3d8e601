"""Which broker carries the tickets of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from tests.support.rabbitmq import RabbitmqServer

RABBITMQ: Final = "rabbitmq"


@dataclass(frozen=True)
class Broker:
    """`server` is one to be killed; without it the broker is somebody else's and stays up."""

    url: str
    server: RabbitmqServer | None = None

    @property
    def name(self) -> str:
        """As `open_broker` takes it."""
        return self.url if self.server is None else RABBITMQ


@contextmanager
def open_broker(name: str | None) -> Iterator[Broker | None]:
    """`rabbitmq` starts one, anything else is the URL of one that runs; None stands for the journal's own server.

    Raises:
        CannotRunRabbitmqError: it is not installed, or does not start.
    """
    if name == RABBITMQ:
        with RabbitmqServer() as server:
            yield Broker(server.url, server)
    else:
        yield None if name is None else Broker(name)
