"""Errors as RFC 9457 problem details, whatever raised them; never a stack trace, never a 500 for bad input."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

MEDIA_TYPE: Final = "application/problem+json"
# A request with ten thousand faulty events is not answered with ten thousand faults.
MAX_ERRORS: Final = 100
# Names and tags that a client made up are repeated to it, but not by the megabyte.
_MAX_FIELD_NAME: Final = 200
_MAX_MESSAGE: Final = 500
# A client that still sends when its connection is reset loses the answer; so the rest is read and dropped for a while.
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 8_000_000

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


class ProblemResponse(JSONResponse):
    """Problem details. With `Connection: close` it hears the client out for a moment before it hangs up."""

    media_type = MEDIA_TYPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.headers.get("connection") != "close":
            await super().__call__(scope, receive, send)
            return

        async def send_and_linger(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not last:
                await send(message)
                return
            await send({**message, "more_body": True})
            await _drop_rest(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await super().__call__(scope, receive, send_and_linger)


async def _drop_rest(receive: Receive) -> None:
    dropped = 0
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while dropped < _LINGER_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def faults_of(error: ValidationError | RequestValidationError, *, prefix: Sequence[str | int] = ()) -> list[Fault]:
    """Pydantic's errors as faults, without the offending input, which may be large or private."""
    if isinstance(error, ValidationError):
        errors: Sequence[Any] = error.errors(include_url=False, include_context=False, include_input=False)
    else:
        errors = error.errors()
    return [
        Fault(
            loc=[part if isinstance(part, int) else str(part)[:_MAX_FIELD_NAME] for part in (*prefix, *fault["loc"])],
            msg=str(fault["msg"]).removeprefix("Value error, ")[:_MAX_MESSAGE],
            type=str(fault["type"]),
        )
        for fault in errors[:MAX_ERRORS]
    ]


def unprocessable(faults: Sequence[Fault]) -> ProblemError:
    """422 for what can be read and is not acceptable; `detail` repeats the first faults for people."""
    detail = "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in faults[:3])
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, errors=faults)


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


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    return ProblemResponse(problem.model_dump(), problem.status, headers)


def unexpected_problem() -> Problem:
    """What the outside learns about a fault of ours."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        title=status.phrase, status=status, detail="an unexpected error; it has been logged with the request id"
    )


def install_problem_handlers(app: FastAPI, on_problem: Callable[[Problem], None] = lambda _problem: None) -> None:
    """Answer every error of `app` with problem details; `on_problem` may count the ones that have a slug."""

    @app.exception_handler(ProblemError)
    async def _problem(_request: Request, error: ProblemError) -> JSONResponse:
        on_problem(error.problem)
        return problem_response(error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problem = unprocessable(faults_of(error)).problem
        on_problem(problem)
        return problem_response(problem)

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
        return problem_response(unexpected_problem())
