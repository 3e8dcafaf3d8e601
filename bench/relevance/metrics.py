"""The measures of a ranked list, and how sure a difference of two systems is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

MEASURES: Final = ("nDCG@10", "MRR@10", "R@100")
DEPTH: Final = 100
_TOP: Final = 10
_RESAMPLES: Final = 2_000
_SEED: Final = 7

PerQuestion = npt.NDArray[np.float64]
"""One row per question, one column per measure, in the order of MEASURES."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean difference of two systems on the same questions, and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


def measure(ranked: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float]:
    """nDCG@10 with gain 2^grade - 1 and discount log2(rank + 1), MRR@10, recall in the first 100."""
    top = ranked[:_TOP]
    gained = sum((2 ** grades.get(name, 0) - 1) / math.log2(place + 2) for place, name in enumerate(top))
    best = sorted(grades.values(), reverse=True)[:_TOP]
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    first = next((1 / (place + 1) for place, name in enumerate(top) if name in grades), 0.0)
    found = sum(name in grades for name in ranked[:DEPTH])
    return gained / ideal, first, found / len(grades)


def paired_difference(one: PerQuestion, other: PerQuestion) -> Difference:
    """Of nDCG@10; both arrays answer the same questions in the same order."""
    deltas = one[:, 0] - other[:, 0]
    random = np.random.default_rng(_SEED)
    means = deltas[random.integers(0, len(deltas), (_RESAMPLES, len(deltas)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(float(deltas.mean()), float(low), float(high))
