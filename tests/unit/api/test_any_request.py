"""Whatever is asked, as the OpenAPI document allows it and as it does not: an answer as documented, never a 500."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from tests.support.readers_door import Newsroom

# Its answer has no end.
ENDLESS = "/v1/live"
PARAMETERS = ["q", "category", "source", "from", "to", "window", "cursor"]
FEW = settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
# What means something to a query language, to HTML, to Redis or to a path.
PIECES = st.sampled_from(
    [
        "ডেঙ্গু",
        '"',
        "“",
        "-",
        "OR",
        "title:",
        "category:খেলা",
        "date:",
        "2024-11",
        "..",
        "<b>",
        "&",
        "'",
        "%",
        "*",
        "{",
        "০",
    ]
)
TYPED = st.lists(st.one_of(PIECES, st.sampled_from(" \\\u200d\u09cd"), st.text(max_size=5)), max_size=12).map("".join)


def send(newsroom: Newsroom, case: Case[Any]) -> httpx.Response:
    options: dict[str, Any] = case.as_transport_kwargs(base_url="http://door.example")
    try:
        return newsroom.client.request(
            options["method"], options["url"], params=options["params"] or None, headers=options["headers"]
        )
    except httpx.InvalidURL:
        # Longer than the client sends.
        reject()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_as_documented(quiet_newsroom: Newsroom, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(quiet_newsroom.get("/openapi.json"))
    tested = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if operation.path == ENDLESS or (mode is GenerationMode.NEGATIVE and not operation.query):
            continue

        @FEW
        @given(operation.as_strategy(generation_mode=mode))
        def answers(case: Case[Any]) -> None:
            response = send(quiet_newsroom, case)
            assert response.status_code < 500, response.text
            if response.status_code >= 400:
                assert response.headers["content-type"] == "application/problem+json"
            case.operation.validate_response(response)

        answers()
        tested += 1
    assert tested >= 7


@FEW
@given(q=TYPED, cursor=st.none() | st.text(max_size=30), sort=st.sampled_from(["", "relevance", "newest", "views"]))
def test_whatever_is_typed_is_answered(quiet_newsroom: Newsroom, q: str, cursor: str | None, sort: str) -> None:
    given_parameters = {"q": q, "sort": sort, **({"cursor": cursor} if cursor is not None else {})}
    for path in ("/v1/search", "/v1/suggest", "/v1/search/feed.rss", "/"):
        response = quiet_newsroom.client.get(path, params={n: v for n, v in given_parameters.items() if v or n == "q"})
        assert response.status_code in {200, 400, 422}, response.text


@FEW
@given(
    st.dictionaries(
        st.sampled_from(["q", "category", "source", "from", "to", "window", "cursor"]), st.text(max_size=30)
    )
)
def test_a_page_explains_any_address(quiet_newsroom: Newsroom, parameters: dict[str, str]) -> None:
    for path in ("/", "/articles/dengue"):
        response = quiet_newsroom.client.get(path, params=parameters)
        assert response.status_code in {200, 400}, response.text
        assert response.headers["content-type"] == "text/html; charset=utf-8"
