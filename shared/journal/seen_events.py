"""Where the hashes of accepted events are kept, so that a publisher's repetition counts once.

One set of small integers per bucket and UTC day of the door that accepted. Tomorrow's is looked into as well: around
midnight another door's clock, or this one's before it was put right, may have been ahead. A set of up to 512 integers
is an intset of 8 bytes a member (`set-max-intset-entries`), hence the buckets: 256 hold 131,072 events per partition
and day that compactly.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Final

from shared.keys import PartitionKeys

BUCKETS: Final = 256
# Today's and the two days before: a repetition within 48 hours is found wherever midnight falls.
DAYS: Final = 3
_OFFSETS: Final = (0, -1, -2, 1)
KEPT_FOR: Final = timedelta(days=DAYS)


def seen_keys(keys: PartitionKeys, event_hash: int, day: int) -> list[str]:
    """The sets that may hold the hash of an event when it is `day` (days since 1970 in UTC): that day's is first."""
    return _bucket_keys(keys.partition, event_hash % BUCKETS, day)


# All buckets of 16 partitions; making four names takes as long as the rest of an append's preparation.
@lru_cache(16 * BUCKETS)
def _bucket_keys(partition: int, bucket: int, day: int) -> list[str]:
    keys = PartitionKeys(partition)
    return [keys.seen_events(day + offset, bucket) for offset in _OFFSETS]
