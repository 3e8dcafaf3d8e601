"""The line at the top of a page that says when the article was published: আপডেটঃ ৭ নভেম্বর, ২০২৪ | ৭:০০ 104 ভিউ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.pages.clean_text import clean, ends_sentence, is_paragraph, letters_in
from services.ingest.pages.header_labels import page_views_in
from shared.bengali.date_lines import DateRole, FoundMoment, find_moments

# A date line on which the article's text goes on is read only so far.
READ_CHARACTERS: Final = 300
# More than this beside a date is text that mentions one.
_MAX_BESIDE: Final = 60
_SIGNS: Final = " |,-–—•:/()"


@dataclass(frozen=True, slots=True)
class DateLine:
    """`before` and `after` are what else stands on the line, without the page's counter."""

    index: int
    moments: tuple[FoundMoment, ...]
    before: str
    after: str

    @property
    def is_labelled(self) -> bool:
        return any(found.role is not None for found in self.moments)

    @property
    def text(self) -> str:
        """The article's text, if it begins on this line."""
        is_prose = len(self.after) > _MAX_BESIDE or (letters_in(self.after) >= 15 and ends_sentence(self.after))
        return self.after if is_prose else ""

    @property
    def published_at(self) -> datetime:
        """A single date is this one, whatever its label says."""
        return next((each.moment for each in self.moments if each.role is not DateRole.UPDATED), self.moments[0].moment)

    @property
    def updated_at(self) -> datetime | None:
        updated = next((each.moment for each in self.moments if each.role is DateRole.UPDATED), None)
        return None if updated == self.published_at else updated


def choose_date_line(lines: Sequence[str], headline: int | None) -> DateLine | None:
    """The labelled line, below the headline if there is one there; else the nearest line that is a date.

    A date above the headline that has no label is mostly today's, in the head of the site.
    """
    found = [date_line for index, line in enumerate(lines) if (date_line := _read(index, line))]
    below = [date_line for date_line in found if headline is None or date_line.index > headline]
    for candidates in (below, found):
        for date_line in candidates:
            if date_line.is_labelled:
                return date_line
    if headline is not None:
        return below[0] if below else next(reversed(found), None)
    text_from = next((index for index, line in enumerate(lines) if is_paragraph(line)), len(lines))
    above = [date_line for date_line in found if date_line.index < text_from]
    return above[-1] if above else next(iter(found), None)


def _read(index: int, line: str) -> DateLine | None:
    moments = find_moments(line[:READ_CHARACTERS])
    if not moments:
        return None
    before, after = line[: moments[0].start], line[moments[-1].end :]
    set_off = moments[0].role is not None and not {":", "ঃ", "|"}.isdisjoint(line[: moments[0].end])
    if views := page_views_in(after[:_MAX_BESIDE]):
        after = after[: views.start] + after[views.end :]
    elif views := page_views_in(before):
        before = before[: views.start] + before[views.end :]
    before, after = clean(before).strip(_SIGNS), clean(after).strip(_SIGNS)
    if len(before) > _MAX_BESIDE or ends_sentence(before):
        return None
    if not set_off and (len(after) > _MAX_BESIDE or after.endswith("।")):
        return None
    return DateLine(index, moments, before, after)
