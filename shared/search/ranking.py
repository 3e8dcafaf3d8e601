"""How age and views raise the score of a text match.

score = text × (1 + A · 2^(-age / H) + .05 · log2(1 + views)), from research on candidates re-ranked exactly. The
constants are priors, not fitted to judgements. Age multiplies and never filters: with A = 1 a fresh article counts
at most twice as much as the same text years ago, so archives stay findable.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.bengali.analyzer import analyze
from shared.search.filters import filters_of
from shared.search.model import SearchRequest

# One doubling of the views is worth this much; a million views as much as being published this minute.
POPULARITY_WEIGHT: Final = 0.05


@dataclass(frozen=True, slots=True)
class Recency:
    """How much (`amplitude`, A) an article of this minute gains, and the age at which half of that is left (H)."""

    amplitude: float
    half_life: timedelta


DEFAULT: Final = Recency(1.0, timedelta(days=2))
# Words that ask for what happens now.
BREAKING: Final = Recency(2.0, timedelta(hours=6))
# Questions, explanations and quotations are asked of the archive as well.
REFERENCE: Final = Recency(0.3, timedelta(days=30))
# Whoever gives a date says himself how old it should be.
DATED: Final = Recency(0.0, timedelta(days=2))

_BREAKING_WORDS: Final = frozenset({"আজ", "আজকের", "আজকে", "এখন", "এইমাত্র", "সর্বশেষ", "লাইভ", "স্কোর", "ব্রেকিং", "live"})
_REFERENCE_WORDS: Final = frozenset({"কী", "কেন", "কীভাবে", "কিভাবে", "কাকে", "ইতিহাস", "পরিচিতি", "মানে", "অর্থ"})
# A query beyond this many words is a question or a whole sentence.
_LONG_QUERY_WORDS: Final = 5


def recency_of(request: SearchRequest) -> Recency:
    """The recency that a search asks for, by its words and filters."""
    words = {surface for group in request.query.required for term in group for surface in analyze(term.text).surfaces}
    if filters_of(request).are_dated or any(_is_past_year(word, request.now.year) for word in words):
        return DATED
    if words & _BREAKING_WORDS:
        return BREAKING
    phrased = any(term.phrase for group in request.query.required for term in group)
    if phrased or len(words) > _LONG_QUERY_WORDS or words & _REFERENCE_WORDS:
        return REFERENCE
    return DEFAULT


def recency_boost(recency: Recency, *, published: int, now: int) -> float:
    """A · 2^(-age / H); times in seconds since 1970. A date in the future counts as now."""
    age = max(now - published, 0)
    # Beyond 64 half-lives nothing is left, and 2.0 ** -x of an archive's age would underflow anyway.
    half_lives = min(age / recency.half_life.total_seconds(), 64.0)
    return recency.amplitude * math.exp2(-half_lives)


def popularity_boost(views: int) -> float:
    return POPULARITY_WEIGHT * math.log2(1 + max(views, 0))


def final_score(text_score: float, *, recency: float, popularity: float) -> float:
    """The text's score, raised by the boosts of age and of views."""
    return text_score * (1 + recency + popularity)


def _is_past_year(word: str, this_year: int) -> bool:
    return len(word) == 4 and word.isascii() and word.isdigit() and 1900 <= int(word) < this_year
