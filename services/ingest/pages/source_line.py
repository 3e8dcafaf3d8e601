"""The line at the end of an article that names where its news comes from: সূত্র: তাস ও আনাদোলু এজেন্সি."""

import re
from typing import Final

from services.ingest.pages.clean_text import clean
from shared.bengali.dates import parse_moment
from shared.bengali.label_text import any_of, fold_label

# The longest such line met has 120 characters; a longer tail is prose.
_MAX_SOURCE_LINE: Final = 200
_MAX_SOURCE: Final = 60
_MAX_SOURCES: Final = 20
# Reporters' initials, captions and the like may follow the source line.
_LAST_BLOCKS: Final = 3

_SOURCE: Final = any_of("তথ্যসূত্র", "তথ্য সূত্র", "সূত্র", "সুত্র", "খবর সূত্র", "সংবাদ সূত্র", "উৎস", "source", "sources")
_LABEL: Final = re.compile(rf"(?<![a-z\u0980-\u09e5])[\[(]?\s?{_SOURCE}\s?[:|-]\s?")
_SPLIT: Final = re.compile(r"\s*[,;/|،&]\s*|\s+(?:ও|এবং|and)\s+")


def begins_source_line(block: str) -> bool:
    return len(block) <= _MAX_SOURCE_LINE and _LABEL.match(fold_label(block).text) is not None


def take_sources(paragraphs: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The paragraphs without the source line, and the sources it names; sources named amid the text stay there."""
    for back in range(1, min(_LAST_BLOCKS, len(paragraphs)) + 1):
        paragraph = paragraphs[-back]
        found = _source_label(paragraph, whole_block=back > 1)
        if found is None:
            continue
        start, end = found
        sources = split_sources(paragraph[end:])
        if not sources:
            continue
        kept = paragraph[:start].strip(" ([")
        place = len(paragraphs) - back
        return [*paragraphs[:place], *([kept] if kept else []), *paragraphs[place + 1 :]], sources
    return paragraphs, ()


def _source_label(paragraph: str, *, whole_block: bool) -> tuple[int, int] | None:
    """Where the label of a trailing source line begins and ends; a block further up must be nothing else."""
    begin = max(0, len(paragraph) - _MAX_SOURCE_LINE)
    if whole_block and begin > 0:
        return None
    folded, offsets = fold_label(paragraph[begin:])
    for match in reversed(list(_LABEL.finditer(folded))):
        start, end = begin + offsets[match.start()], begin + offsets[match.end()]
        before = paragraph[:start].rstrip(" ([")
        if before and (whole_block or before[-1] not in "।॥?!.’”\"'…"):
            continue
        if re.search(r"[।?!]\s*\S", paragraph[end:].rstrip(" )]।")):
            return None
        return start, end
    return None


def split_sources(text: str) -> tuple[str, ...]:
    """তাস ও আনাদোলু এজেন্সি → (তাস, আনাদোলু এজেন্সি); dates among them are dropped, repeats too."""
    sources: dict[str, None] = {}
    for part in _SPLIT.split(text.strip(" ।.)]")):
        source = clean(part).strip(" ।.:()[]‘’“”\"'")
        if source and len(source) <= _MAX_SOURCE and not source.isdecimal() and parse_moment(source) is None:
            sources[source] = None
    return tuple(sources)[:_MAX_SOURCES]
