"""Words of an analysed text, with hyphen compounds kept together."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.bengali.analyzer import AnalyzedText
from shared.bengali.token import Token


@dataclass(frozen=True, slots=True)
class Word:
    """What a reader calls a word. `parts` are stems: one, or those of a compound, whose joined form has one too."""

    surface: str
    parts: tuple[str, ...]
    joined: str | None = None


def words_of(text: AnalyzedText) -> list[Word]:
    """The words in their order."""
    compounds = joined_forms(text.tokens)
    words: list[Word] = []
    parts: list[tuple[str, str]] = []
    joined: int | None = None

    def finish() -> None:
        if parts:
            surface = text.surfaces[joined] if joined is not None else parts[0][0]
            words.append(
                Word(surface, tuple(stem for _, stem in parts), text.stems[joined] if joined is not None else None)
            )
        parts.clear()

    for index in sorted(range(len(text.tokens)), key=lambda i: (text.tokens[i].position, i not in compounds)):
        token = text.tokens[index]
        if joined is None or token.start >= text.tokens[joined].end:
            finish()
            joined = None
        if index in compounds:
            joined = index
        else:
            parts.append((text.surfaces[index], text.stems[index]))
    finish()
    return words


def joined_forms(tokens: Sequence[Token]) -> frozenset[int]:
    """Indexes of the tokens that stand for a whole compound: at the position of its first part, but longer."""
    positions = [token.position for token in tokens]
    if len(set(positions)) == len(positions):
        return frozenset()
    joined: set[int] = set()
    first_at: dict[int, int] = {}
    for index, token in enumerate(tokens):
        other = first_at.setdefault(token.position, index)
        if other != index:
            joined.add(max(other, index, key=lambda i: tokens[i].end - tokens[i].start))
    return frozenset(joined)
