"""GET /v1/trending and /v1/live."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import anyio
import orjson
from fastapi import APIRouter, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.api.answers import MostReadAnswer
from services.api.application import Application
from services.api.conditional import json_answer
from services.api.parameters import ListScope, MostReadParameters
from shared.http.problems import problem_responses

# A client that reads nothing for so long is gone, or might as well be.
_SEND_SECONDS = 30
_GRACE_SECONDS = 1
# What a browser waits before it connects again.
_RECONNECT_MILLISECONDS = 3_000


def trending_routes(application: Application) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["most read"])
    settings = application.settings
    live_lists = application.live_lists

    @router.get(
        "/trending",
        summary="The most-read list",
        description="Counts fade: within the window `24h`, a view of 24 hours ago counts half. Retracted and hidden "
        "articles never appear, and leave no gap. `reason` says why a list is empty.",
        response_model=MostReadAnswer,
        responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def trending(request: Request, asked: Annotated[MostReadParameters, Query()]) -> Response:
        return json_answer(request, application.list_most_read(asked), keep_for=settings.most_read_cache)

    @router.get(
        "/live",
        summary="The most-read list, whenever it changes",
        description="Server-sent events: `most-read` with the list as `/v1/trending` answers it, at once and at each "
        "change; `heartbeat` with `as_of` when nothing changes; `unavailable` while the list cannot be made.",
        response_class=EventSourceResponse,
        responses={
            200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
        },
    )
    async def live(asked: Annotated[ListScope, Query()]) -> EventSourceResponse:
        scope = ListScope(window=asked.window, category=asked.category)
        live_lists.ensure_room()
        ending = anyio.Event()

        async def events() -> AsyncIterator[ServerSentEvent]:
            async for event in live_lists.listen(scope, ending):
                yield ServerSentEvent(event.data, event=event.name, id=event.id, retry=_RECONNECT_MILLISECONDS)

        def heartbeat() -> ServerSentEvent:
            as_of = live_lists.as_of(scope)
            return ServerSentEvent(orjson.dumps({"as_of": as_of}).decode(), event="heartbeat")

        return EventSourceResponse(
            events(),
            ping=settings.live_heartbeat.total_seconds(),
            ping_message_factory=heartbeat,
            send_timeout=_SEND_SECONDS,
            # Set when the server stops, so that the answer ends as it should.
            shutdown_event=ending,
            shutdown_grace_period=_GRACE_SECONDS,
        )

    return router
