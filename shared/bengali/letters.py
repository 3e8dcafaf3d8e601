"""The Bengali letters and signs that analysis tells apart, as strings of code points.

Canonical text is composed: U+09DC, U+09DD and U+09DF are one code point each. Unicode's own NFC takes them apart
again (they are composition exclusions), so canonical text must never be passed through NFC or NFKC.
"""

from typing import Final

HASANTA: Final = "\u09cd"
NUKTA: Final = "\u09bc"
KHANDA_TA: Final = "\u09ce"
VISARGA: Final = "\u0983"
CHANDRABINDU: Final = "\u0981"
ANUSVARA: Final = "\u0982"
DANDA: Final = "\u0964"
ZERO_WIDTH_JOINER: Final = "\u200d"
# Bengali currency numerator two. Font converters leave it behind for a ya-phala.
CURRENCY_NUMERATOR_TWO: Final = "\u09f5"

VOWELS: Final = "অআইঈউঊঋঌএঐওঔ\u09e0\u09e1"
CONSONANTS: Final = "কখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহ\u09dc\u09dd\u09df"
LETTERS: Final = VOWELS + CONSONANTS + KHANDA_TA
# Dependent vowel signs, composed and in parts.
VOWEL_SIGNS: Final = "\u09be\u09bf\u09c0\u09c1\u09c2\u09c3\u09c4\u09c7\u09c8\u09cb\u09cc\u09d7\u09e2\u09e3"
# Signs that close a syllable, in their canonical order.
SYLLABLE_SIGNS: Final = CHANDRABINDU + ANUSVARA + VISARGA


def is_bengali(character: str) -> bool:
    """Whether the character is in the Bengali block (U+0980 to U+09FF)."""
    return "\u0980" <= character <= "\u09ff"
