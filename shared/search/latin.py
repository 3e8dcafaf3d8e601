"""Words of a query that are typed in Latin letters."""

from collections.abc import Iterator

from shared.bengali.analyzer import analyze
from shared.search.analysis import words_of
from shared.search.query_language import ParsedQuery, Term


def latin_word(term: Term) -> str | None:
    """The normalised word of a term that is one word in Latin letters."""
    if term.phrase or not term.text.isascii():
        return None
    words = words_of(analyze(term.text))
    return words[0].surface if len(words) == 1 and words[0].surface.isalpha() else None


def plain_latin_word(group: tuple[Term, ...]) -> str | None:
    """As `latin_word`, for a group without alternatives and fields: such words may be halves of one."""
    return latin_word(group[0]) if len(group) == 1 and group[0].field is None else None


def latin_runs(query: ParsedQuery) -> Iterator[list[str]]:
    """Latin words that stand next to each other; alternatives and words of a title each by themselves."""
    run: list[str] = []
    for group in query.required:
        word = plain_latin_word(group)
        if word is not None:
            run.append(word)
            continue
        if run:
            yield run
            run = []
        yield from ([word] for term in group if (word := latin_word(term)) is not None)
    if run:
        yield run
