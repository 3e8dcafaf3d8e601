"""News pages: what a page holds becomes an article, or is only shown."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.ingest.examples import PAGE_EXAMPLE
from services.ingest.pages import (
    DraftArticle,
    PageError,
    PageTooLargeError,
    UnsupportedPageTypeError,
    parse_page,
)
from services.ingest.routes.articles import REFUSED, PriorityInQuery, accept_statement, check_article_id
from services.ingest.state import Publisher, State
from services.ingest.statements import published
from shared.events import ARTICLE_ID_PATTERN, MAX_VERSION, Article
from shared.http.problems import Fault, ProblemError
from shared.journal.priorities import stream_kind_of

_PAGE_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "A news page as it is served, or saved as text.",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "text/plain": {"schema": {"type": "string"}, "example": PAGE_EXAMPLE},
        },
    }
}

router = APIRouter(tags=["pages"])


class ReadPage(BaseModel):
    """The article that a page holds; without an event it was only read, not accepted."""

    article: Article
    event_id: str | None = None
    status_url: str | None = None


@router.post(
    "/v1/pages",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ReadPage,
    summary="Publish the article that a news page holds",
    responses={**REFUSED, 200: {"model": ReadPage, "description": "A dry run: what would be published."}},
    openapi_extra=_PAGE_BODY,
)
async def post_page(
    request: Request,
    state: State,
    key: Publisher,
    dry_run: Annotated[bool, Query(description="Only read the page.")] = False,
    article_id: Annotated[
        str | None,
        Query(alias="id", pattern=ARTICLE_ID_PATTERN, description="Article id; default: from the page's address."),
    ] = None,
    url: Annotated[str | None, Query(max_length=2_000, description="Where the page stands.")] = None,
    version: Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="Default: from the page's date.")] = None,
    category: Annotated[str | None, Query(min_length=1, max_length=200, description="When the page has none.")] = None,
    priority: PriorityInQuery = None,
) -> Response:
    """Headline, date, byline, sources and text are read off the page; lists of other headlines become `related`."""
    if article_id is not None:
        check_article_id(article_id)
    if not dry_run:
        state.acceptor.check_room(stream_kind_of(priority))
    body = await state.page_reader.read(dict(request.scope["headers"]), request.receive)
    content_type = request.headers.get("content-type", "")
    try:
        # Reading a large page takes tenths of a second, in which the door must go on taking events.
        draft: DraftArticle = await asyncio.to_thread(
            parse_page, body, content_type, url=url, article_id=article_id, version=version, category=category
        )
        article = draft.to_article()
    except PageError as error:
        raise _problem_of(error) from None
    if dry_run:
        return _answer(ReadPage(article=article), HTTPStatus.OK)
    accepted = await accept_statement(state, published(article, state.now(), priority), key)
    answer = ReadPage(article=article, event_id=accepted.event_id, status_url=accepted.status_url)
    return _answer(answer, HTTPStatus.ACCEPTED)


def _answer(page: ReadPage, status: HTTPStatus) -> JSONResponse:
    return JSONResponse(page.model_dump(mode="json", exclude_none=True), status)


def _problem_of(error: PageError) -> ProblemError:
    match error:
        case PageTooLargeError():
            status, slug = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "page-too-large"
        case UnsupportedPageTypeError():
            status, slug = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "page-type"
        case _:
            status, slug = HTTPStatus.UNPROCESSABLE_ENTITY, "page-unreadable"
    fault = Fault(loc=["page", error.place], msg=str(error), type=slug)
    return ProblemError(status, slug, f"{error.place}: {error}", errors=[fault])
