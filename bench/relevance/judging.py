"""Judge rankers on sets: index each collection once per ranker, ask every question, measure."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Final

import numpy as np

from bench.relevance.judged import JudgedSet, Ranker
from bench.relevance.metrics import DEPTH, PerQuestion, measure

_TIMED_QUESTIONS: Final = 200
_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """One ranker on one set. `latency` is the median of a first page in seconds, `index_bytes` of its collection."""

    ranker: str
    judged: JudgedSet
    scores: PerQuestion
    latency: float
    index_bytes: int | None

    def mean(self, measure_index: int) -> float:
        return float(self.scores[:, measure_index].mean())


def judge(sets: Iterable[JudgedSet], makers: Sequence[Callable[[], Ranker]]) -> Iterator[list[Verdict]]:
    """The verdicts on each set, in the order of the rankers."""
    for _, group in groupby(sets, key=lambda judged: judged.collection.name):
        over_one = list(group)
        rankers = [make() for make in makers]
        try:
            for ranker in rankers:
                ranker.index(over_one[0].collection.articles)
            for judged in over_one:
                yield [_verdict(ranker, judged) for ranker in rankers]
        finally:
            for ranker in rankers:
                ranker.close()


def _verdict(ranker: Ranker, judged: JudgedSet) -> Verdict:
    scores = np.array([measure(ranker.ranked(asked.text, DEPTH), asked.grades) for asked in judged.questions])
    latency = median(_seconds(ranker, asked.text) for asked in judged.questions[:_TIMED_QUESTIONS])
    return Verdict(ranker.name, judged, scores, latency, ranker.index_bytes())


def _seconds(ranker: Ranker, query: str) -> float:
    start = time.perf_counter()
    ranker.ranked(query, _PAGE)
    return time.perf_counter() - start
