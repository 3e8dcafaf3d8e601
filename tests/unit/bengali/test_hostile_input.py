"""Long and hostile input is analysed in linear time: each limit is far above linear and far below quadratic time."""

import pytest

from shared.bengali.analyzer import analyze, describe
from shared.bengali.normalize import normalize, normalize_with_offsets
from shared.bengali.tokenize import tokenize

# A quadratic step takes hours on the first size and many seconds on the other one.
MEGABYTE = 1_000_000
SIZE = 20_000

HOSTILE = {
    "one letter": "ক" * MEGABYTE,
    "combining marks of two classes": "a" + "\u0301\u0327" * (MEGABYTE // 2),
    "Bengali vowel signs": "ক" + "\u09be\u09bf" * (SIZE // 2),
    "zero-width joiners": "\u200d" * MEGABYTE,
    "hasantas": "ক\u09cd" * (SIZE // 2),
    "khanda ta from joiners": "ত\u09cd\u200d" * (SIZE // 3),
    "nuktas": "য\u09bc" * (SIZE // 2),
    "halves of vowel signs": "ক\u09c7\u09be" * (SIZE // 3),
    "font converter's ya-phala": "কে\u09f5" * (SIZE // 3),
    "colons for visargas": "দু:" * (SIZE // 3),
    "hyphens": "ক-" * (SIZE // 2),
    "apostrophes": "ক’" * (SIZE // 2),
    "dots": "ক." * (SIZE // 2),
    "digits and commas": "১," * (SIZE // 2),
    "letters and digits": "ক১" * (SIZE // 2),
    "quotes": "“" * SIZE,
    "spaces": " " * SIZE,
    "Hangul finals": "\u1100" + "\u11a8" * SIZE,
    "a long word that inflects": "ক" * SIZE + "গুলোরকে" * 3,
    "endings": "টারকে" * (SIZE // 5),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_long_input_is_analysed(text: str) -> None:
    normalized, offsets = normalize_with_offsets(text)
    assert len(offsets) == len(normalized)
    analyzed = analyze(text)
    assert len(analyzed.surfaces) == len(analyzed.stems) == len(analyzed.tokens)
    assert all(0 <= token.start < token.end <= len(text) for token in analyzed.tokens)


def test_marks_beyond_any_use_are_dropped_and_the_rest_is_kept() -> None:
    word = normalize("a" + "\u0301" * 500 + "b")
    assert word.startswith("á")
    assert word.endswith("b")
    assert len(word) < 20


def test_text_without_words_has_no_tokens() -> None:
    assert tokenize("।,;:—…\u200d\u09cd\u0982 ৳ ÷") == []
    assert describe("।").tokens == ()
