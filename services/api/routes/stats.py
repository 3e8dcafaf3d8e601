"""GET /v1/categories and /v1/stats."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from services.api.answers import CategoriesAnswer, StatsAnswer
from services.api.application import Application
from services.api.conditional import json_answer
from shared.http.problems import problem_responses

_KEEP_FOR = timedelta(seconds=2)


def stats_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["index"])
    unavailable = problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)

    @router.get(
        "/categories",
        summary="Categories and how many articles each has",
        response_model=CategoriesAnswer,
        responses=unavailable,
    )
    def categories(request: Request) -> Response:
        return json_answer(request, application.report_stats.categories(), keep_for=_KEEP_FOR)

    @router.get(
        "/stats",
        summary="How large the index is, and how far behind",
        response_model=StatsAnswer,
        responses=unavailable,
    )
    def stats(request: Request) -> Response:
        return json_answer(request, application.report_stats.stats(), keep_for=_KEEP_FOR)

    return router
