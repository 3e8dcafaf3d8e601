"""A baseline only: Lucene's `bengali` analysis chain, written again in Python to be indexed beside the product.

StandardTokenizer, lower case, decimal digits, IndicNormalizer, BengaliNormalizer, BengaliStemmer, as in Lucene 10
(Apache-2.0), faults included: they are what the comparison is about. The stop filter is left out, because without it
the chain finds slightly more on every set.
"""

import unicodedata
from functools import lru_cache
from typing import Final

import regex

_HASANTA: Final = "\u09cd"

# UAX #29 word boundaries; what holds no letter or digit is no word.
_SEGMENTS: Final = regex.compile(r"(?w)\b")
_WORD_CHARACTER: Final = regex.compile(r"[\p{L}\p{N}]")

# IndicNormalizer: what it composes in Bengali, tried in this order at each place.
_COMPOSED: Final = {
    "\u0985\u09be": "\u0986",
    "\u09a1\u09bc": "\u09dc",
    "\u09a2\u09bc": "\u09dd",
    "\u09a4\u09cd\u200d": "\u09ce",
    "\u09af\u09bc": "\u09df",
    "\u09c7\u09be": "\u09cb",
    "\u09c7\u09d7": "\u09cc",
}
_COMPOSITION: Final = regex.compile("|".join(_COMPOSED))

# BengaliStemmer: (longer than, endings that are taken off); the first group that fits ends the work.
_ENDINGS: Final = (
    (9, "িয়াছিলাম িতেছিলাম িতেছিলেন ইতেছিলেন িয়াছিলেন ইয়াছিলেন"),
    (8, "িতেছিলি িতেছিলে িয়াছিলা িয়াছিলে িতেছিলা িয়াছিলি য়েদেরকে"),
    (7, "িতেছিস িতেছেন িয়াছিস িয়াছেন েছিলাম েছিলেন েদেরকে"),
    (6, "িতেছি িতেছা িতেছে ছিলাম ছিলেন িয়াছি িয়াছা িয়াছে েছিলে েছিলা য়েদের দেরকে"),
    (5, "িলাম িলেন িতাম িতেন িবেন ছিলি ছিলে ছিলা তেছে িতেছ খানা খানি গুলো গুলি য়েরা েদের"),
    (4, "লাম িলি ইলি িলে ইলে লেন িলা ইলা তাম িতি ইতি িতে ইতে তেন িতা িবা ইবা িবি ইবি বেন িবে ইবে ছেন য়োন য়ের েরা দের"),
    (3, "িস েন লি লে লা তি তে তা বি বে বা ছি ছা ছে ুন ুক টা টি নি ের রা কে"),
    (2, "ি ী া ো ে ব ত"),
)


def lucene_bengali(text: str) -> list[str]:
    """The terms that Lucene would index."""
    return [term for word in standard_words(text) if (term := _term(word))]


def standard_words(text: str) -> list[str]:
    """What Lucene's StandardTokenizer calls words, in lower case."""
    return [part.lower() for part in _SEGMENTS.split(text) if part and _WORD_CHARACTER.search(part)]


def compose(word: str) -> str:
    """IndicNormalizer for Bengali: one code point for each letter and vowel sign that has one."""
    return _COMPOSITION.sub(lambda match: _COMPOSED[match[0]], word)


_BY_LENGTH: Final = tuple((longer, tuple(compose(endings).split())) for longer, endings in _ENDINGS)


@lru_cache(maxsize=1 << 18)
def _term(word: str) -> str:
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in word)
    return _stem(_normalize(compose(digits)))


def _stem(word: str) -> str:
    for longer, endings in _BY_LENGTH:
        if len(word) > longer and word.endswith(endings):
            # Every ending of a group is one letter shorter than the group's limit.
            return word[: len(word) - longer + 1]
    return word


def _normalize(word: str) -> str:  # noqa: C901, PLR0912 - one case per rule, as in the original
    """BengaliNormalizer: sounds that are spelt in several ways become one."""
    s = list(word)
    i = 0
    while i < len(s):
        match s[i]:
            case "\u0981":
                del s[i]
                i -= 1
            case "\u09c0":
                s[i] = "\u09bf"
            case "\u09c2":
                s[i] = "\u09c1"
            case "ক" if s[i + 1 : i + 3] == [_HASANTA, "\u09bf"]:
                # Means ক্ষ, but looks for the vowel sign beside ষ in the code chart.
                if i == 0:
                    s[0:3] = ["খ"]
                else:
                    s[i + 1 : i + 3] = ["খ"]
            case "ঙ":
                s[i] = "ং"
            case "য" if i > 0 and s[i - 1] == _HASANTA:
                i = _ya_phala(s, i)
            case "ব" if i > 0 and s[i - 1] == _HASANTA:
                i = _ba_phala(s, i)
            case "ঃ":
                _visarga(s, i)
            case "শ" | "ষ":
                s[i] = "স"
            case "ণ":
                s[i] = "ন"
            case "\u09dc" | "\u09dd":
                s[i] = "র"
            case "ৎ":
                s[i] = "ত"
            case _:
                pass
        i += 1
    return "".join(s)


def _ya_phala(s: list[str], i: int) -> int:
    if i != 2:
        del s[i - 1 : i + 1]
        return i - 2
    s[1] = "\u09c7"
    if s[3:4] == ["\u09be"]:
        del s[3]
    del s[2]
    return i - 1


def _ba_phala(s: list[str], i: int) -> int:
    if i == 2 or (i >= 5 and s[i - 3] == _HASANTA):
        del s[i - 1 : i + 1]
        return i - 2
    if i >= 2:
        s[i - 1] = s[i - 2]
        del s[i]
        return i - 1
    return i


def _visarga(s: list[str], i: int) -> None:
    if i < len(s) - 1:
        s[i] = s[i + 1]
    elif len(s) <= 3:
        s[i] = "হ"
    else:
        del s[i]
