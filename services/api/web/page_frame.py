"""What every page shows around its own part: the form, the sections, the most-read box."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.api.answers import MostReadItem, ValueCount
from services.api.application import Application
from services.api.parameters import MostReadParameters
from services.api.web.bengali_words import EMPTY_REASONS, LIST_UNAVAILABLE
from services.api.web.page_form import PageForm
from shared.journal.ports import JournalUnavailableError
from shared.search.ports import IndexUnavailableError
from shared.views.model import Window
from shared.views.ports import ViewsUnavailableError

_MOST_READ: Final = 10


@dataclass(frozen=True, slots=True)
class MostReadBox:
    """The most-read list beside a page, or the reason why there is none."""

    window: Window
    category: str | None
    items: Sequence[MostReadItem] = ()
    reason: str | None = None
    as_of: datetime | None = None
    stale: bool = False


def page_frame(
    application: Application,
    form: PageForm,
    section: str | None,
    window_link: Callable[[Window], str],
    *,
    index_answers: bool = True,
) -> dict[str, Any]:
    """What every page shows around its own part. None of it may keep a page from being shown.

    `section` is the category whose most-read list is shown beside the page. When the index has just been asked in vain
    it is not asked again: the page would come later, and show no more.
    """
    return {
        "form": form,
        "link": form.link,
        "words_link": lambda words: PageForm(q=words).link(),
        "source_link": lambda source: PageForm(sources=(source,)).link(),
        "section_link": lambda category: PageForm(categories=(category,)).link(),
        "window_link": window_link,
        "current_section": "" if form.is_front else None if form.q else form.section,
        "all_categories": _categories(application) if index_answers else [],
        "most_read": _most_read(application, form.window, section)
        if index_answers
        else MostReadBox(form.window, section, reason=LIST_UNAVAILABLE),
    }


def _categories(application: Application) -> Sequence[ValueCount]:
    try:
        return application.report_stats.categories().categories
    except IndexUnavailableError:
        return []


def _most_read(application: Application, window: Window, section: str | None) -> MostReadBox:
    try:
        answer = application.list_most_read(MostReadParameters(window=window, category=section, limit=_MOST_READ))
    except (IndexUnavailableError, JournalUnavailableError, ViewsUnavailableError):
        return MostReadBox(window, section, reason=LIST_UNAVAILABLE)
    reason = EMPTY_REASONS.get(answer.reason, answer.reason) if answer.reason else None
    return MostReadBox(window, section, answer.items, reason, answer.as_of, answer.stale)
