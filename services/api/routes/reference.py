"""GET /docs: the API's reference, made from its OpenAPI document. No script, nothing from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, FastAPI, Request, Response

from services.api.application import Application
from services.api.conditional import cacheable
from services.api.web.page_form import PageForm
from services.api.web.render import Pages

_KEEP_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    required: bool
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`example` is a request that works, or None when it needs an id or a key."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Parameter]
    example: str | None
    answer: str | None


def reference_routes(app: FastAPI, application: Application, pages: Pages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def reference(request: Request) -> Response:
        document = app.openapi()
        body = pages.render(
            "reference.html",
            {
                "form": PageForm(),
                "all_categories": [],
                "current_section": None,
                "document": document,
                "operations": _operations(document, application.public_url),
            },
        )
        return cacheable(request, body, "text/html; charset=utf-8", keep_for=_KEEP_FOR)

    return router


def _operations(document: Mapping[str, Any], base: str) -> list[Operation]:
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            parameters=[_parameter(document, one) for one in operation.get("parameters", [])],
            example=_example(base, path, operation),
            answer=_answer(document, operation),
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        required=parameter.get("required", False),
        kind=_kind(document, parameter["schema"]),
        description=parameter.get("description", ""),
    )


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A schema in a few words: its type or its choices, its bounds, its default."""
    default = schema.get("default")
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(document, one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "enum" in schema:
        words = [", ".join(f"`{choice}`" for choice in schema["enum"])]
    elif schema.get("type") == "array":
        words = [f"{_kind(document, schema['items'])}, repeatable"]
    else:
        words = [str(schema.get("format") or schema.get("type", ""))]
    words += [f"{sign} {schema[name]}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema]
    if default not in ("", [], None):
        words.append(f"default `{orjson.dumps(default).decode().strip(chr(34))}`")
    return ", ".join(words)


def _example(base: str, path: str, operation: Mapping[str, Any]) -> str | None:
    if "{" in path or operation.get("security"):
        return None
    given = []
    for parameter in operation.get("parameters", []):
        examples = parameter.get("examples") or parameter["schema"].get("examples")
        if examples and (parameter.get("required") or parameter["name"] == "q"):
            given.append((parameter["name"], examples[0]))
    return f"{base}{path}" + (f"?{urlencode(given)}" if given else "")


def _answer(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str | None:
    content = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples = document.get("components", {}).get("schemas", {}).get(name, {}).get("examples")
    return orjson.dumps(examples[0], option=orjson.OPT_INDENT_2).decode() if examples else None
