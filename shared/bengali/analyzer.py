"""The analyzer: the one door through which articles and queries become index tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from shared.bengali.fold import fold
from shared.bengali.gram import grams
from shared.bengali.normalize import normalize
from shared.bengali.stem import stem
from shared.bengali.token import Token
from shared.bengali.tokenize import tokenize

# Part of every index name: raise it with every change that gives any text other tokens, and the index is rebuilt.
ANALYZER_VERSION: Final = "1"


@dataclass(frozen=True)
class AnalyzedText:
    """The tokens of a text and what engines index of them; `stems[i]` belongs to `tokens[i]`."""

    tokens: Sequence[Token]

    @cached_property
    def surfaces(self) -> tuple[str, ...]:
        return tuple(token.surface for token in self.tokens)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(map(stem, self.surfaces))

    @cached_property
    def grams(self) -> tuple[str, ...]:
        """The 4-grams of all surfaces, in order."""
        return tuple(gram for surface in self.surfaces for gram in _grams(surface))


@dataclass(frozen=True, slots=True)
class TokenDescription:
    """One token as an operator wants to see it."""

    original: str
    surface: str
    stem: str
    fold: str
    grams: tuple[str, ...]
    start: int
    end: int
    position: int


@dataclass(frozen=True, slots=True)
class TextDescription:
    """What the analyzer makes of a text."""

    analyzer_version: str
    text: str
    normalized: str
    tokens: tuple[TokenDescription, ...]


def analyze(text: str) -> AnalyzedText:
    """Analyse an article's field or a query; linear in its length."""
    return AnalyzedText(tuple(tokenize(text)))


def describe(text: str) -> TextDescription:
    """Show every step of the analysis, for `khobor analyze` and `GET /v1/analyze`."""
    return TextDescription(
        analyzer_version=ANALYZER_VERSION,
        text=text,
        normalized=normalize(text),
        tokens=tuple(
            TokenDescription(
                original=text[token.start : token.end],
                surface=token.surface,
                stem=stem(token.surface),
                fold=fold(token.surface),
                grams=grams(token.surface),
                start=token.start,
                end=token.end,
                position=token.position,
            )
            for token in tokenize(text)
        ),
    )


_grams = lru_cache(maxsize=1 << 16)(grams)
