"""POST /v1/events: CloudEvents of any kind, one or many."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
import structlog

from services.ingest.accept import Acceptor
from services.ingest.cloud_events import ReceivedEvents, decode_events, validate_event, with_trace_context
from services.ingest.fast_path import FastAnswer, FastRequest
from services.ingest.group_commit import StreamItem
from services.ingest.log_budget import LogBudget
from services.ingest.rate_limits import KeyRate
from services.ingest.view_records import Visitor
from services.ingest.visitors import Visitors
from shared.api_keys.authenticate import Authenticator
from shared.api_keys.model import Scope
from shared.http.body import BodyReader
from shared.http.problems import MAX_ERRORS, Fault, ProblemError, unprocessable

PATH: Final = "/v1/events"

# Validating and encoding an article takes about 50 µs; other requests get a turn after so many.
_EVENTS_PER_TURN: Final = 100

_LOG_LINES_PER_SECOND: Final = 200

_log = structlog.get_logger(__name__)


class PostEvents:
    def __init__(
        self,
        *,
        acceptor: Acceptor,
        authenticator: Authenticator,
        visitors: Visitors,
        body_reader: BodyReader,
        max_items: int,
        max_event_bytes: int,
        key_rate: KeyRate,
    ) -> None:
        self._acceptor = acceptor
        self._authenticator = authenticator
        self._visitors = visitors
        self._body_reader = body_reader
        self._max_items = max_items
        self._max_event_bytes = max_event_bytes
        self._key_rate = key_rate
        self._log_budget = LogBudget(lines_per_second=_LOG_LINES_PER_SECOND)

    async def __call__(self, request: FastRequest) -> FastAnswer:
        key = await self._authenticator.authenticate(request.header(b"authorization"), Scope.PUBLISH)
        body = await self._body_reader.read(request.headers, request.receive)
        received = decode_events(request.headers, body, max_items=self._max_items)
        await self._key_rate.check(key, len(received.values))
        visitor = self._visitors.visitor(self._visitors.address(request.scope), request.headers, vouched=True)
        items = await self._items(received, request.headers, visitor)
        result = await self._acceptor.accept(items)
        passed_over = self._log_budget.spend()
        if passed_over is not None:
            _log.info(
                "events.accepted",
                accepted=result.accepted,
                duplicates=result.duplicates,
                key_id=key.id,
                request_id=request.request_id,
                **_named(items, self._acceptor),
                **({"lines_passed_over": passed_over} if passed_over else {}),
            )
        answer = {"accepted": result.accepted, "duplicates": result.duplicates}
        return FastAnswer(HTTPStatus.ACCEPTED, orjson.dumps(answer))

    async def _items(
        self, received: ReceivedEvents, headers: Mapping[bytes, bytes], visitor: Visitor
    ) -> list[StreamItem]:
        items: list[StreamItem] = []
        faults: list[Fault] = []
        for position in range(len(received.values)):
            event = validate_event(received, position)
            # Encoded now, dropped at once: a large batch is never held twice.
            received.values[position] = None
            if isinstance(event, list):
                faults.extend(event)
                if len(faults) >= MAX_ERRORS:
                    break
            else:
                item = self._acceptor.item_of_event(with_trace_context(event, headers), visitor)
                faults.extend(self._too_large(item, received, position))
                items.append(item)
            if position % _EVENTS_PER_TURN == _EVENTS_PER_TURN - 1:
                await asyncio.sleep(0)
        if faults:
            raise unprocessable(faults)
        return items

    def _too_large(self, item: StreamItem, received: ReceivedEvents, position: int) -> list[Fault]:
        if len(item[1].body) <= self._max_event_bytes:
            return []
        message = f"the event is larger than the limit of {self._max_event_bytes:,} bytes"
        if not received.many:
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "event-too-large", message)
        return [Fault(loc=["body", position], msg=message, type="too_large")]


def _named(items: list[StreamItem], acceptor: Acceptor) -> dict[str, str | int]:
    """A single article is named in the log; a batch would fill it."""
    if len(items) != 1 or not items[0][0].holds_articles:
        return {}
    item = items[0][1]
    return {
        "article_id": item.article_id,
        "partition": acceptor.partition_of(item.article_id),
        "event_id": item.event_id,
    }
