"""A key under which common spellings of one word fall together; too coarse for the main field."""

from typing import Final

_FOLDED: Final = str.maketrans(
    {
        "\u09c0": "\u09bf",  # ী -> ি
        "\u09c2": "\u09c1",  # ূ -> ু
        "ঈ": "ই",
        "ঊ": "উ",
        "ণ": "ন",
        "ষ": "শ",
        "\u0981": None,  # ঁ
    }
)
_FINAL_O_SIGN: Final = "\u09cb"


def fold(surface: str) -> str:
    """Fold a normalised word: short and long i and u, ণ and ন, ষ and শ, ঁ, and a final ো (ভালো, ভাল)."""
    folded = surface.translate(_FOLDED)
    return folded[:-1] if len(folded) > 3 and folded.endswith(_FINAL_O_SIGN) else folded
