"""The CloudEvents 1.0 HTTP binding: structured, batched, binary; and newline-delimited structured events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from pydantic import ValidationError

from shared.events import (
    ArticlePublished,
    ArticleRetracted,
    ArticleViewed,
    FrozenModel,
    TraceParent,
    TraceState,
    event_from_producer,
)
from shared.http.json_body import read_json, read_json_array, read_json_lines
from shared.http.media_type import media_type_of, unsupported_media_type
from shared.http.problems import Fault, faults_of

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LINES: Final = "application/x-ndjson"
BINARY: Final = "application/json"

_PREFIX: Final = b"ce-"

DoorEvent = ArticlePublished | ArticleRetracted | ArticleViewed


@dataclass(frozen=True, slots=True)
class ReceivedEvents:
    """Decoded, not validated. `many`: faults are named by index. `binary`: attributes came as headers."""

    values: list[Any]
    many: bool
    binary: bool = False


def decode_events(headers: Mapping[bytes, bytes], body: bytes, *, max_items: int) -> ReceivedEvents:
    """Take a request apart into structured events.

    Raises:
        ProblemError: 415, 400 or 413.
    """
    content_type = headers.get(b"content-type")
    media_type = media_type_of(None if content_type is None else content_type.decode("latin-1"))
    if media_type == STRUCTURED:
        return ReceivedEvents([read_json(body)], many=False)
    if media_type == BATCH:
        return ReceivedEvents(read_json_array(body, max_items=max_items), many=True)
    if media_type == LINES:
        return ReceivedEvents(read_json_lines(body, max_items=max_items), many=True)
    if media_type == BINARY and b"ce-specversion" in headers:
        return ReceivedEvents([_binary_event(headers, body)], many=False, binary=True)
    raise unsupported_media_type(media_type, STRUCTURED, BATCH, LINES, f"{BINARY} with ce-* headers")


def validate_event(received: ReceivedEvents, position: int) -> DoorEvent | list[Fault]:
    """The event at `position`, or what is wrong with it and where."""
    try:
        return event_from_producer(received.values[position])
    except ValidationError as error:
        return [_place(received, position, fault) for fault in faults_of(error)]


def _binary_event(headers: Mapping[bytes, bytes], body: bytes) -> dict[str, Any]:
    event: dict[str, Any] = {
        # Values are percent-encoded UTF-8, CloudEvents HTTP binding 3.1.3.2.
        name.removeprefix(_PREFIX).decode("latin-1"): unquote(value.decode("latin-1"))
        for name, value in headers.items()
        if name.startswith(_PREFIX)
    }
    event.pop("data", None)
    event["datacontenttype"] = BINARY
    if body.strip():
        event["data"] = read_json(body)
    return event


class _TraceContext(FrozenModel):
    traceparent: TraceParent
    tracestate: TraceState | None = None


def _place(received: ReceivedEvents, position: int, fault: Fault) -> Fault:
    # The first part names the variant of the union that was tried, which is no place in the request.
    path = fault.loc[1:] if fault.loc and str(fault.loc[0]).startswith("khobor.") else fault.loc
    if not path and fault.type.startswith("union_tag"):
        path = ["type"]
    if received.binary:
        in_body = bool(path) and path[0] == "data"
        place: list[str | int] = ["body", *path[1:]] if in_body else ["header", *_header_name(path)]
    else:
        place = ["body", position, *path] if received.many else ["body", *path]
    return fault.model_copy(update={"loc": place})


def _header_name(path: list[str | int]) -> list[str | int]:
    return [f"{_PREFIX.decode()}{path[0]}", *path[1:]] if path else []


def with_trace_context(event: DoorEvent, headers: Mapping[bytes, bytes]) -> DoorEvent:
    """Give an event the request's W3C trace context, unless it brings its own.

    A header that is not valid is ignored, as the specification asks.
    """
    traceparent = headers.get(b"traceparent")
    if traceparent is None or event.traceparent is not None:
        return event
    tracestate = headers.get(b"tracestate")
    try:
        context = _TraceContext(
            traceparent=traceparent.decode("latin-1"), tracestate=tracestate.decode("latin-1") if tracestate else None
        )
    except ValidationError:
        return event
    return event.model_copy(update=context.model_dump(exclude_none=True))
