"""Character 4-grams: a side field that forgives endings and spelling."""

from typing import Final

GRAM_LENGTH: Final = 4


def grams(surface: str) -> tuple[str, ...]:
    """The 4-grams of a normalised word from left to right; the whole word when it is not longer."""
    if len(surface) <= GRAM_LENGTH:
        return (surface,)
    return tuple(surface[start : start + GRAM_LENGTH] for start in range(len(surface) - GRAM_LENGTH + 1))
