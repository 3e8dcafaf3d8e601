"""What a Redis URL says, without loading a client."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

CLUSTER_SCHEMES: Final[Mapping[str, str]] = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
"""The schemes of a cluster, with the one that a single server of it would have."""


def is_cluster(url: str) -> bool:
    """Whether a URL names the nodes of a cluster: `redis+cluster://user:password@one:6379,two:6379`."""
    return urlsplit(url).scheme in CLUSTER_SCHEMES
