"""Articles by id: what one is from now on, that it is withdrawn, and how it fares on its way."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.ingest.article_status import ArticleStatus, status_of
from services.ingest.examples import ARTICLE_EXAMPLE, STATUS_EXAMPLE
from services.ingest.state import Publisher, State
from services.ingest.statements import published, retracted
from shared.api_keys.model import ApiKey
from shared.events import MAX_VERSION, Article, ArticleId, ArticlePublished, ArticleRetracted, Priority, version_of
from shared.http.json_body import read_json
from shared.http.media_type import media_type_of, unsupported_media_type
from shared.http.problems import Fault, ProblemError, faults_of, problem_responses, unprocessable
from shared.journal.priorities import stream_kind_of

_log = structlog.get_logger(__name__)

_ARTICLE_ID: TypeAdapter[str] = TypeAdapter(ArticleId)

# ":path" lets an encoded slash reach the check, which says what is wrong; other routers answer 404.
ArticleIdInPath = Annotated[
    str, Path(description="1 to 200 letters, digits, `.`, `_`, `~`, `:`, `-`", examples=["desk-2026-11-23-dengue"])
]

PriorityInQuery = Annotated[
    Priority | None,
    Query(description="`backfill` waits until no live event does, as an archive's may; default: `live`."),
]

REFUSED = problem_responses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

router = APIRouter(tags=["articles"])


class AcceptedArticle(BaseModel):
    """The event is on disk; `status_url` tells what becomes of it."""

    article_id: str
    version: int
    event_id: str
    status_url: str


def accepted_article(event: ArticlePublished | ArticleRetracted) -> AcceptedArticle:
    return AcceptedArticle(
        article_id=event.subject,
        version=version_of(event),
        event_id=event.id,
        status_url=f"/v1/articles/{event.subject}/status",
    )


@router.put(
    "/v1/articles/{article_id:path}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Publish an article, or a new version of one",
    responses=REFUSED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "`id` may be left out; when it is there, it equals the id in the path.",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/ArticleInPath"},
                    "example": ARTICLE_EXAMPLE,
                }
            },
        }
    },
)
async def put_article(
    request: Request, article_id: ArticleIdInPath, state: State, key: Publisher, priority: PriorityInQuery = None
) -> AcceptedArticle:
    """The article is what this request says, unless a newer version is known. The same request again is safe."""
    check_article_id(article_id)
    state.acceptor.check_room(stream_kind_of(priority))
    media_type = media_type_of(request.headers.get("content-type"))
    if media_type != "application/json":
        raise unsupported_media_type(media_type, "application/json")
    body = await state.article_reader.read(dict(request.scope["headers"]), request.receive)
    event = published(_article(article_id, read_json(body)), state.now(), priority)
    return await accept_statement(state, event, key)


@router.delete(
    "/v1/articles/{article_id:path}",
    status_code=HTTPStatus.ACCEPTED,
    summary="Retract an article",
    responses=REFUSED,
)
async def delete_article(
    article_id: ArticleIdInPath,
    version: Annotated[
        int, Query(ge=1, le=MAX_VERSION, description="At least the version that is withdrawn.", examples=[2])
    ],
    state: State,
    key: Publisher,
    priority: PriorityInQuery = None,
) -> AcceptedArticle:
    """The article is no longer found, nor on any list; older versions that come late do not bring it back."""
    check_article_id(article_id)
    return await accept_statement(state, retracted(article_id, version, state.now(), priority), key)


@router.get(
    "/v1/articles/{article_id:path}/status",
    summary="What became of an article",
    responses={
        **problem_responses(
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
        200: {"content": {"application/json": {"example": STATUS_EXAMPLE}}},
    },
)
async def get_article_status(article_id: ArticleIdInPath, state: State, _key: Publisher) -> ArticleStatus:
    """Where the article is on its way. Trails are kept for some days after the last event."""
    check_article_id(article_id)
    marks = await asyncio.to_thread(state.trail.marks, article_id)
    if not marks:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            "no-trail",
            f"there is no trail of {article_id}: it was never received, or longer ago than trails are kept",
        )
    return status_of(article_id, marks)


async def accept_statement(state: State, event: ArticlePublished | ArticleRetracted, key: ApiKey) -> AcceptedArticle:
    """Take the event to the journal and say so in the log."""
    await state.acceptor.accept_statement(event)
    answer = accepted_article(event)
    _log.info(
        "article.accepted",
        article_id=answer.article_id,
        version=answer.version,
        partition=state.acceptor.partition_of(answer.article_id),
        event_id=answer.event_id,
        event_type=event.type,
        key_id=key.id,
    )
    return answer


def check_article_id(article_id: str) -> None:
    """Raises ProblemError, 422."""
    try:
        _ARTICLE_ID.validate_python(article_id)
    except ValidationError:
        message = "1 to 200 of A-Z a-z 0-9 . _ ~ : - and not of dots alone; no slash, encoded or not"
        raise unprocessable([Fault(loc=["path", "article_id"], msg=message, type="article_id")]) from None


def _article(article_id: str, value: Any) -> Article:
    if isinstance(value, dict):
        value = {"id": article_id, **value}
    try:
        article = Article.model_validate(value)
    except ValidationError as error:
        raise unprocessable(faults_of(error, prefix=["body"])) from None
    if article.id != article_id:
        raise unprocessable([Fault(loc=["body", "id"], msg="must equal the id in the path", type="id_mismatch")])
    return article
