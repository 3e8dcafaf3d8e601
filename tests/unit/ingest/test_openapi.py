"""The OpenAPI document, and what it promises about every answer."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from services.ingest.examples import (
    ARTICLE_EXAMPLE,
    EVENT_EXAMPLE,
    RETRACTION_EXAMPLE,
    STATUS_EXAMPLE,
    VIEW_EXAMPLE,
    VIEWED_EXAMPLE,
)
from tests.support.publishers_door import Door, open_door

CONTENT_TYPES = [
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/x-ndjson",
    "text/plain",
    "text/html",
]
BENGALI = re.compile("[\u0980-\u09ff]")


@pytest.fixture(scope="module")
def open_one() -> Iterator[Door]:
    with open_door(views_rate="1000000/second") as door:
        yield door


@pytest.fixture(scope="module")
def document(open_one: Door) -> dict[str, Any]:
    answer: dict[str, Any] = open_one.http.get("/openapi.json").json()
    return answer


def test_every_route_of_the_contract_is_described(document: dict[str, Any]) -> None:
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert described == {
        ("put", "/v1/articles/{article_id}"),
        ("delete", "/v1/articles/{article_id}"),
        ("get", "/v1/articles/{article_id}/status"),
        ("post", "/v1/events"),
        ("post", "/v1/views"),
        ("get", "/v1/views.gif"),
        ("post", "/v1/pages"),
        ("get", "/livez"),
        ("get", "/readyz"),
        ("get", "/metrics"),
    }


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(document))
    assert found
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_the_document_stays_the_same_when_it_is_asked_for_again(open_one: Door, document: dict[str, Any]) -> None:
    assert open_one.http.get("/openapi.json").json() == document


def test_refusals_are_problem_details(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if status.startswith("4"):
                    assert "application/problem+json" in response["content"], (method, path, status)


def test_bodies_have_bengali_examples(document: dict[str, Any]) -> None:
    for method, path, content_type in (
        ("put", "/v1/articles/{article_id}", "application/json"),
        ("post", "/v1/events", "application/cloudevents+json"),
        ("post", "/v1/events", "application/cloudevents-batch+json"),
        ("post", "/v1/views", "application/json"),
        ("post", "/v1/pages", "text/plain"),
    ):
        media = document["paths"][path][method]["requestBody"]["content"][content_type]
        assert BENGALI.search(str(media.get("example") or media["examples"])), (method, path, content_type)


def test_the_examples_are_accepted(open_one: Door) -> None:
    door = open_one
    batch = [EVENT_EXAMPLE, RETRACTION_EXAMPLE, VIEWED_EXAMPLE]
    put = door.http.put("/v1/articles/haor-bonna-2026", json=ARTICLE_EXAMPLE, headers=door.publisher)
    assert put.status_code == 202, put.text
    assert door.post_events(batch, "application/cloudevents-batch+json").json() == {"accepted": 3, "duplicates": 0}
    assert door.post_views(VIEW_EXAMPLE).status_code == 202
    status = door.http.get("/v1/articles/haor-bonna-2026/status", headers=door.publisher).json()
    assert status.keys() == STATUS_EXAMPLE.keys()
    assert status["trail"][0].keys() == STATUS_EXAMPLE["trail"][0].keys()


FEW = settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def send(door: Door, case: Case[Any]) -> httpx.Response:
    options: dict[str, Any] = case.as_transport_kwargs(base_url="http://door.test")
    body = {name: options[name] for name in ("json", "data") if options.get(name) is not None}
    if not isinstance(body.get("data", {}), dict):
        body = {"content": body["data"]}
    try:
        return door.http.request(
            options["method"],
            options["url"],
            params=options["params"] or None,
            headers={**options["headers"], **door.publisher},
            **body,
        )
    except httpx.InvalidURL:
        # Longer than the client sends.
        reject()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_is_answered_as_documented(open_one: Door, document: Any, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(document)
    tested = set()
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
            continue

        @FEW
        @given(operation.as_strategy(generation_mode=mode))
        def answers(case: Case[Any]) -> None:
            response = send(open_one, case)
            assert response.status_code < 500, response.text
            if response.status_code >= 400:
                assert response.headers["content-type"] == "application/problem+json"
            # An id made of anything may lead to a path of no route, which no document describes.
            if response.status_code not in {404, 405}:
                case.operation.validate_response(response)

        answers()
        tested.add((operation.method, operation.path))
    assert len(tested) >= (10 if mode is GenerationMode.POSITIVE else 7)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(body=st.binary(max_size=300), content_type=st.sampled_from([*CONTENT_TYPES, ""]) | st.text(max_size=20))
def test_any_bytes_are_accepted_or_refused(open_one: Door, body: bytes, content_type: str) -> None:
    headers = {**open_one.publisher, "Content-Type": content_type.encode(errors="replace")}
    for method, path in (
        ("PUT", "/v1/articles/a"),
        ("POST", "/v1/events"),
        ("POST", "/v1/views"),
        ("POST", "/v1/pages"),
    ):
        response = open_one.http.request(method, path, content=body, headers=headers)
        assert response.status_code in {202, 400, 415, 422}, response.text
