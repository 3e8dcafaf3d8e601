"""Who else uses the journal? Every process names its connections."""

from typing import Any, Final

import redis

from shared.keys import PartitionKeys, StreamKind

RESHARD_CLIENT: Final = "khobor-reshard"
_ANY_CLIENT: Final = "khobor-"
_MOST_PARTITIONS: Final = 64


def running_processes(client: redis.Redis) -> list[str]:
    """Names of what is connected but for `client` itself, and of the streams that a worker holds."""
    own: Any = client.client_id()
    connections: Any = client.client_list()
    names = {
        connection["name"]
        for connection in connections
        if connection["name"].startswith(_ANY_CLIENT) and int(connection["id"]) != own
    }
    leases = [PartitionKeys(partition).lease(kind) for partition in range(_MOST_PARTITIONS) for kind in StreamKind]
    pipeline = client.pipeline(transaction=False)
    for lease in leases:
        pipeline.exists(lease)
    held = [lease for lease, exists in zip(leases, pipeline.execute(), strict=True) if exists]
    return [*sorted(names), *held]
