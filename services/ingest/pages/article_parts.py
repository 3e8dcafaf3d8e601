"""Sorts the blocks below a headline into text, other headlines, tags and sources."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from services.ingest.pages.clean_text import ends_sentence, is_paragraph
from services.ingest.pages.section_labels import SectionKind, is_furniture, is_tail, section_of, tags_of
from services.ingest.pages.source_line import begins_source_line, take_sources

# A headline is shorter; a longer block below "আরও পড়ুন" is the text going on.
_MAX_HEADLINE: Final = 160
# A block this short that ends no sentence is a subheading, not half a paragraph.
_MAX_SUBHEADING: Final = 60
_MAX_SUBHEADING_WORDS: Final = 8
# A hard-wrapped line is about as long as the next one; before a much longer line it is a subheading.
_WRAP_RATIO: Final = 3


class Block(NamedTuple):
    """One block of a page as it stands there.

    `gap`: something stands between it and the block before (an empty line, another element); False for lines that
    follow one another directly. `complete`: the markup says that it goes on in no other block (a heading, a list
    item). `linked`: nearly all of it is a link.
    """

    text: str
    gap: bool = True
    complete: bool = False
    linked: bool = False


class ArticleParts(NamedTuple):
    """What the blocks hold; `paragraphs` are whole, the source line and everything below the article taken out."""

    paragraphs: tuple[str, ...]
    related: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[str, ...]


def sort_blocks(blocks: Iterable[Block]) -> ArticleParts:
    """Read the blocks in order; each goes to one part or is dropped as furniture of the page."""
    body: list[Block] = []
    related: list[str] = []
    tags: list[str] = []
    section: SectionKind | None = None
    ended = False
    for block in blocks:
        if found := section_of(block.text):
            section = None if found.kind is SectionKind.INLINE and found.rest else found.kind
            related += [found.rest] if found.rest else []
            ended = ended and section is None
        elif (new_tags := tags_of(block.text)) is not None:
            tags += new_tags
        elif ended or is_furniture(block.text):
            continue
        elif body and is_tail(block.text):
            # Comments and imprint follow, and perhaps one more list of other headlines.
            ended, section = True, None
        elif (section and not _resumes(section, block)) or block.linked:
            related.append(block.text)
        else:
            section = None
            body.append(block)
    paragraphs, sources = take_sources(join_broken(body))
    return ArticleParts(tuple(paragraphs), tuple(related), tuple(tags), sources)


def _resumes(section: SectionKind, block: Block) -> bool:
    """Whether the article's own text goes on after a list of other headlines."""
    if section is SectionKind.END or block.linked:
        return False
    if section is SectionKind.INLINE:
        return len(block.text) > _MAX_HEADLINE or block.text.endswith("।")
    return is_paragraph(block.text) and block.text.count("।") >= 2


def join_broken(blocks: Iterable[Block]) -> list[str]:
    """Paragraphs out of blocks: a block that ends in mid-sentence goes on in the next one.

    Advertisements and line wraps break paragraphs; headings and subheadings end no sentence and are left alone.
    """
    paragraphs: list[str] = []
    pieces: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and _breaks_off(before, block, alone=len(pieces) == 1):
            pieces.append(block.text)
        else:
            if pieces:
                paragraphs.append(" ".join(pieces))
            pieces = [block.text]
        before = block
    if pieces:
        paragraphs.append(" ".join(pieces))
    return paragraphs


def _breaks_off(block: Block, following: Block, *, alone: bool) -> bool:
    if block.complete or following.complete or ends_sentence(block.text) or begins_source_line(following.text):
        return False
    short = len(block.text) <= _MAX_SUBHEADING and len(block.text.split()) <= _MAX_SUBHEADING_WORDS
    if not (short and alone):
        return True
    return not following.gap and len(following.text) <= _WRAP_RATIO * len(block.text)
