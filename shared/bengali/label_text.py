"""Folds the labels and dates of a page so that their many spellings meet. Not for searching: see `normalize`."""

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple


class FoldedText(NamedTuple):
    """`text` is folded; `offsets[i]` is the place of its i-th character in the original, plus one end mark."""

    text: str
    offsets: tuple[int, ...]


# Spellings that differ between newsrooms, and signs that are typed for one another: জানুয়ারী/জানুয়ারি,
# ঘন্টা/ঘণ্টা, আগষ্ট/আগস্ট, আপডেটঃ/আপডেট:. The nukta goes because it has two encodings and is often left out.
_FOLDS: Final = str.maketrans(
    {
        "\u09bc": "",
        "ী": "ি",
        "ূ": "ু",
        "ণ": "ন",
        "ষ": "শ",
        "স": "শ",
        "ঃ": ":",
        "।": " ",
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "¦": "|",
        "│": "|",
        "’": "'",
        "‘": "'",
    }
)


def fold_label(text: str) -> FoldedText:
    """Lower-case, compatibility-decomposed, digits in ASCII, invisible characters gone; linear in `text`."""
    pieces = [_fold_character(character) for character in text]
    offsets = [offset for offset, piece in enumerate(pieces) for _ in piece]
    return FoldedText("".join(pieces), (*offsets, len(text)))


# Pages use few characters; folding each from the Unicode tables again takes ten times as long.
@lru_cache(maxsize=4_096)
def _fold_character(character: str) -> str:
    folded = []
    for piece in unicodedata.normalize("NFKD", character).lower():
        digit = unicodedata.decimal(piece, None)
        if digit is not None:
            folded.append(str(digit))
        elif unicodedata.category(piece) != "Cf":
            folded.append(piece.translate(_FOLDS))
    return "".join(folded)


def fold_word(word: str) -> str:
    return fold_label(word).text


def any_of(*words: str) -> str:
    """A regular expression, as one group, for any of the words in any spelling; the longest goes first."""
    folded = {fold_word(word).replace(" ", r"\s") for word in words}
    return f"(?:{'|'.join(sorted(folded, key=lambda word: (-len(word), word)))})"
