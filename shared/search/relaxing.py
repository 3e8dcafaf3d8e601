"""How much of a query is demanded: which of its plan's steps, strictest first, a search takes.

Sorted by date or views, a search takes the strictest step that finds anything: there, whatever matches is shown. Sorted
by relevance the best articles come first anyway, and demanding every word can only hide one that says it in other
words. So a stricter step is taken when it hides nothing better: its articles lead the ranking without demands, too.
Measured in docs/decisions/0012-query-design.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.search.model import SearchRequest, Sort
from shared.search.plan import sort_of

# What people look at. Engines give one article more, the first that would be hidden.
_FIRST_PAGE: Final = 10
BEST: Final = _FIRST_PAGE + 1
# When a step finds less than a page, its worst article must have so many times the score of the best one it hides.
_CLEARLY: Final = 1.5


@dataclass(frozen=True, slots=True)
class BestArticle:
    """One of the first articles of the loosest step: its text score, and the index of the strictest step it matches."""

    score: float
    strictest: int


def takes_first_that_finds(request: SearchRequest) -> bool:
    """Whether the strictest step that finds anything is taken; else `step_taken` decides.

    Who joins words with OR has said what is demanded.
    """
    return sort_of(request) is not Sort.RELEVANCE or any(len(group) > 1 for group in request.query.required)


def step_taken(counts: Sequence[int], best: Sequence[BestArticle]) -> int:
    """The index of the step to take.

    Args:
        counts: how many articles each step but the loosest finds.
        best: the `BEST` first articles of the loosest step by their text score, without age and views.
    """
    for step, count in enumerate(counts):
        leading = min(count, _FIRST_PAGE)
        if not leading or any(article.strictest > step for article in best[:leading]):
            continue
        if count >= _FIRST_PAGE or len(best) <= count or best[count - 1].score >= _CLEARLY * best[count].score:
            return step
    return len(counts)
