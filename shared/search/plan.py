"""A parsed query becomes what every engine can execute: weighted terms over fields, phrases, filters.

The plan is a list of steps, strictest first; `relaxing` says which one a search takes. Only short queries have strict
steps: demanding most words of a question ruined it in research (nDCG .785 to .329), so beyond five words every hit
counts and the score decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shared.bengali.analyzer import analyze
from shared.search.analysis import Word, words_of
from shared.search.document import pair_tokens
from shared.search.filters import NO_FILTERS, Filters, filters_of
from shared.search.latin import plain_latin_word
from shared.search.model import ReadAs, SearchRequest, Sort
from shared.search.query_language import Term

# Chosen by evaluation on all sets at once: docs/decisions/0012-query-design.md. Every field is scored by BM25.
STEM_WEIGHT: Final = 1.0
GRAM_WEIGHT: Final = 0.25
# What an article begins with is what it is about.
OPENING_WEIGHT: Final = 0.35
# The title once more, by its own length: within title, lead and body together the length of the body blurs it.
TITLE_WEIGHT: Final = 1.2
# Of two inflections the one that a title has as typed is nearer.
HEADLINE_WEIGHT: Final = 0.35
# Neighbours of a query that stand next to each other in the text, too: what an answer shares with its question beyond
# words. In a few keywords the order means nothing.
PAIR_WEIGHT: Final = 0.4
_FEWEST_WORDS_FOR_PAIRS: Final = 4
# A reading of a word in another script is a guess: the best one counts nearly in full, the later ones less.
READING_WEIGHTS: Final = (0.9, 0.7, 0.5, 0.4, 0.3)
# Beyond this many words nothing is demanded.
_STRICT_WORDS: Final = 5
# With fewer words "most" would be "any".
_FEWEST_FOR_MOST: Final = 3


class IndexField(StrEnum):
    """The token fields of an `IndexDocument`."""

    STEM = "stem"
    GRAM = "gram"
    OPENING = "opening"
    HEADLINE = "headline"
    PAIRS = "pairs"
    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class TermClause:
    """The token occurs in the field; scores its BM25 times `weight`."""

    field: IndexField
    token: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PhraseClause:
    """The tokens stand next to each other in this order; two tokens or more."""

    field: IndexField
    tokens: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PrefixClause:
    """A token of the field begins with this; scores nothing."""

    field: IndexField
    begin: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one matches; the scores of those that do add up."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class BestOf(AnyOf):
    """At least one matches; the best score counts. For guesses: an article that fits two of them is no better."""


@dataclass(frozen=True, slots=True)
class AllOf:
    clauses: tuple["Clause", ...]


Clause = TermClause | PhraseClause | PrefixClause | AnyOf | AllOf
_Group = tuple[Term, ...]
_Readings = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """One step of a query.

    `required` must match, each; of `words`, at least `minimum`; `boosts` only add to the score. All that matches
    of these adds up. `excluded` must not match. A plan without `required` and `words` matches every article, at
    the same score.
    """

    read_as: ReadAs
    required: tuple[Clause, ...] = ()
    words: tuple[Clause, ...] = ()
    minimum: int = 0
    boosts: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    filters: Filters = NO_FILTERS

    @property
    def matches_everything(self) -> bool:
        return not self.required and not self.words


def matching_only(plan: QueryPlan) -> QueryPlan:
    """What matches the plan, scored by less: for counting, at a fraction of the work."""
    return replace(plan, boosts=())


def sort_of(request: SearchRequest) -> Sort:
    """The order that a search can have: without a word to be relevant to, the newest come first."""
    if request.sort is Sort.RELEVANCE and not request.query.required:
        return Sort.NEWEST
    return request.sort


def plan_search(request: SearchRequest, readings: Mapping[str, Sequence[str]] | None = None) -> tuple[QueryPlan, ...]:
    """The steps of a search, strictest first; at least one.

    Args:
        request: the search; of its query only words, phrases and exclusions are analysed.
        readings: for words in another script (normalised), words of the index that may be meant, best first; a key
            of two words is a word that was typed as two.
    """
    query = request.query
    required: list[Clause] = []
    words: list[Clause] = []
    for groups in _joined_groups(query.required, readings or {}):
        clause = _group_clause(groups, readings or {})
        if clause is not None:
            # Quotes and title: are demands; words may give way to each other.
            demanded = all(term.phrase or term.field is not None for group in groups for term in group)
            (required if demanded else words).append(clause)
    excluded = [clause for term in query.excluded if (clause := _clause(term, {})) is not None]
    plan = QueryPlan(
        read_as=ReadAs.EVERYTHING if not required and not words else ReadAs.ALL_WORDS,
        required=tuple(dict.fromkeys(required)),
        words=tuple(dict.fromkeys(words)),
        boosts=tuple(dict.fromkeys(_boosts(query.required))),
        excluded=tuple(excluded),
        filters=filters_of(request),
    )
    return tuple(
        replace(plan, minimum=minimum, read_as=read_as) for minimum, read_as in _steps(len(plan.words), plan.read_as)
    )


def _steps(words: int, strictest: ReadAs) -> list[tuple[int, ReadAs]]:
    if words <= 1:
        return [(words, strictest)]
    if words > _STRICT_WORDS:
        return [(1, ReadAs.ANY_WORDS)]
    steps = [(words, ReadAs.ALL_WORDS)]
    if words >= _FEWEST_FOR_MOST:
        steps.append((words - 1, ReadAs.MOST_WORDS))
    return [*steps, (1, ReadAs.ANY_WORDS)]


def _joined_groups(groups: Sequence[_Group], readings: _Readings) -> Iterator[tuple[_Group, ...]]:
    """The groups one by one, but two words that are read as one together."""
    index = 0
    while index < len(groups):
        pair = tuple(groups[index : index + 2])
        taken = pair if len(pair) == 2 and _typed(pair) in readings else pair[:1]
        yield taken
        index += len(taken)


def _typed(groups: tuple[_Group, ...]) -> str:
    return " ".join(plain_latin_word(group) or "" for group in groups)


def _group_clause(groups: tuple[_Group, ...], readings: _Readings) -> Clause | None:
    if len(groups) == 1:
        clauses = [clause for term in groups[0] if (clause := _clause(term, readings)) is not None]
        return _any(clauses) if clauses else None
    halves = [clause for group in groups if (clause := _clause(group[0], {})) is not None]
    return _best([_all(halves), *_guesses(_typed(groups), IndexField.STEM, readings)])


def _clause(term: Term, readings: Mapping[str, Sequence[str]]) -> Clause | None:
    """What must match for the term; None when it holds no word at all."""
    words = words_of(analyze(term.text))
    if not words:
        return None
    in_title = term.field == "title"
    if term.phrase:
        return _phrase(
            [stem for word in words for stem in word.parts], IndexField.TITLE if in_title else IndexField.TEXT
        )
    field = IndexField.TITLE if in_title else IndexField.STEM
    return _all([_word(word, field, readings) for word in words])


def _word(word: Word, field: IndexField, readings: Mapping[str, Sequence[str]]) -> Clause:
    clauses: list[Clause] = [_all([TermClause(field, part, STEM_WEIGHT) for part in word.parts])]
    # Positional fields hold the parts of a compound only; see `analysis.words_of`.
    if word.joined is not None and field is IndexField.STEM:
        clauses.append(TermClause(field, word.joined, STEM_WEIGHT))
    return _best([_any(clauses), *_guesses(word.surface, field, readings)])


def _guesses(typed: str, field: IndexField, readings: _Readings) -> Iterator[Clause]:
    stems = dict.fromkeys(stem for guess in readings.get(typed, ()) for stem in analyze(guess).stems[:1])
    for stem, weight in zip(stems, READING_WEIGHTS, strict=False):
        yield TermClause(field, stem, STEM_WEIGHT * weight)


def _phrase(stems: Sequence[str], field: IndexField) -> Clause:
    return TermClause(field, stems[0]) if len(stems) == 1 else PhraseClause(field, tuple(stems))


def _boosts(groups: Sequence[_Group]) -> Iterator[Clause]:
    """What adds to the score beyond the matches: where words stand, what they are made of, and their neighbours."""
    for term in (term for group in groups for term in group):
        text = analyze(term.text)
        # A positional match says nothing about the weights of title, lead and body; a plain word has them already.
        if term.phrase or term.field is not None:
            yield from (TermClause(IndexField.STEM, stem, STEM_WEIGHT) for stem in text.stems)
        yield from (TermClause(IndexField.OPENING, stem, OPENING_WEIGHT) for stem in text.stems)
        yield from (TermClause(IndexField.TITLE, stem, TITLE_WEIGHT) for stem in text.part_stems)
        yield from (TermClause(IndexField.HEADLINE, surface, HEADLINE_WEIGHT) for surface in text.surfaces)
        yield from (TermClause(IndexField.GRAM, gram, GRAM_WEIGHT) for gram in text.grams)
    yield from _pairs(groups)


def _pairs(groups: Sequence[_Group]) -> Iterator[Clause]:
    if any(len(group) > 1 or group[0].phrase or group[0].field is not None for group in groups):
        return
    stems = [stem for group in groups for stem in analyze(group[0].text).part_stems]
    if len(stems) >= _FEWEST_WORDS_FOR_PAIRS:
        yield from (TermClause(IndexField.PAIRS, pair, PAIR_WEIGHT) for pair in pair_tokens(stems))


def _any(clauses: Sequence[Clause]) -> Clause:
    distinct = tuple(dict.fromkeys(clauses))
    return distinct[0] if len(distinct) == 1 else AnyOf(distinct)


def _best(clauses: Sequence[Clause]) -> Clause:
    distinct = tuple(dict.fromkeys(clauses))
    return distinct[0] if len(distinct) == 1 else BestOf(distinct)


def _all(clauses: Sequence[Clause]) -> Clause:
    distinct = tuple(dict.fromkeys(clauses))
    return distinct[0] if len(distinct) == 1 else AllOf(distinct)
