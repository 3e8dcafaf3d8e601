"""Forward decay (Cormode et al., 2009) in the log2 domain: counts that fade without being touched.

A view at time t has, in a window of half-life H, the weight 2^((t - EPOCH) / H), which never changes. An article's
stored score is log2 of the sum of its weights, so the order of the scores is the order of the list at any moment, and
its decayed count at `now` is 2^(score - (now - EPOCH) / H): one unit of score is one half-life, late events are
exact, and nothing overflows or has to be swept. Scores are added in Lua (lua/log2_counts.lua); tests hold them to the
plain sums of every view.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

# A landmark near the events keeps more of a double's digits: 1.1e-12 instead of 1.4e-10 with 1970.
EPOCH: Final = datetime(2025, 1, 1, tzinfo=UTC).timestamp()

# At a half-life of an hour one view stamped a day ahead would weigh as much as 16.8 million.
FUTURE_TOLERANCE: Final = timedelta(seconds=5)
# Two half-lives of the longest window; what is older counts in the totals of all time only.
OLDEST_IN_WINDOWS: Final = timedelta(days=14)

# A list drops an article below this decayed count, so it never loses more than a twentieth of a view.
NEGLIGIBLE_COUNT: Final = 0.05


def since_epoch(moment: datetime) -> float:
    """Seconds since `EPOCH`."""
    return moment.timestamp() - EPOCH


def view_time(at_ms: int, now: datetime) -> tuple[float, bool]:
    """Seconds since 1970 at which a view counts, and whether it still counts in the windows.

    `at_ms` comes from the reader's clock: what lies in the future is put at the end of the tolerance.
    """
    present = now.timestamp()
    seconds = min(at_ms / 1_000, present + FUTURE_TOLERANCE.total_seconds())
    return seconds, seconds >= present - OLDEST_IN_WINDOWS.total_seconds()


def score_of(count: float, half_life: float, now: datetime) -> float:
    """The score of an article whose decayed count is `count` at `now`."""
    return since_epoch(now) / half_life + math.log2(count)


def decayed_count(score: float, half_life: float, now: datetime) -> float:
    """How many views, each halved every `half_life` seconds, a score stands for at `now`."""
    # Beyond the range of a double the count is 0 or a broken clock; neither may raise in a reader's request.
    return math.exp2(max(min(score - since_epoch(now) / half_life, 1_000.0), -1_000.0))


def negligible_score(half_life: float, now: datetime) -> float:
    """Scores below this one stand for less than `NEGLIGIBLE_COUNT` views at `now`."""
    return score_of(NEGLIGIBLE_COUNT, half_life, now)
