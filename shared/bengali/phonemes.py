"""How Bengali letters sound to somebody who types them in Latin letters, and how Latin spellings are read.

Both sides become a list of sounds in one small alphabet, so that they can be compared sound by sound. Consonants are
written as one spells them most often (`kh`, `sh`); `consonant_class` drops what users mix up (aspiration, the three
sibilants, the two rows of t and d).
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.bengali.letters import CHANDRABINDU, CONSONANTS, HASANTA, KHANDA_TA


class Sound(NamedTuple):
    """One sound. `weak` ones are often not written: the inherent vowel, silent letters, glides, nasality."""

    text: str
    is_vowel: bool
    weak: bool = False


_CONSONANT_SOUNDS: Final[Mapping[str, str]] = {
    "ক": "k", "খ": "kh", "গ": "g", "ঘ": "gh", "ঙ": "ng", "চ": "ch", "ছ": "chh", "জ": "j", "ঝ": "jh", "ঞ": "n",
    "ট": "t", "ঠ": "th", "ড": "d", "ঢ": "dh", "ণ": "n", "ত": "t", "থ": "th", "দ": "d", "ধ": "dh", "ন": "n",
    "প": "p", "ফ": "f", "ব": "b", "ভ": "bh", "ম": "m", "য": "j", "র": "r", "ল": "l", "শ": "sh", "ষ": "sh",
    "স": "s", "হ": "h", "\u09dc": "r", "\u09dd": "rh", "\u09df": "y", "\u09ce": "t", "\u0982": "ng",
}  # fmt: skip
_VOWEL_SOUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "অ": ("o",), "আ": ("a",), "ই": ("i",), "ঈ": ("i",), "উ": ("u",), "ঊ": ("u",), "এ": ("e",), "ঐ": ("o", "i"),
    "ও": ("o",), "ঔ": ("o", "u"),
    "\u09be": ("a",), "\u09bf": ("i",), "\u09c0": ("i",), "\u09c1": ("u",), "\u09c2": ("u",), "\u09c7": ("e",),
    "\u09c8": ("o", "i"), "\u09cb": ("o",), "\u09cc": ("o", "u"),
}  # fmt: skip
_CONSONANTS: Final = frozenset(CONSONANTS + KHANDA_TA)
# Conjuncts that sound unlike their letters: খ্ষ is kkh, জ্ঞ is gg; after ঙ and ং a গ is heard and written once.
_CONJUNCTS: Final = (("ক্ষ", "খ"), ("জ্ঞ", "গ"), ("ঙ্গ", "ঙ"), ("ংগ", "ঙ"), ("ঙ্ক", "ংক"), ("হ্ম", "ম"), ("হ্ন", "ন"))
# After these a ব of a conjunct is heard (সম্বল, নির্বাচন, উদ্বোধন).
_BA_IS_HEARD_AFTER: Final = frozenset("মরদব")
_MA_IS_WEAK_AFTER: Final = frozenset("শষসতদ")

_LATIN_CONSONANT: Final = re.compile(
    r"tion|sion|chh|kkh|ksh|ck|kh|gh|ch|jh|zh|th|dh|ph|bh|sh|rh|ng|qu|[bcdfghjklmnpqrstvwxyz]"
)
_LATIN_VOWEL: Final = re.compile(r"ee|ii|oo|uu|aa|ou|[aeiou]")
_LATIN_CONSONANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ck": ("k",), "kkh": ("kh",), "ksh": ("kh",), "ph": ("f",), "v": ("bh",), "z": ("j",), "zh": ("jh",), "q": ("k",),
    "qu": ("k", "w"), "x": ("k", "s"), "tion": ("sh", "n"), "sion": ("sh", "n"),
}  # fmt: skip
_LATIN_VOWELS: Final[Mapping[str, tuple[str, ...]]] = {
    "ee": ("i",), "ii": ("i",), "oo": ("u",), "uu": ("u",), "aa": ("a", "a"), "ou": ("o", "u"),
}  # fmt: skip
_SOFT_C: Final = re.compile(r"c(?=[eiy])")

# What users do not keep apart; ্য and য় are vowels to the ear, w likewise.
_CLASSES: Final[Mapping[str, str]] = {
    "kh": "k", "gh": "g", "ng": "n", "ch": "c", "chh": "c", "jh": "j", "th": "t", "dh": "d", "f": "p", "bh": "b",
    "sh": "s", "rh": "r", "c": "c",
}  # fmt: skip


def consonant_class(sound: str) -> str:
    """The consonant that a sound counts as in a skeleton."""
    return _CLASSES.get(sound, sound)


def sounds_of_bengali(word: str) -> list[Sound]:
    """The sounds of a normalised Bengali word; other characters are left out."""
    for conjunct, spoken in _CONJUNCTS:
        word = word.replace(conjunct, spoken)
    sounds: list[Sound] = []
    for index, character in enumerate(word):
        if character in _VOWEL_SOUNDS:
            sounds.extend(Sound(vowel, is_vowel=True) for vowel in _VOWEL_SOUNDS[character])
        elif character in {"ঋ", "\u09c3"}:
            sounds.extend((Sound("r", is_vowel=False), Sound("i", is_vowel=True)))
        elif character == CHANDRABINDU:
            sounds.append(Sound("n", is_vowel=False, weak=True))
        elif character in _CONSONANT_SOUNDS:
            sounds.append(_consonant(word, index))
            if character in _CONSONANTS and _has_inherent_vowel(word, index):
                sounds.append(Sound("o", is_vowel=True, weak=True))
    return sounds


def _consonant(word: str, index: int) -> Sound:
    character = word[index]
    before = word[index - 2] if index > 1 and word[index - 1] == HASANTA else ""
    if before and character == "য":
        return Sound("y", is_vowel=False, weak=True)
    weak = (before != "" and character == "ব" and before not in _BA_IS_HEARD_AFTER) or (
        before in _MA_IS_WEAK_AFTER and character == "ম"
    )
    return Sound(_CONSONANT_SOUNDS[character], is_vowel=False, weak=weak or character == "\u09df")


def _has_inherent_vowel(word: str, index: int) -> bool:
    if word[index] == KHANDA_TA:
        return False
    follower = word[index + 1] if index + 1 < len(word) else ""
    return follower == "" or follower in _CONSONANTS or follower in "\u0982\u0983" or follower not in _AFTER_CONSONANT


_AFTER_CONSONANT: Final = frozenset("\u09be\u09bf\u09c0\u09c1\u09c2\u09c3\u09c4\u09c7\u09c8\u09cb\u09cc" + HASANTA)


def sounds_of_latin(word: str) -> list[Sound]:
    """The sounds of a word in Latin letters, lower case; other characters are left out."""
    word = _SOFT_C.sub("s", word)
    sounds: list[Sound] = []
    index = 0
    while index < len(word):
        if match := _LATIN_CONSONANT.match(word, index):
            sounds.extend(_latin_consonants(match[0], at_start=index == 0))
        elif match := _LATIN_VOWEL.match(word, index):
            sounds.extend(Sound(vowel, is_vowel=True) for vowel in _LATIN_VOWELS.get(match[0], (match[0],)))
        index = match.end() if match else index + 1
    return sounds


def _latin_consonants(spelling: str, *, at_start: bool) -> list[Sound]:
    if spelling in {"y", "w"}:
        # A vowel at the beginning (Yunus: ইউনূস, WASA: ওয়াসা), a glide elsewhere.
        vowel = "i" if spelling == "y" else "o"
        return [Sound(vowel, is_vowel=True) if at_start else Sound(spelling, is_vowel=False, weak=True)]
    return [Sound(sound, is_vowel=False, weak=sound == "w") for sound in _LATIN_CONSONANTS.get(spelling, (spelling,))]
