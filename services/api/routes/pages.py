"""The readers' pages: `/` and `/articles/{id}`. The same use cases as the API's, answered as HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.api.answers import MostReadItem, RelatedArticle, SearchAnswer, ValueCount
from services.api.application import Application
from services.api.conditional import cacheable
from services.api.errors import RETRY_AFTER_HEADERS
from services.api.parameters import MostReadParameters
from services.api.use_cases.read_article import ArticleRetractedError, ArticleUnknownError
from services.api.web.bengali_words import EMPTY_REASONS, LIST_UNAVAILABLE, NOTES, READ_AS_NOTES
from services.api.web.facets import facet_lists
from services.api.web.page_form import PageForm
from services.api.web.render import Pages
from shared.http.problems import faults_of
from shared.journal.ports import JournalUnavailableError
from shared.search.ports import CursorError, IndexUnavailableError
from shared.search.query_language import QuerySyntaxError
from shared.views.model import Window
from shared.views.ports import ViewsUnavailableError

_HTML: Final = "text/html; charset=utf-8"
_MOST_READ: Final = 10
_RELATED: Final = 6
_DESCRIPTION_CHARACTERS: Final = 160


@dataclass(frozen=True, slots=True)
class MostReadBox:
    """The most-read list beside a page, or the reason why there is none."""

    window: Window
    category: str | None
    items: Sequence[MostReadItem] = ()
    reason: str | None = None
    as_of: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class PageProblem:
    """What went wrong, in the reader's words."""

    status: HTTPStatus
    title: str
    detail: str


_NO_INDEX: Final = PageProblem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "এই মুহূর্তে খবর দেখানো যাচ্ছে না",
    "সেবাটি সাময়িকভাবে বন্ধ আছে। কিছুক্ষণ পর আবার চেষ্টা করুন।",
)
_UNKNOWN: Final = PageProblem(HTTPStatus.NOT_FOUND, "খবরটি পাওয়া যায়নি", "ঠিকানাটি ভুল হতে পারে, অথবা খবরটি এখনো এখানে আসেনি।")
_RETRACTED: Final = PageProblem(
    HTTPStatus.GONE, "খবরটি প্রত্যাহার করা হয়েছে", "প্রকাশক এই খবর সরিয়ে নিয়েছেন; তাই এটি আর দেখানো হয় না।"
)
_OLD_PAGE: Final = PageProblem(
    HTTPStatus.BAD_REQUEST, "এই পাতাটি আর পাওয়া যায় না", "তালিকাটি এর মধ্যে বদলে গেছে। প্রথম পাতা থেকে আবার দেখুন।"
)


def page_routes(application: Application, pages: Pages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def front(request: Request) -> Response:
        form = PageForm.read(request.query_params)
        context = _frame(application, form, form.section, form.window_link)
        outcome = _search(application, form)
        if isinstance(outcome, PageProblem):
            return _problem(pages, context, outcome)
        body = pages.render(
            "search.html",
            {
                **context,
                "answer": outcome,
                "facets": facet_lists(form, outcome.facets),
                "notes": _notes(outcome),
            },
        )
        return cacheable(request, body, _HTML, keep_for=application.settings.search_cache)

    @router.get("/articles/{article_id}")
    def article(request: Request, article_id: str) -> Response:
        form = PageForm(window=PageForm.read(request.query_params).window)
        context = _frame(application, form, None, lambda window: f"?{urlencode({'window': window})}#most-read")
        try:
            found = application.read_article(article_id)
        except ArticleUnknownError:
            return _problem(pages, context, _UNKNOWN)
        except ArticleRetractedError:
            return _problem(pages, context, _RETRACTED)
        except IndexUnavailableError:
            return _problem(pages, context, _NO_INDEX)
        paragraphs = [line.strip() for line in found.body.splitlines() if line.strip()]
        body = pages.render(
            "article.html",
            {
                **context,
                "current_section": found.category,
                "article": found,
                "paragraphs": paragraphs,
                "description": _shortened(found.lead or paragraphs[0]),
                "publisher": urlsplit(found.url).hostname if found.url else None,
                "address": f"{application.public_url}/articles/{found.id}",
                "related": _related(application, found.id),
                "beacon_url": application.beacon_url,
            },
        )
        return cacheable(request, body, _HTML, keep_for=application.settings.search_cache)

    return router


def _frame(
    application: Application, form: PageForm, section: str | None, window_link: Callable[[Window], str]
) -> dict[str, Any]:
    """What every page shows around its own part. None of it may keep a page from being shown.

    `section` is the category whose most-read list is shown beside the page.
    """
    return {
        "form": form,
        "link": form.link,
        "words_link": lambda words: PageForm(q=words).link(),
        "source_link": lambda source: PageForm(sources=(source,)).link(),
        "section_link": lambda category: PageForm(categories=(category,)).link(),
        "window_link": window_link,
        "current_section": "" if form.is_front else None if form.q else form.section,
        "all_categories": _categories(application),
        "most_read": _most_read(application, form.window, section),
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


def _search(application: Application, form: PageForm) -> SearchAnswer | PageProblem:
    try:
        return application.search(form.search_parameters())
    except QuerySyntaxError as error:
        return PageProblem(
            HTTPStatus.BAD_REQUEST,
            "অনুসন্ধানটি বোঝা গেল না",
            f"‘{form.q[error.position :][:40]}’ অংশটি ঠিক করুন। উদ্ধৃতি চিহ্ন জোড়ায় জোড়ায় দিন, OR-এর দুই পাশে শব্দ লিখুন।",
        )
    except ValidationError as error:
        fields = ", ".join(sorted({str(fault.loc[0]) for fault in faults_of(error) if fault.loc}))
        return PageProblem(
            HTTPStatus.BAD_REQUEST, "বাছাইয়ের শর্ত বোঝা গেল না", f"তারিখ দুটি ঠিক আছে কি না দেখুন। {fields}".strip()
        )
    except CursorError:
        return _OLD_PAGE
    except IndexUnavailableError:
        return _NO_INDEX


def _related(application: Application, article_id: str) -> Sequence[RelatedArticle]:
    try:
        return application.list_related(article_id, _RELATED).articles
    except (ArticleUnknownError, ArticleRetractedError, IndexUnavailableError):
        # The article was there a moment ago and is shown; what is like it is an addition.
        return []


def _notes(answer: SearchAnswer) -> list[str]:
    notes = [READ_AS_NOTES[answer.query.read_as]] if answer.query.read_as in READ_AS_NOTES and answer.results else []
    notes += [
        f"‘{typed}’ লিখে {', '.join(words[:3])} খোঁজা হয়েছে।" for typed, words in answer.query.readings.items() if words
    ]
    return notes + [NOTES[note] for note in answer.query.notes if note in NOTES]


def _problem(pages: Pages, context: dict[str, Any], problem: PageProblem) -> Response:
    headers = {"Cache-Control": "no-store"}
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers |= RETRY_AFTER_HEADERS
    body = pages.render("problem.html", {**context, "problem": problem})
    return Response(body, problem.status, headers, _HTML)


def _shortened(text: str) -> str:
    """A description of about one line for search engines and link previews, cut between words."""
    if len(text) <= _DESCRIPTION_CHARACTERS:
        return text
    return text[:_DESCRIPTION_CHARACTERS].rpartition(" ")[0] + "…"
