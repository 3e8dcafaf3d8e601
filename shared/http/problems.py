"""Errors as RFC 9457 problem details, whatever raised them; never a stack trace, never a 500 for bad input."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
# A request with ten thousand faulty events is not answered with ten thousand faults.
MAX_ERRORS: Final = 100

_log = structlog.get_logger(__name__)


class Fault(BaseModel):
    """One thing that is wrong, and where."""

    loc: list[str | int]
    msg: str
    type: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class ProblemError(Exception):
    """Raise it anywhere behind a route: it becomes the answer.

    `slug` names the kind of problem for programs; `detail` is for people and must not contain secrets.
    """

    def __init__(
        self,
        status: HTTPStatus,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            type=f"urn:khobor:problem:{slug}",
            title=status.phrase,
            status=status,
            detail=detail,
            errors=list(errors[:MAX_ERRORS]),
        )
        self.headers = dict(headers or {})


def faults_of(error: ValidationError | RequestValidationError, *, prefix: Sequence[str | int] = ()) -> list[Fault]:
    """Pydantic's errors as faults, without the offending input, which may be large or private."""
    return [
        Fault(
            loc=[*prefix, *fault["loc"]], msg=str(fault["msg"]).removeprefix("Value error, "), type=str(fault["type"])
        )
        for fault in error.errors()[:MAX_ERRORS]
    ]


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The `responses` argument of a route: these statuses are answered with problem details."""
    return {
        int(status): {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "model": Problem,
        }
        for status in statuses
    }


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), problem.status, headers, MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""

    @app.exception_handler(ProblemError)
    async def _problem(_request: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = faults_of(error)
        detail = "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in faults[:3])
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return problem_response(
            Problem(type="urn:khobor:problem:invalid", title=status.phrase, status=status, detail=detail, errors=faults)
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        detail = error.detail
        if status is HTTPStatus.NOT_FOUND and detail == status.phrase:
            detail = f"there is nothing at {request.url.path}"
        elif status is HTTPStatus.METHOD_NOT_ALLOWED and detail == status.phrase:
            detail = f"{request.method} is not allowed at {request.url.path}"
        return problem_response(Problem(title=status.phrase, status=status, detail=detail), error.headers)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return problem_response(
            Problem(
                title=status.phrase, status=status, detail="an unexpected error; it has been logged with the request id"
            )
        )
