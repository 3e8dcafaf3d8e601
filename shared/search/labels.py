"""One spelling for categories and sources, so that filters and facets compare equal."""

import unicodedata
from typing import Final

# Unicode's composed form leaves these three apart (composition exclusions); keyboards and pages use the single letter.
_COMPOSED: Final = {"\u09a1\u09bc": "\u09dc", "\u09a2\u09bc": "\u09dd", "\u09af\u09bc": "\u09df"}
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\ufeff\u2060\u00ad"))


def canonical_label(text: str) -> str:
    """The label as it is shown and compared: composed letters, single spaces, nothing invisible. Idempotent."""
    label = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    for parts, letter in _COMPOSED.items():
        label = label.replace(parts, letter)
    return " ".join(label.split())
