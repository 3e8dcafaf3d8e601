"""What OpenAPI says about the fast routes, which FastAPI does not see."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.ingest import cloud_events
from services.ingest.examples import EVENT_EXAMPLE, RETRACTION_EXAMPLE, VIEW_EXAMPLE, VIEWED_EXAMPLE
from services.ingest.view_records import ReportedView
from shared.events import Article, ArticlePublished, ArticleRetracted, ArticleViewed
from shared.http.problems import MEDIA_TYPE, Problem

_SCHEMAS: Final = "#/components/schemas/"
_REQUEST_ID: Final = {
    "X-Request-ID": {"description": "The id of this request in our logs.", "schema": {"type": "string"}}
}


class AcceptedEvents(BaseModel):
    """All events are on disk; those seen before are counted apart."""

    accepted: int
    duplicates: int


class AcceptedViews(BaseModel):
    """All views are on disk."""

    accepted: int


def schemas() -> dict[str, Any]:
    """The components that the fast routes, and the bodies that are read by hand, refer to."""
    models: Sequence[type[BaseModel]] = (
        ArticlePublished,
        ArticleRetracted,
        ArticleViewed,
        ReportedView,
        AcceptedEvents,
        AcceptedViews,
        Problem,
    )
    _, document = models_json_schema([(model, "validation") for model in models], ref_template=f"{_SCHEMAS}{{model}}")
    components: dict[str, Any] = document["$defs"]
    components["Event"] = {
        "oneOf": [{"$ref": f"{_SCHEMAS}{model.__name__}"} for model in models[:3]],
        "discriminator": {
            "propertyName": "type",
            "mapping": {model.model_fields["type"].default: f"{_SCHEMAS}{model.__name__}" for model in models[:3]},
        },
    }
    components["ArticleInPath"] = _without_required_id(components[Article.__name__])
    return components


def post_events() -> dict[str, Any]:
    event = {"$ref": f"{_SCHEMAS}Event"}
    return {
        "tags": ["events"],
        "operationId": "post_events",
        "summary": "Send CloudEvents, one or many",
        "description": (
            "Structured, batched or binary CloudEvents 1.0, or newline-delimited structured ones. The request is "
            "accepted whole or refused whole. An event with the same `source` and `id` as one of the last 48 hours is "
            "a duplicate, which is safe. In binary mode `ce-*` headers carry the attributes, percent-encoded. "
            "A view without `viewer` is told apart by the address and agent of whoever sends the request."
        ),
        "security": [{"HTTPBearer": []}],
        "parameters": [
            {"name": "traceparent", "in": "header", "description": "W3C trace context.", "schema": {"type": "string"}}
        ],
        "requestBody": {
            "required": True,
            "content": {
                cloud_events.STRUCTURED: {
                    "schema": event,
                    "examples": {
                        "published": {"value": EVENT_EXAMPLE},
                        "retracted": {"value": RETRACTION_EXAMPLE},
                        "viewed": {"value": VIEWED_EXAMPLE},
                    },
                },
                cloud_events.BATCH: {
                    "schema": {"type": "array", "items": event},
                    "example": [EVENT_EXAMPLE, VIEWED_EXAMPLE],
                },
                cloud_events.LINES: {"schema": {"type": "string", "description": "One structured event a line."}},
            },
        },
        "responses": _responses("AcceptedEvents"),
    }


def post_views() -> dict[str, Any]:
    view = {"$ref": f"{_SCHEMAS}{ReportedView.__name__}"}
    one_or_many = {"anyOf": [view, {"type": "array", "items": view}]}
    return {
        "tags": ["views"],
        "operationId": "post_views",
        "summary": "Report that an article was seen",
        "description": (
            "One view, an array, or one a line. Open to browsers; an address may send so many in a time, unless an API "
            "key comes along. Views of crawlers and of pages loaded ahead of time are kept, and not counted."
        ),
        "security": [{}, {"HTTPBearer": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": one_or_many, "example": VIEW_EXAMPLE},
                "text/plain": {
                    "schema": {"type": "string", "description": "The same, as `navigator.sendBeacon` sends it."}
                },
                "application/x-ndjson": {"schema": {"type": "string", "description": "One view a line."}},
            },
        },
        "responses": _responses("AcceptedViews"),
    }


def get_views_gif() -> dict[str, Any]:
    responses = _responses(None, body=False)
    responses["200"] = {
        "description": "A transparent picture of one pixel",
        "headers": _REQUEST_ID,
        "content": {"image/gif": {"schema": {"type": "string", "format": "binary"}}},
    }
    return {
        "tags": ["views"],
        "operationId": "get_views_gif",
        "summary": "Report a view from a page without scripts",
        "security": [{}, {"HTTPBearer": []}],
        "parameters": [
            {
                "name": "article",
                "in": "query",
                "required": True,
                "description": "The article's id.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                "example": VIEW_EXAMPLE["article_id"],
            }
        ],
        "responses": responses,
    }


def _responses(accepted: str | None, *, body: bool = True) -> dict[str, Any]:
    statuses = {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }
    if body:
        statuses |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
    problem = {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}{Problem.__name__}"}}}
    responses: dict[str, Any] = {
        str(int(status)): {"description": status.phrase, "headers": _REQUEST_ID, "content": problem}
        for status in sorted(statuses)
    }
    if accepted is not None:
        responses["202"] = {
            "description": "On disk",
            "headers": _REQUEST_ID,
            "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{accepted}"}}},
        }
    return responses


def _without_required_id(article: Mapping[str, Any]) -> dict[str, Any]:
    schema = deepcopy(dict(article))
    schema["title"] = "ArticleInPath"
    schema["required"] = [name for name in schema["required"] if name != "id"]
    return schema
