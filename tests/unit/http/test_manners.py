"""What every answer has: problem details, a request id, a place in logs and metrics."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from shared.http.observe import HttpMetrics, ObserveMiddleware
from shared.http.problems import Fault, Problem, ProblemError, install_problem_handlers, problem_response


class Manners:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.problems: list[Problem] = []
        self.app = FastAPI()
        self.app.add_middleware(ObserveMiddleware, metrics=HttpMetrics(self.registry))
        install_problem_handlers(self.app, self.problems.append)

        class Body(BaseModel):
            count: int

        @self.app.post("/items/{item}")
        async def post_item(item: str, body: Body) -> dict[str, Any]:
            if item == "broken":
                raise ZeroDivisionError
            if item == "refused":
                raise ProblemError(
                    HTTPStatus.CONFLICT, "taken", "it is taken", errors=[Fault(loc=["a"], msg="b", type="c")]
                )
            return {"item": item, "count": body.count}

    def post(self, item: str, **options: Any) -> httpx.Response:
        return self.request("POST", f"/items/{item}", **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **options)

        return asyncio.run(run())

    def sample(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def manners() -> Iterator[Manners]:
    with capture_logs():
        yield Manners()


GOOD = {"json": {"count": 1}}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda manners: manners.post("a", json={"count": "many"}), 422),
        (lambda manners: manners.post("a", content=b"{"), 422),
        (lambda manners: manners.post("refused", **GOOD), 409),
        (lambda manners: manners.post("broken", **GOOD), 500),
        (lambda manners: manners.request("GET", "/items/a"), 405),
        (lambda manners: manners.request("GET", "/nowhere"), 404),
    ],
)
def test_every_error_is_problem_details_with_a_request_id(manners: Manners, answer: Any, status: int) -> None:
    response = answer(manners)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Request-ID"]
    problem = Problem.model_validate(response.json())
    assert problem.status == status
    assert problem.title
    assert problem.detail


def test_problems_with_a_name_can_be_counted(manners: Manners) -> None:
    manners.post("refused", **GOOD)
    manners.post("a", json={})
    assert [problem.type.rpartition(":")[2] for problem in manners.problems] == ["taken", "invalid"]


def test_a_fault_of_ours_is_logged_and_not_told(manners: Manners) -> None:
    with capture_logs() as logs:
        response = manners.post("broken", **GOOD)
    assert "ZeroDivision" not in response.text
    [failed] = [entry for entry in logs if entry["event"] == "request.failed"]
    assert failed["path"] == "/items/broken"


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2:3_4", True), ("a b", False), ("x" * 129, False), ("ক", False)])
def test_a_sane_request_id_is_kept(manners: Manners, given: str, kept: bool) -> None:
    response = manners.post("a", headers={"X-Request-ID": given.encode()}, **GOOD)
    assert (response.headers["X-Request-ID"] == given) is kept


def test_new_request_ids_are_unique(manners: Manners) -> None:
    assert len({manners.post("a", **GOOD).headers["X-Request-ID"] for _ in range(5)}) == 5


def test_requests_are_counted_by_route(manners: Manners) -> None:
    for item in ("a", "b", "refused", "broken"):
        manners.post(item, **GOOD)
    manners.request("GET", "/nowhere")
    route = "/items/{item}"
    count = "khobor_http_requests_total"
    assert manners.sample(count, method="POST", route=route, status="200") == 2
    assert manners.sample(count, method="POST", route=route, status="409") == 1
    assert manners.sample(count, method="POST", route=route, status="500") == 1
    assert manners.sample(count, method="GET", route="unmatched", status="404") == 1


def test_a_client_that_left_is_no_fault_of_ours() -> None:
    registry = CollectorRegistry()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    async def nothing() -> Message:
        raise NotImplementedError

    async def send(_message: Message) -> None:
        raise AssertionError("nobody is there")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with capture_logs() as logs:
        asyncio.run(ObserveMiddleware(app, HttpMetrics(registry))(scope, nothing, send))
    assert [entry["event"] for entry in logs] == ["request.done"]
    labels = {"method": "POST", "route": "unmatched", "status": "499"}
    assert registry.get_sample_value("khobor_http_requests_total", labels) == 1


def test_durations_are_a_histogram() -> None:
    registry = CollectorRegistry()
    metrics = HttpMetrics(registry)
    for seconds in (0.0005, 0.001, 0.2, 60.0):
        metrics.record(method="GET", route="/", status=200, seconds=seconds)
    name = "khobor_http_request_seconds"
    assert registry.get_sample_value(f"{name}_bucket", {"route": "/", "le": "0.001"}) == 2
    assert registry.get_sample_value(f"{name}_bucket", {"route": "/", "le": "0.25"}) == 3
    assert registry.get_sample_value(f"{name}_bucket", {"route": "/", "le": "10.0"}) == 3
    assert registry.get_sample_value(f"{name}_bucket", {"route": "/", "le": "+Inf"}) == 4
    assert registry.get_sample_value(f"{name}_count", {"route": "/"}) == 4
    assert registry.get_sample_value(f"{name}_sum", {"route": "/"}) == pytest.approx(60.2015)
    assert b"khobor_http_requests_total" in generate_latest(registry)


def test_a_client_that_still_sends_is_heard_out_before_the_connection_closes() -> None:
    rest = [{"type": "http.request", "body": b"x" * 1_000, "more_body": number < 9} for number in range(10)]
    sent: list[Message] = []

    async def receive() -> Message:
        return rest.pop(0)

    async def send(message: Message) -> None:
        sent.append({**message, "still to come": len(rest)})

    problem = Problem(title="Too large", status=413, detail="too large")
    response = problem_response(problem, {"Connection": "close"})
    asyncio.run(response({"type": "http", "method": "POST"}, receive, send))

    # The answer is out before the rest is read, and the end of the answer comes after it.
    assert [(message["type"], message["still to come"]) for message in sent] == [
        ("http.response.start", 10),
        ("http.response.body", 10),
        ("http.response.body", 0),
    ]
    assert [message.get("more_body") for message in sent[1:]] == [True, False]
