"""Word lists that analysis consults: read once, on first use, from the data files beside this module."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from shared.bengali.normalize import normalize


def rows_of(name: str) -> Iterator[list[str]]:
    """The tab-separated rows of a data file in canonical spelling, without its comments."""
    text = (files("shared.bengali") / "data" / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield normalize(line).split("\t")


@cache
def known_words() -> frozenset[str]:
    """Words that end like an inflected form and are none: they are never cut, and are preferred as a base."""
    return frozenset(row[0] for row in rows_of("known_words.tsv"))


@cache
def detached_endings(after: str) -> frozenset[str]:
    """Endings that may be written apart: after "any" word, or after a "number", which takes those and its own."""
    kinds = {"any", after}
    return frozenset(
        ending for kind, endings in rows_of("detached_endings.tsv") if kind in kinds for ending in endings.split()
    )
