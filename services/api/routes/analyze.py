"""GET /v1/analyze: what the search makes of a text, for whoever tunes it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from services.api.answers import AnalyzeAnswer
from services.api.application import Application
from services.api.parameters import Text
from shared.api_keys.model import Scope
from shared.bengali.analyzer import describe
from shared.http.problems import problem_responses

_MOST_CHARACTERS = 2_000
# For the OpenAPI document; the authenticator reads the header itself.
_BEARER = HTTPBearer(auto_error=False, description="An API key with the scope `admin`.")


def analyze_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["index"])
    authenticator = application.ports.authenticator

    @router.get(
        "/analyze",
        summary="Tokens, stems and offsets of a text",
        response_model=AnalyzeAnswer,
        dependencies=[Security(_BEARER)],
        responses=problem_responses(
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    )
    async def analyze(
        request: Request,
        text: Annotated[
            Text, Query(max_length=_MOST_CHARACTERS, description="The text.", examples=["ঢাকায় ডেঙ্গুতে আরও সাত জনের মৃত্যু"])
        ],
    ) -> Response:
        await authenticator.authenticate(request.headers.get("authorization"), Scope.ADMIN)
        answer = AnalyzeAnswer.model_validate(await run_in_threadpool(describe, text), from_attributes=True)
        return Response(
            answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "private, no-store"}
        )

    return router
