"""POST /v1/views and GET /v1/views.gif: what readers' browsers send."""

import asyncio
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic import ValidationError

from services.ingest.accept import Acceptor
from services.ingest.fast_path import FastAnswer, FastRequest
from services.ingest.rate_limits import AddressRate, KeyRate
from services.ingest.view_records import VALIDATE_VIEW, VALIDATE_VIEWS, ReportedView
from services.ingest.visitors import Visitors
from shared.api_keys.authenticate import Authenticator
from shared.api_keys.model import ApiKey, Scope
from shared.http.body import BodyReader
from shared.http.json_body import check_items, read_json, read_json_lines
from shared.http.media_type import media_type_of, unsupported_media_type
from shared.http.problems import MAX_ERRORS, Fault, ProblemError, faults_of, unprocessable
from shared.keys import StreamKind

PATH: Final = "/v1/views"
GIF_PATH: Final = "/v1/views.gif"

_JSON: Final = "application/json"
_LINES: Final = "application/x-ndjson"
_TEXT: Final = "text/plain"

_VIEWS_PER_TURN: Final = 500
# More fields than a view has, and than a query needs.
_MOST_FIELDS: Final = 20

# The smallest transparent GIF that every browser draws.
_GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)

_PICTURE: Final = FastAnswer(HTTPStatus.OK, _GIF, b"image/gif", [(b"cache-control", b"no-store")])


def _accepted(views: int) -> FastAnswer:
    return FastAnswer(HTTPStatus.ACCEPTED, b'{"accepted":%d}' % views)


_ONE_ACCEPTED: Final = _accepted(1)


class ViewsDoor:
    """What both routes share: room, rate, and the way to the journal."""

    def __init__(
        self,
        *,
        acceptor: Acceptor,
        authenticator: Authenticator,
        visitors: Visitors,
        address_rate: AddressRate,
        key_rate: KeyRate,
    ) -> None:
        self._acceptor = acceptor
        self._authenticator = authenticator
        self._visitors = visitors
        self._address_rate = address_rate
        self._key_rate = key_rate

    async def enter(self, request: FastRequest) -> ApiKey | None:
        """The key that the caller shows: a publisher's server, which no address limit applies to."""
        self._acceptor.check_room(StreamKind.VIEWS)
        authorization = request.header(b"authorization")
        if authorization is None:
            return None
        return await self._authenticator.authenticate(authorization, Scope.PUBLISH)

    async def take(self, request: FastRequest, views: list[ReportedView], key: ApiKey | None) -> None:
        address = self._visitors.address(request.scope)
        if key is None:
            await self._address_rate.check(self._visitors.subscriber(address), len(views))
        else:
            await self._key_rate.check(key, len(views))
        visitor = self._visitors.visitor(address, request.headers, vouched=key is not None)
        await self._acceptor.accept_views(views, visitor)


class PostViews:
    def __init__(self, door: ViewsDoor, *, body_reader: BodyReader, max_items: int) -> None:
        self._door = door
        self._body_reader = body_reader
        self._max_items = max_items

    async def __call__(self, request: FastRequest) -> FastAnswer:
        key = await self._door.enter(request)
        body = await self._body_reader.read(request.headers, request.receive)
        value = _decode(request.header(b"content-type"), body, self._max_items)
        if isinstance(value, list):
            check_items(len(value), self._max_items)
            views = await _many(value)
        else:
            views = [_one(value)]
        await self._door.take(request, views, key)
        return _ONE_ACCEPTED if len(views) == 1 else _accepted(len(views))


class GetViewsGif:
    """For pages without scripts. The view has no event id, so it is counted at least once."""

    def __init__(self, door: ViewsDoor) -> None:
        self._door = door

    async def __call__(self, request: FastRequest) -> FastAnswer:
        key = await self._door.enter(request)
        articles = _articles_in(request.scope["query_string"])
        if len(articles) != 1:
            raise unprocessable([Fault(loc=["query", "article"], msg="give one article id", type="missing")])
        try:
            view = ReportedView(article_id=articles[0])
        except ValidationError as error:
            raise unprocessable(
                [fault.model_copy(update={"loc": ["query", "article"]}) for fault in faults_of(error)]
            ) from None
        await self._door.take(request, [view], key)
        return _PICTURE


def _articles_in(query: bytes) -> list[str]:
    try:
        return parse_qs(query.decode("latin-1"), max_num_fields=_MOST_FIELDS).get("article", [])
    except ValueError:
        return []


def _decode(content_type: str | None, body: bytes, max_items: int) -> Any:
    """A view or a list of them, not validated. Browsers' beacons say `text/plain`, or nothing."""
    media_type = media_type_of(content_type)
    if media_type == _LINES:
        return read_json_lines(body, max_items=max_items)
    if media_type in {_JSON, ""}:
        return read_json(body)
    if media_type != _TEXT:
        raise unsupported_media_type(media_type, _JSON, _LINES, _TEXT)
    try:
        return read_json(body)
    except ProblemError:
        if b"\n" not in body.strip():
            raise
        return read_json_lines(body, max_items=max_items)


def _one(value: Any) -> ReportedView:
    _refuse_wide(value, ["body"])
    try:
        return VALIDATE_VIEW(value)
    except ValidationError as error:
        raise unprocessable(faults_of(error, prefix=["body"])) from None


async def _many(values: list[Any]) -> list[ReportedView]:
    views: list[ReportedView] = []
    faults: list[Fault] = []
    for start in range(0, len(values), _VIEWS_PER_TURN):
        some = values[start : start + _VIEWS_PER_TURN]
        for position, value in enumerate(some, start):
            _refuse_wide(value, ["body", position])
        try:
            views += VALIDATE_VIEWS(some)
        except ValidationError as error:
            faults += [_moved(fault, start) for fault in faults_of(error)]
        if len(faults) >= MAX_ERRORS:
            break
        await asyncio.sleep(0)
    if faults:
        raise unprocessable(faults)
    return views


def _moved(fault: Fault, start: int) -> Fault:
    position, *path = fault.loc
    return fault.model_copy(update={"loc": ["body", start + int(position), *path]})


def _refuse_wide(value: Any, place: list[str | int]) -> None:
    """A body may be one object with a million fields, each of which would become a fault."""
    if isinstance(value, dict) and len(value) > _MOST_FIELDS:
        raise unprocessable([Fault(loc=place, msg=f"{len(value):,} fields are no view", type="extra_forbidden")])
