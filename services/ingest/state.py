"""What the routes behind FastAPI work with; put together in `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.ingest.accept import Acceptor
from services.ingest.rate_limits import KeyRate
from shared.api_keys.authenticate import Authenticator
from shared.api_keys.model import ApiKey, Scope
from shared.http.body import BodyReader
from shared.journal.ports import Trail


@dataclass(frozen=True, slots=True)
class IngestState:
    acceptor: Acceptor
    authenticator: Authenticator
    key_rate: KeyRate
    trail: Trail
    article_reader: BodyReader
    page_reader: BodyReader
    now: Callable[[], datetime]


def _state(request: Request) -> IngestState:
    return cast("IngestState", request.app.state.ingest)


State = Annotated[IngestState, Depends(_state)]

# Only describes the scheme in OpenAPI; the authenticator reads the header itself, to tell missing from wrong.
_BEARER = HTTPBearer(auto_error=False, description="An API key with the scope `publish`.")


async def _publisher(
    request: Request,
    state: State,
    _described: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> ApiKey:
    key = await state.authenticator.authenticate(request.headers.get("authorization"), Scope.PUBLISH)
    await state.key_rate.check(key, 1)
    return key


Publisher = Annotated[ApiKey, Depends(_publisher)]
