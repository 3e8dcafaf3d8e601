"""How long the journal keeps what, whatever it is kept in."""

from datetime import timedelta
from typing import Final

# A door gives an append up after seconds; two minutes are far beyond that, and each key costs 88 bytes meanwhile.
BATCH_KEPT_FOR: Final = timedelta(minutes=2)
# One ticket per stream and two seconds, however many appends find it idle.
DOORBELL_KEPT_FOR: Final = timedelta(seconds=2)
# When a worker is killed, its stream waits so long for another one. A live worker prolongs its leases each second,
# however long a step takes. Neither of the two may be longer than running.lua believes.
LEASE_TIME: Final = timedelta(seconds=3)
# A worker has several reads in hand at a time, and an article of a megabyte takes many times that while it is analysed.
ENOUGH_READ_BYTES: Final = 8_000_000
TRAIL_KEPT_FOR: Final = timedelta(days=7)

LONGEST_REASON: Final = 2_000
