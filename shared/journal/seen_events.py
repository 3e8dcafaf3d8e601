"""Where the hashes of accepted events are kept, so that a publisher's repetition counts once.

One set of small integers per bucket and UTC day. A set of up to 512 of them is an intset of 8 bytes a member
(`set-max-intset-entries`), hence the buckets: 256 hold 131,072 events per partition and day that compactly.
"""

from datetime import timedelta
from typing import Final

from shared.keys import PartitionKeys

BUCKETS: Final = 256
# Today's and the two days before: a repetition within 48 hours is found wherever midnight falls.
DAYS: Final = 3
KEPT_FOR: Final = timedelta(days=DAYS)


def seen_keys(keys: PartitionKeys, event_hash: int, day: int) -> list[str]:
    """The sets that may hold the hash of an event accepted by `day` (days since 1970 in UTC), newest day first."""
    return [keys.seen_events(day - back, event_hash % BUCKETS) for back in range(DAYS)]
