"""GET /v1/articles/{id} and what is like it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.api.answers import ArticleAnswer, RelatedAnswer
from services.api.application import Application
from services.api.conditional import json_answer
from services.api.parameters import MAX_RELATED
from shared.http.problems import problem_responses

_ARTICLE_RESPONSES = problem_responses(
    HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
)
ArticleIdPath = Annotated[
    str, Path(description="The publisher's id of the article.", max_length=200, examples=["dengue-dhaka-2026-11-23"])
]


def article_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1/articles", tags=["articles"])
    keep_for = application.settings.article_cache

    @router.get(
        "/{article_id}",
        summary="One article with its views",
        response_model=ArticleAnswer,
        responses=_ARTICLE_RESPONSES,
    )
    def article(request: Request, article_id: ArticleIdPath) -> Response:
        return json_answer(request, application.read_article(article_id), keep_for=keep_for)

    @router.get(
        "/{article_id}/related",
        summary="Articles like it, without copies of the same story",
        response_model=RelatedAnswer,
        responses=_ARTICLE_RESPONSES,
    )
    def related(
        request: Request,
        article_id: ArticleIdPath,
        limit: Annotated[int, Query(ge=1, le=MAX_RELATED, description="Articles at most.")] = 5,
    ) -> Response:
        return json_answer(request, application.list_related(article_id, limit), keep_for=keep_for)

    return router
