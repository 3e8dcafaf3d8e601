"""The line at the top of a page that says when the article was published: আপডেটঃ ৭ নভেম্বর, ২০২৪ | ৭:০০ 104 ভিউ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ingest.pages.clean_text import clean, ends_sentence, is_paragraph, letters_in
from services.ingest.pages.header_labels import page_views_in
from shared.bengali.date_lines import DateRole, FoundMoment, find_moments, is_date_label

# A date line on which the article's text goes on is read only so far.
READ_CHARACTERS: Final = 300
# More than this beside a date is text that mentions one.
_MAX_BESIDE: Final = 60
_MAX_TIME: Final = 30
_ANY_DAY: Final = "2000-01-01"
_SIGNS: Final = " |,-–—•:/()"


@dataclass(frozen=True, slots=True)
class DateLine:
    """`before` and `after` are what else stands on the line, without the page's counter.

    Label and time may stand on lines of their own, above and below; `last` is the last line that was read.
    """

    index: int
    last: int
    moments: tuple[FoundMoment, ...]
    before: str
    after: str

    @property
    def is_labelled(self) -> bool:
        return any(found.role is not None for found in self.moments)

    @property
    def is_update(self) -> bool:
        return all(found.role is DateRole.UPDATED for found in self.moments)

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
    found = [date_line for index in range(len(lines)) if (date_line := _read(lines, index))]
    below = [date_line for date_line in found if headline is None or date_line.index > headline]
    for candidates in (below, found):
        for date_line in candidates:
            if date_line.is_labelled:
                return _with_neighbours(date_line, found)
    if headline is not None:
        return below[0] if below else next(reversed(found), None)
    text_from = next((index for index, line in enumerate(lines) if is_paragraph(line)), len(lines))
    above = [date_line for date_line in found if date_line.index < text_from]
    return above[-1] if above else next(iter(found), None)


def _with_neighbours(chosen: DateLine, found: Sequence[DateLine]) -> DateLine:
    """Two lines that follow one another, one for the publication and one for the update, are one date line."""
    for other in found:
        first, second = sorted((chosen, other), key=lambda each: each.index)
        follows = other is not chosen and second.index == first.last + 1
        if (
            follows
            and not first.text
            and (other.is_update != chosen.is_update)
            and (other.is_labelled or chosen.is_update)
        ):
            before, after = first.before or second.before, second.after or first.after
            return DateLine(first.index, second.last, first.moments + second.moments, before, after)
    return chosen


def _read(lines: Sequence[str], index: int) -> DateLine | None:
    line, last = lines[index], index
    moments = find_moments(line[:READ_CHARACTERS])
    if not moments:
        return None
    if index > 0 and is_date_label(lines[index - 1]):
        line = f"{lines[index - 1]} {line}"
    if len(moments) == 1 and not moments[0].has_time and index + 1 < len(lines) and _is_time(lines[index + 1]):
        line, last = f"{line} {lines[index + 1]}", index + 1
    moments = find_moments(line[:READ_CHARACTERS])
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
    return DateLine(index, last, moments, before, after)


def _is_time(line: str) -> bool:
    """Whether a line is a time of day and nothing else: together with any date it makes a moment that has one."""
    if len(line) > _MAX_TIME:
        return False
    found = find_moments(f"{_ANY_DAY} {line}")
    return bool(found) and found[0].has_time and found[0].end == len(_ANY_DAY) + 1 + len(line)
