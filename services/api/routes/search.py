"""GET /v1/search and /v1/suggest."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import SearchAnswer, SuggestAnswer
from services.api.application import Application
from services.api.conditional import json_answer
from services.api.parameters import SearchParameters, SuggestParameters
from shared.http.problems import problem_responses

# How long the search took makes no other answer.
_NOT_TAGGED = frozenset({"took_ms"})


def search_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["search"])
    keep_for = application.settings.search_cache

    @router.get(
        "/search",
        summary="Find articles",
        description="Full-text search in title, lead and body. Without words in `q` it browses, newest first. When the "
        "view counters are down it answers without views and says so in `notes`.",
        response_model=SearchAnswer,
        responses=problem_responses(
            HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
        ),
    )
    def search(request: Request, asked: Annotated[SearchParameters, Query()]) -> Response:
        answer = application.search(asked)
        headers = {"Link": f'<{_next_page(request, answer.next)}>; rel="next"'} if answer.next else None
        return json_answer(request, answer, keep_for=keep_for, except_for=_NOT_TAGGED, headers=headers)

    @router.get(
        "/suggest",
        summary="Complete what is being typed",
        response_model=SuggestAnswer,
        responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def suggest(request: Request, asked: Annotated[SuggestParameters, Query()]) -> Response:
        return json_answer(request, application.suggest(asked.q, asked.limit), keep_for=keep_for)

    return router


def _next_page(request: Request, cursor: str) -> str:
    """Relative to the host: what the outside calls this host is the proxy's business."""
    parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*parameters, ('cursor', cursor)])}"
