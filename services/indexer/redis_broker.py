"""How a worker survives the loss of a Redis broker (kombu 5.7).

kombu closes the lost connection and takes it away from its channel. What it then still does with the tickets that came
over this channel ends in an `AttributeError`, which Celery takes for unrecoverable: the worker ends. Both ways are
closed here, for Redis and for Sentinel, whose channel is a Redis channel. Nothing is lost by either: a ticket is no
event, Redis hands it out again after its visibility timeout if it still has it, and the schedule rings anew.
"""

import structlog
from kombu.transport.redis import Channel as RedisChannel
from kombu.transport.redis import QoS as RedisQoS

_log = structlog.get_logger(__name__)


class TicketQoS(RedisQoS):
    """Does not answer for a ticket over a connection that is gone: the drain may outlive it by seconds."""

    def ack(self, delivery_tag: str) -> None:
        if self._is_connected(delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call] # of kombu

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if self._is_connected(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]

    def _is_connected(self, delivery_tag: str) -> bool:
        if self.channel.connection is not None:
            return True
        _log.info("ticket.not_acknowledged", ticket=delivery_tag, reason="its connection to the broker is gone")
        return False


def survive_lost_redis_broker() -> None:
    """Let every Redis channel of this process do without tickets of a lost connection; no effect on RabbitMQ."""
    RedisChannel.QoS = TicketQoS
    # Else the tickets that are held are put back over the connection that was just lost.
    RedisChannel.do_restore = False
