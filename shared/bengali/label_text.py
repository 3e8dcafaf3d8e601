"""Folds the labels and dates of a page so that their many spellings meet. Not for searching: see `normalize`."""

import unicodedata
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
    folded: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for piece in unicodedata.normalize("NFKD", character).lower():
            digit = unicodedata.decimal(piece, None)
            if digit is not None:
                folded.append(str(digit))
            elif unicodedata.category(piece) == "Cf":
                continue
            elif mapped := piece.translate(_FOLDS):
                folded.append(mapped)
            else:
                continue
            offsets.append(offset)
    return FoldedText("".join(folded), (*offsets, len(text)))


def fold_word(word: str) -> str:
    return fold_label(word).text


def any_of(*words: str) -> str:
    """A regular expression, without group, for any of the words in any spelling; the longest goes first."""
    folded = {fold_word(word).replace(" ", r"\s") for word in words}
    return "|".join(sorted(folded, key=lambda word: (-len(word), word)))
