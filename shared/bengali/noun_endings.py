"""The endings that the stemmer takes off, as a table: what they attach to, and a word that needs each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

from shared.bengali.letters import ANUSVARA, CONSONANTS, KHANDA_TA, VOWEL_SIGNS, VOWELS


class Attaches(Enum):
    """Which last characters of a base an ending may follow."""

    TO_ANY = frozenset(CONSONANTS + KHANDA_TA + VOWELS + VOWEL_SIGNS + "\u0981\u0982\u0983")
    TO_ANY_BUT_A = TO_ANY - {"\u09be"}
    TO_ANY_BUT_I = TO_ANY - {"\u09bf"}
    TO_CONSONANT = frozenset(CONSONANTS + KHANDA_TA)
    TO_VOWEL = frozenset(VOWELS + VOWEL_SIGNS)
    # Genitive -র after ে is far rarer than -ের after a consonant, which looks the same.
    TO_VOWEL_BUT_E = frozenset(VOWELS + VOWEL_SIGNS) - {"\u09c7"}
    TO_A_OR_O = frozenset("আও\u09be\u09cb")
    TO_FULL_VOWEL_OR_ANUSVARA = frozenset(VOWELS + ANUSVARA)


class Ending(NamedTuple):
    """An ending, where it may stand, and the fewest letters that must remain of an unknown base."""

    text: str
    attaches: Attaches
    example: str
    base: str
    fewest_letters: int = 2


ENDINGS: Final[Sequence[Ending]] = (
    # Particles. Short words end in -াই (লড়াই, যাচাই) and in -িও (ভিডিও, রেডিও) by themselves.
    Ending("ই", Attaches.TO_ANY, "জনতাই", "জনতা", fewest_letters=3),
    Ending("ই", Attaches.TO_ANY_BUT_A, "দেশই", "দেশ"),
    Ending("ও", Attaches.TO_ANY, "বিএনপিও", "বিএনপি", fewest_letters=3),
    Ending("ও", Attaches.TO_ANY_BUT_I, "টাকাও", "টাকা"),
    # Case.
    Ending("ের", Attaches.TO_CONSONANT, "নির্বাচনের", "নির্বাচন"),
    Ending("র", Attaches.TO_VOWEL_BUT_E, "ক্ষমতার", "ক্ষমতা"),
    Ending("য়ের", Attaches.TO_FULL_VOWEL_OR_ANUSVARA, "জুলাইয়ের", "জুলাই"),
    Ending("ে", Attaches.TO_CONSONANT, "হাসপাতালে", "হাসপাতাল"),
    Ending("তে", Attaches.TO_VOWEL, "রাজশাহীতে", "রাজশাহী"),
    Ending("য়", Attaches.TO_A_OR_O, "কোরিয়ায়", "কোরিয়া"),
    Ending("য়ে", Attaches.TO_FULL_VOWEL_OR_ANUSVARA, "লড়াইয়ে", "লড়াই"),
    Ending("কে", Attaches.TO_ANY, "হাসিনাকে", "হাসিনা"),
    # Number and classifiers.
    Ending("রা", Attaches.TO_ANY, "শিক্ষার্থীরা", "শিক্ষার্থী"),
    Ending("েরা", Attaches.TO_CONSONANT, "অভিভাবকেরা", "অভিভাবক"),
    Ending("য়েরা", Attaches.TO_FULL_VOWEL_OR_ANUSVARA, "ভাইয়েরা", "ভাই"),
    Ending("দের", Attaches.TO_ANY, "শিক্ষার্থীদের", "শিক্ষার্থী"),
    Ending("েদের", Attaches.TO_CONSONANT, "শ্রমিকেদের", "শ্রমিক"),
    Ending("য়েদের", Attaches.TO_FULL_VOWEL_OR_ANUSVARA, "ভাইয়েদের", "ভাই"),
    Ending("গুলো", Attaches.TO_ANY, "ব্যাংকগুলো", "ব্যাংক"),
    Ending("গুলি", Attaches.TO_ANY, "দলগুলি", "দল"),
    Ending("গুলা", Attaches.TO_ANY, "বইগুলা", "বই"),
    Ending("সমূহ", Attaches.TO_ANY, "প্রতিষ্ঠানসমূহ", "প্রতিষ্ঠান"),
    Ending("টি", Attaches.TO_ANY, "গাড়িটি", "গাড়ি"),
    Ending("টা", Attaches.TO_ANY, "গাড়িটা", "গাড়ি"),
    Ending("খানা", Attaches.TO_ANY, "চিঠিখানা", "চিঠি"),
    Ending("খানি", Attaches.TO_ANY, "ছবিখানি", "ছবি"),
    # "in a ... way" and "together with", written as one word.
    Ending("ভাবে", Attaches.TO_ANY, "আনুষ্ঠানিকভাবে", "আনুষ্ঠানিক", fewest_letters=3),
    Ending("সহ", Attaches.TO_ANY, "ঢাকাসহ", "ঢাকা"),
)


# The endings that a word with this last character may have, longest first.
EndingTable = Mapping[str, Sequence[Ending]]


def table_of(endings: Iterable[Ending]) -> EndingTable:
    by_character: dict[str, list[Ending]] = defaultdict(list)
    for ending in sorted(endings, key=lambda ending: -len(ending.text)):
        by_character[ending.text[-1]].append(ending)
    return by_character


@cache
def endings_by_last_character() -> EndingTable:
    return table_of(ENDINGS)
