"""How long the journal keeps what, whatever it is kept in."""

from datetime import timedelta
from typing import Final

# A door gives an append up after seconds; two minutes are far beyond that, and each key costs 88 bytes meanwhile.
BATCH_KEPT_FOR: Final = timedelta(minutes=2)
# One ticket per stream and two seconds, however many appends find it idle.
DOORBELL_KEPT_FOR: Final = timedelta(seconds=2)
# Longer than a step takes; when a worker is killed, its stream waits so long for another one.
LEASE_TIME: Final = timedelta(seconds=5)
TRAIL_KEPT_FOR: Final = timedelta(days=7)

LONGEST_REASON: Final = 2_000
