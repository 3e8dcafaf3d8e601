"""Marked excerpts of an article: HTML-escaped, `<mark>` around whole original words, cut between words."""

import html
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

import regex

from shared.bengali.analyzer import analyze
from shared.events import Article
from shared.search.pieces import Word, pieces_of, pieces_with_one_of
from shared.search.query_language import ParsedQuery

MOST_FRAGMENTS: Final = 3
FRAGMENT_CHARACTERS: Final = 200
# Nobody reads an excerpt from beyond the first hundred screens, and analysing half a million characters costs.
_MOST_BODY_CHARACTERS: Final = 60_000

_CLUSTER: Final = regex.compile(r"\X")
_SPACES: Final = regex.compile(r"\s+")
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class HighlightTerms:
    """Stems to mark, and sequences of stems to mark where they stand together; those `in_title` only there."""

    stems: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    in_title: "HighlightTerms | None" = None


@dataclass(frozen=True, slots=True)
class Highlights:
    """HTML. `title` is the whole title; `body` has up to three excerpts, or the opening when nothing in it matched."""

    title: str
    body: tuple[str, ...]


class _Match(NamedTuple):
    start: int
    end: int
    key: str


def highlight_terms(query: ParsedQuery, readings: Mapping[str, Sequence[str]] | None = None) -> HighlightTerms:
    """What to mark for a query; `readings` as in `plan.plan_search`."""
    read = [word for words in (readings or {}).values() for word in words]
    everywhere: list[tuple[str, ...]] = [(stem,) for word in read for stem in analyze(word).stems]
    in_title: list[tuple[str, ...]] = []
    for term in (term for group in query.required for term in group):
        text = analyze(term.text)
        target = in_title if term.field == "title" else everywhere
        if term.phrase:
            target.append(text.part_stems)
        else:
            target.extend((stem,) for stem in text.stems)
    return _terms(everywhere, _terms(in_title, None))


def highlight(article: Article, terms: HighlightTerms) -> Highlights:
    """Excerpts of the original text. Linear in the length of the article, up to a bound."""
    title = article.title
    title_matches = _merged(title, _matches(title, terms) + (_matches(title, terms.in_title) if terms.in_title else []))
    text = article.body[:_MOST_BODY_CHARACTERS]
    if article.lead and article.lead not in text:
        text = f"{article.lead}\n{text}"
    matches = _merged(text, _matches(text, terms))
    spans = _fragments(text, matches) or [_around(text, 0, 0, 0, len(text))]
    return Highlights(
        title=_marked(title, 0, len(title), title_matches),
        body=tuple(_fragment(text, start, end, matches) for start, end in spans if start < end),
    )


def _terms(sequences: Sequence[tuple[str, ...]], in_title: HighlightTerms | None) -> HighlightTerms:
    return HighlightTerms(
        stems=frozenset(sequence[0] for sequence in sequences if len(sequence) == 1),
        phrases=tuple(dict.fromkeys(sequence for sequence in sequences if len(sequence) > 1)),
        in_title=in_title,
    )


def _matches(text: str, terms: HighlightTerms) -> list[_Match]:
    found = [
        _Match(piece.start + word.start, piece.start + word.end, word.stem)
        for piece in pieces_with_one_of(text, terms.stems)
        for word in piece.words
        if word.stem in terms.stems
    ]
    if terms.phrases:
        by_position = _by_position(text, frozenset().union(*terms.phrases))
        for phrase in terms.phrases:
            found.extend(_phrase_matches(by_position, phrase))
    return found


def _by_position(text: str, stems: frozenset[str]) -> dict[int, Word]:
    """The words with one of the stems, but joined forms, with their places in the text."""
    words: dict[int, Word] = {}
    position = 0
    for piece in pieces_of(text):
        for word in piece.words:
            if word.stem in stems and not word.joined:
                start, end = piece.start + word.start, piece.start + word.end
                words[position + word.position] = word._replace(start=start, end=end)
        position += piece.width
    return words


def _phrase_matches(by_position: Mapping[int, Word], phrase: tuple[str, ...]) -> Iterator[_Match]:
    key = " ".join(phrase)
    for first in by_position:
        words = [by_position.get(first + offset) for offset in range(len(phrase))]
        if [word and word.stem for word in words] == list(phrase):
            yield from (_Match(word.start, word.end, key) for word in words if word)


def _merged(text: str, matches: Iterable[_Match]) -> list[_Match]:
    """In order, grown to whole clusters, overlapping ones (a compound and its parts) made one."""
    merged: list[_Match] = []
    for match in sorted(matches):
        end = _cluster_end(text, match.end)
        if merged and match.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(end, merged[-1].end))
        else:
            merged.append(match._replace(end=end))
    return merged


def _fragments(text: str, matches: list[_Match]) -> list[tuple[int, int]]:
    """Up to three spans of about 200 characters, densest first chosen, given in the order of the text."""
    chosen: list[tuple[int, int]] = []
    # Runs of matches with no chosen span between them.
    runs = [matches] if matches else []
    seen: set[str] = set()
    while runs and len(chosen) < MOST_FRAGMENTS:
        run, first, last = max(((run, *_densest(run, seen)) for run in runs), key=lambda found: _density(found, seen))
        low = max((end for _, end in chosen if end <= run[first].start), default=0)
        high = min((start for start, _ in chosen if start >= run[last].end), default=len(text))
        start, end = _around(text, run[first].start, run[last].end, low, high)
        chosen.append((start, end))
        seen.update(match.key for match in run if start <= match.start < end)
        runs.remove(run)
        before, after = [m for m in run if m.end <= start], [m for m in run if m.start >= end]
        runs.extend(part for part in (before, after) if part)
    return sorted(chosen)


def _densest(run: list[_Match], seen: set[str]) -> tuple[int, int]:
    """First and last index of the best window: most words not shown yet, then most words, then most matches."""
    best = (0, 0)
    last = 0
    for first in range(len(run)):
        last = max(last, first)
        while last + 1 < len(run) and run[last + 1].end - run[first].start <= FRAGMENT_CHARACTERS:
            last += 1
        if _density((run, first, last), seen) > _density((run, *best), seen):
            best = (first, last)
    return best


def _density(window: tuple[list[_Match], int, int], seen: set[str]) -> tuple[int, int, int]:
    run, first, last = window
    keys = {match.key for match in run[first : last + 1]}
    return len(keys - seen), len(keys), last - first + 1


def _around(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """Grow a span to about 200 characters within [low, high), to borders between words."""
    slack = max(FRAGMENT_CHARACTERS - (end - start), 0)
    left = max(start - slack // 2, low)
    right = min(left + max(FRAGMENT_CHARACTERS, end - left), high)
    return _border(text, left, start, last=False), _border(text, end, right, last=True)


def _border(text: str, low: int, high: int, *, last: bool) -> int:
    """Where to begin (or, with `last`, to end) an excerpt: the outermost border between words in [low, high].

    Text without spaces is cut between clusters instead.
    """
    outer = high if last else low
    if outer in {0, len(text)}:
        return outer
    if text[outer - 1 : outer + 1].strip() == text[outer - 1 : outer + 1]:
        spaces = [space.start() if last else space.end() for space in _SPACES.finditer(text, low, high)]
    else:
        spaces = [outer]
    for at in reversed(spaces) if last else spaces:
        if _cluster_end(text, at) == at:
            return at
    # All from the first one on: where a cluster ends depends on how it began.
    borders = [0, *accumulate(len(cluster[0]) for cluster in _CLUSTER.finditer(text))]
    if last:
        at = borders[bisect_right(borders, high) - 1]
        return at if at >= low else borders[bisect_left(borders, low)]
    at = borders[bisect_left(borders, low)]
    return at if at <= high else borders[bisect_right(borders, high) - 1]


def _cluster_end(text: str, at: int) -> int:
    """The next border between clusters, `at` itself when it is one and the character before it begins its cluster."""
    if at in {0, len(text)}:
        return at
    cluster = _CLUSTER.match(text, at - 1)
    return cluster.end() if cluster else at


def _fragment(text: str, start: int, end: int, matches: Sequence[_Match]) -> str:
    before = _ELLIPSIS if text[:start].strip() else ""
    after = _ELLIPSIS if text[end:].strip() else ""
    marked = _marked(text, start, end, matches)
    return f"{before}{_SPACES.sub(' ', marked)}{after}"


def _marked(text: str, start: int, end: int, matches: Sequence[_Match]) -> str:
    pieces: list[str] = []
    at = start
    for match in matches:
        if match.start < at or match.end > end:
            continue
        pieces += [html.escape(text[at : match.start]), "<mark>", html.escape(text[match.start : match.end]), "</mark>"]
        at = match.end
    pieces.append(html.escape(text[at:end]))
    return "".join(pieces)
