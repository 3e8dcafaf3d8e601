"""Makes JSON Schemas out of the event models."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import orjson

from shared.events import (
    ARTICLE_PUBLISHED,
    ARTICLE_RETRACTED,
    ARTICLE_VIEWED,
    ArticlePublished,
    ArticleRetracted,
    ArticleViewed,
    CloudEvent,
)

EVENT_MODELS: Final[Mapping[str, type[CloudEvent]]] = {
    ARTICLE_PUBLISHED: ArticlePublished,
    ARTICLE_RETRACTED: ArticleRetracted,
    ARTICLE_VIEWED: ArticleViewed,
}
"""Event type -> its model."""


def schema_of(event_type: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one event type, as the model says it now."""
    model_schema = EVENT_MODELS[event_type].model_json_schema()
    # CloudEvents lets any producer add extension attributes; the models accept and drop them.
    model_schema["patternProperties"] = {
        "^(?!data$)[a-z0-9]{1,20}$": {"type": ["string", "integer", "boolean", "null"]}
    }
    model_schema["required"] = sorted({*model_schema["required"], "specversion", "type"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:khobor:schema:{event_type}",
        **model_schema,
    }


def encode_schema(schema: Mapping[str, Any]) -> bytes:
    """As it lies in its file: sorted and indented, so that changes read well."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def committed_schema(event_type: str) -> bytes:
    return (files("shared.schemas") / f"{event_type}.schema.json").read_bytes()


def released_schema(event_type: str) -> bytes:
    return (files("shared.schemas") / "released" / f"{event_type}.schema.json").read_bytes()
