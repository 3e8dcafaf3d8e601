"""The token: a word of a text, with its place in the original."""

from typing import NamedTuple


class Token(NamedTuple):
    """`surface` is normalised; `start` and `end` are character offsets into the original text.

    `position` counts words. The parts of a hyphen compound take one position each; its joined form, if there
    is one, stands at the position of the first part.
    """

    surface: str
    start: int
    end: int
    position: int
