"""The readers' pages: `/` and `/articles/{id}`. The same use cases as the API's, answered as HTML."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.api.answers import ArticleAnswer, RelatedArticle, SearchAnswer
from services.api.application import Application
from services.api.conditional import cacheable
from services.api.errors import RETRY_AFTER_HEADERS
from services.api.use_cases.read_article import ArticleRetractedError, ArticleUnknownError
from services.api.web import page_problems
from services.api.web.bengali_words import NOTES, READ_AS_NOTES
from services.api.web.facets import facet_lists
from services.api.web.page_form import PageForm
from services.api.web.page_frame import page_frame
from services.api.web.page_problems import PageProblem
from services.api.web.render import Pages
from shared.search.ports import CursorError, IndexUnavailableError
from shared.search.query_language import QuerySyntaxError

_HTML: Final = "text/html; charset=utf-8"
_RELATED: Final = 6
_DESCRIPTION_CHARACTERS: Final = 160


def page_routes(application: Application, pages: Pages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def front(request: Request) -> Response:
        form = PageForm.read(request.query_params)
        outcome = _search(application, form)
        context = page_frame(
            application,
            form,
            form.section,
            form.window_link,
            index_answers=outcome is not page_problems.INDEX_GONE,
        )
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
        found = _article(application, article_id)
        context = page_frame(
            application,
            form,
            None,
            lambda window: f"?{urlencode({'window': window})}#most-read",
            index_answers=found is not page_problems.INDEX_GONE,
        )
        if isinstance(found, PageProblem):
            return _problem(pages, context, found)
        paragraphs = [line.strip() for line in found.body.splitlines() if line.strip()]
        body = pages.render(
            "article.html",
            {
                **context,
                "current_section": found.category,
                "article": found,
                "paragraphs": paragraphs,
                "description": _shortened(found.lead or paragraphs[0]),
                "publisher": _host_of(found.url),
                "address": f"{application.public_url}/articles/{found.id}",
                "related": _related(application, found.id),
                "beacon_url": application.beacon_url,
            },
        )
        return cacheable(request, body, _HTML, keep_for=application.settings.search_cache)

    return router


def _search(application: Application, form: PageForm) -> SearchAnswer | PageProblem:
    try:
        return application.search(form.search_parameters())
    except QuerySyntaxError as error:
        return page_problems.query_problem(form.q, error)
    except ValidationError:
        return page_problems.DATES_WRONG
    except CursorError:
        return page_problems.PAGE_EXPIRED
    except IndexUnavailableError:
        return page_problems.INDEX_GONE


def _article(application: Application, article_id: str) -> ArticleAnswer | PageProblem:
    try:
        return application.read_article(article_id)
    except ArticleUnknownError:
        return page_problems.ARTICLE_UNKNOWN
    except ArticleRetractedError:
        return page_problems.ARTICLE_RETRACTED
    except IndexUnavailableError:
        return page_problems.INDEX_GONE


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
    body = pages.render("problem.html", {**context, "current_section": None, "problem": problem})
    return Response(body, problem.status, headers, _HTML)


def _host_of(url: str | None) -> str | None:
    """As readers know the publisher; the whole address when it has no such part."""
    try:
        return urlsplit(url).hostname or url if url else None
    except ValueError:
        return url


def _shortened(text: str) -> str:
    """A description of about one line for search engines and link previews, cut between words."""
    if len(text) <= _DESCRIPTION_CHARACTERS:
        return text
    return text[:_DESCRIPTION_CHARACTERS].rpartition(" ")[0] + "…"
