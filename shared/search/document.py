"""An article becomes what every engine indexes: token fields, filters and near-duplicate bands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final
from zlib import crc32

from shared.bengali.analyzer import analyze
from shared.events import Article
from shared.search.dhaka import day_in_dhaka
from shared.search.duplicates import bands_of, signature_of
from shared.search.labels import canonical_label

# Research F7: BM25 over a field that repeats the title 3 times, the lead twice and the body once gives the hits of
# BM25F with these weights (overlap@10 .970), at one term query per word, and scores alike in both engines.
_TITLE_COPIES: Final = 3
_LEAD_COPIES: Final = 2
# Two pairs that share a number make each other look less rare, which is all that happens.
_PAIR_NUMBERS: Final = 0xFFFFFF
# Longer "words" are encoded data; engines refuse terms beyond some 32,000 bytes.
LONGEST_TOKEN: Final = 128

# An article without a lead has what it begins with count as one: whole sentences until there are this many words. Its
# first sentence or two count with the body, some more in a field of their own: docs/decisions/0012-query-design.md.
_FIRST_WORDS: Final = 20
_OPENING_WORDS: Final = 40
# A sentence may be endless: that many times the words, and no more.
_LONGEST_OPENING: Final = 2.25
_SENTENCE: Final = re.compile(r"[^।৷॥?!\n]*(?:[।৷॥?!\n]+|$)")
# Enough for the longest opening, however its words are spaced.
_OPENING_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """Engine-neutral; token fields are space-joined and meant for a whitespace tokenizer.

    `stem` repeats title, lead and body 3, 2 and 1 times, `gram` 3, 1 and 1 times; `opening` has the stems of the lead,
    or of what the body begins with, `headline` the words of the title as they are written, `pairs` any two stems that
    stand next to each other. These are scored and need no positions. `surface` has the words as they are written,
    once: the vocabulary of the index. `title` (stems) and `text` (stems of title, lead and body, each a value of its
    own, so that no phrase crosses them) keep the order of words; a compound counts there and in `pairs` with its parts
    only. `category` and `sources` are in canonical spelling. `published` is in seconds since 1970, `day` the calendar
    day in Dhaka. `signature` and `bands` find near-duplicates and are empty for short texts.
    """

    article_id: str
    version: int
    stem: str
    gram: str
    opening: str
    headline: str
    pairs: str
    surface: str
    title: str
    text: tuple[str, ...]
    category: str | None
    sources: tuple[str, ...]
    published: int
    day: date
    signature: bytes
    bands: tuple[str, ...]


def build_document(article: Article) -> IndexDocument:
    """Analyse an article; linear in its length."""
    title, body = analyze(article.title), analyze(article.body)
    lead = analyze(article.lead or opening_of(article.body, _FIRST_WORDS))
    opening = analyze(article.lead or opening_of(article.body, _OPENING_WORDS))
    parts = (title, lead, body) if article.lead else (title, body)
    signature = signature_of([surface for part in parts[1:] for surface in part.surfaces])
    return IndexDocument(
        article_id=article.id,
        version=article.version,
        stem=_repeated((title.stems, _TITLE_COPIES), (lead.stems, _LEAD_COPIES), (body.stems, 1)),
        gram=_repeated((title.grams, _TITLE_COPIES), *((part.grams, 1) for part in parts[1:])),
        opening=_joined(opening.stems),
        headline=_joined(title.surfaces),
        pairs=_joined([token for part in parts for token in pair_tokens(part.part_stems)]),
        surface=_repeated(*((part.surfaces, 1) for part in parts)),
        title=_joined(title.part_stems),
        text=tuple(_joined(part.part_stems) for part in parts),
        category=canonical_label(article.category) if article.category else None,
        sources=tuple(dict.fromkeys(map(canonical_label, article.sources))),
        published=int(article.published_at.timestamp() // 1),
        day=day_in_dhaka(article.published_at),
        signature=signature or b"",
        bands=bands_of(signature) if signature else (),
    )


def pair_tokens(stems: Sequence[str]) -> list[str]:
    """A number for each two neighbours, in hexadecimal: most pairs are rare, and their words would fill the index."""
    return [f"{crc32(f'{first} {second}'.encode()) & _PAIR_NUMBERS:x}" for first, second in pairwise(stems)]


def opening_of(body: str, least: int) -> str:
    """The first sentences of a body, `least` words of it or a little more."""
    words: list[str] = []
    for sentence in _SENTENCE.finditer(body[:_OPENING_CHARACTERS]):
        words += sentence[0].split()
        if len(words) >= least:
            break
    return " ".join(words[: int(least * _LONGEST_OPENING)])


def _repeated(*counted: tuple[Sequence[str], int]) -> str:
    """Tokens and how many times they stand there."""
    texts = ((_joined(tokens), copies) for tokens, copies in counted)
    return " ".join(" ".join([text] * copies) for text, copies in texts if text)


def _joined(tokens: Sequence[str]) -> str:
    if max(map(len, tokens), default=0) > LONGEST_TOKEN:
        tokens = [token for token in tokens if len(token) <= LONGEST_TOKEN]
    return " ".join(tokens)
