"""Feeds of the most-read lists and of any search, for news readers and for portals that embed them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import MostReadItem, SearchResult
from services.api.application import Application
from services.api.conditional import cacheable
from services.api.feeds import MEDIA_TYPES, Feed, FeedEntry, FeedFormat, render_feed
from services.api.parameters import MostReadParameters, SearchFeedParameters, SearchParameters
from services.api.web.bengali_words import KIND_NAMES, WINDOW_NAMES
from services.api.web.page_form import PageForm
from services.api.web.plain_text import without_markup
from shared.http.problems import problem_responses
from shared.search.model import Sort

_RESPONSES = {
    200: {
        "content": {
            media_type.partition(";")[0]: {"schema": {"type": "object" if form is FeedFormat.JSON else "string"}}
            for form, media_type in MEDIA_TYPES.items()
        }
    },
    **problem_responses(HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
}


def feed_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["feeds"])
    settings = application.settings

    @router.get(
        "/trending/feed.{form}", summary="A most-read list as a feed", response_class=Response, responses=_RESPONSES
    )
    def trending_feed(request: Request, form: FeedFormat, asked: Annotated[MostReadParameters, Query()]) -> Response:
        answer = application.list_most_read(asked)
        sections = (asked.category,) if asked.category else ()
        title = f"{KIND_NAMES[asked.kind]}, {WINDOW_NAMES[asked.window]}"
        feed = Feed(
            title=f"খবর: {', '.join([title, *sections])}",
            description="পাঠকেরা এখন যা পড়ছেন",
            page=_page(application, PageForm(window=asked.window, categories=sections)),
            address=_address(application, request),
            entries=[_ranked(application, item) for item in answer.items],
        )
        return _answer(request, feed, form)

    @router.get("/search/feed.{form}", summary="A search as a feed", response_class=Response, responses=_RESPONSES)
    def search_feed(request: Request, form: FeedFormat, asked: Annotated[SearchFeedParameters, Query()]) -> Response:
        # A feed tells what is new, unless another order was asked for.
        wanted = SearchParameters.model_validate({**dict(asked), "sort": asked.sort or Sort.NEWEST})
        answer = application.search(wanted)
        feed = Feed(
            title=f"খবর: {asked.q}" if asked.q.strip() else "খবর: সর্বশেষ",
            description="অনুসন্ধানের নতুন ফল",
            page=_page(application, PageForm(q=asked.q, categories=tuple(asked.category), sources=tuple(asked.source))),
            address=_address(application, request),
            entries=[_found(application, result) for result in answer.results],
        )
        return _answer(request, feed, form)

    def _answer(request: Request, feed: Feed, form: FeedFormat) -> Response:
        return cacheable(request, render_feed(feed, form), MEDIA_TYPES[form], keep_for=settings.article_cache)

    return router


def _page(application: Application, form: PageForm) -> str:
    """The page that shows the same to people."""
    return application.public_url + form.link()


def _address(application: Application, request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{application.public_url}{request.url.path}{query}"


def _ranked(application: Application, item: MostReadItem) -> FeedEntry:
    return FeedEntry(
        page=f"{application.public_url}/articles/{item.id}",
        url=item.url,
        title=item.title,
        summary=item.title,
        category=item.category,
        author=None,
        published_at=item.published_at,
    )


def _found(application: Application, result: SearchResult) -> FeedEntry:
    return FeedEntry(
        page=f"{application.public_url}/articles/{result.id}",
        url=result.url,
        title=result.title,
        summary=without_markup(" … ".join(result.highlights.body)) or result.title,
        category=result.category,
        author=result.byline,
        published_at=result.published_at,
    )
