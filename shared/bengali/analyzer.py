"""The analyzer: the one door through which articles and queries become index tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, compress
from typing import Final, NamedTuple

from shared.bengali.fold import fold, shorten_vowels
from shared.bengali.gram import grams
from shared.bengali.normalize import normalize
from shared.bengali.stem import stem
from shared.bengali.token import Token
from shared.bengali.tokenize import LONGEST_CACHED_CHUNK, find_chunks, read_chunk, tokenize

# Part of every index name: raise it with every change that gives any text other tokens, and the index is rebuilt.
ANALYZER_VERSION: Final = "5"


class _ChunkViews(NamedTuple):
    surfaces: tuple[str, ...]
    stems: tuple[str, ...]
    grams: tuple[str, ...]
    part_stems: tuple[str, ...]


@dataclass(frozen=True)
class AnalyzedText:
    """What engines index of a text; `surfaces[i]` and `stems[i]` belong to `tokens[i]`.

    Each view is computed when it is first asked for.
    """

    text: str

    @cached_property
    def tokens(self) -> Sequence[Token]:
        return tuple(tokenize(self.text))

    @cached_property
    def surfaces(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable([views[0] for views in self._views]))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable([views[1] for views in self._views]))

    @cached_property
    def grams(self) -> tuple[str, ...]:
        """The 4-grams of all surfaces, in order."""
        return tuple(chain.from_iterable([views[2] for views in self._views]))

    @cached_property
    def part_stems(self) -> tuple[str, ...]:
        """The stems without those of joined forms: what stands next to each other in a phrase."""
        return tuple(chain.from_iterable([views[3] for views in self._views]))

    @cached_property
    def _views(self) -> list[_ChunkViews]:
        return [
            _views_of(chunk) if len(chunk) <= LONGEST_CACHED_CHUNK else _views_of.__wrapped__(chunk)
            for chunk in find_chunks(self.text)
        ]


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
    return AnalyzedText(text)


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
                stem=index_stem(token.surface),
                fold=fold(token.surface),
                grams=grams(token.surface),
                start=token.start,
                end=token.end,
                position=token.position,
            )
            for token in tokenize(text)
        ),
    )


def index_stem(surface: str) -> str:
    """The term under which a word is indexed: its stem with one spelling of i and u."""
    return shorten_vowels(stem(surface))


@lru_cache(maxsize=1 << 16)
def _views_of(chunk: str) -> _ChunkViews:
    tokens = read_chunk(chunk)
    surfaces = tuple(token.surface for token in tokens)
    stems = tuple(map(index_stem, surfaces))
    # A joined form shares the position of the part before it.
    is_part = [index == 0 or token.position != tokens[index - 1].position for index, token in enumerate(tokens)]
    part_stems = stems if all(is_part) else tuple(compress(stems, is_part))
    return _ChunkViews(surfaces, stems, tuple(chain.from_iterable(map(grams, surfaces))), part_stems)
