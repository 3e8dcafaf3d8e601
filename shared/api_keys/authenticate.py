"""Who is calling? A bearer token is looked up once and remembered for some seconds."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.api_keys.model import ApiKey, KeyState, PresentedToken, Scope, read_token
from shared.api_keys.ports import ApiKeyStore

# A publisher has a handful of keys; the bound keeps a flood of made-up tokens from filling the memory.
_REMEMBERED: Final = 1_024


class AuthenticationError(Exception):
    """The caller did not show who it is."""


class MissingKeyError(AuthenticationError):
    """No `Authorization: Bearer` header."""


class InvalidKeyError(AuthenticationError):
    """Unknown, expired or revoked: deliberately not said which."""


class MissingScopeError(Exception):
    """The key is valid and may not do this."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"the key lacks the scope {scope}")
        self.scope = scope


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: ApiKey | None
    until: float


class Authenticator:
    """Checks bearer tokens against a store.

    A revocation takes effect within `remember`. Headers are remembered by their hash only. `monotonic` is a clock
    in seconds.
    """

    def __init__(
        self,
        store: ApiKeyStore,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        remember: timedelta = timedelta(seconds=5),
    ) -> None:
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._remember = remember.total_seconds()
        self._known: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._lookups: dict[bytes, asyncio.Task[ApiKey | None]] = {}

    async def authenticate(self, authorization: str | None, scope: Scope) -> ApiKey:
        """The key behind an `Authorization` header.

        Raises:
            MissingKeyError: there is no such header, or it has another scheme.
            InvalidKeyError: the key is unknown, expired or revoked.
            MissingScopeError: it may not do this.
            ApiKeyStoreError: the store cannot be reached now.
        """
        if authorization is None:
            raise _missing_key()
        key = await self._key_of(authorization)
        if key is None or key.state(self._now()) is not KeyState.ACTIVE:
            raise InvalidKeyError("the API key is not valid")
        if not key.allows(scope):
            raise MissingScopeError(scope)
        return key

    async def _key_of(self, authorization: str) -> ApiKey | None:
        digest = hashlib.sha256(authorization.encode(errors="replace")).digest()
        remembered = self._known.get(digest)
        if remembered is not None and remembered.until > self._monotonic():
            return remembered.key
        kind, _, written = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise _missing_key()
        token = read_token(written.strip())
        if token is None:
            return None
        lookup = self._lookups.get(digest)
        if lookup is None:
            # One look-up serves all requests that wait for it, and survives the one that started it.
            lookup = asyncio.create_task(self._look_up(digest, token))
            self._lookups[digest] = lookup
            lookup.add_done_callback(lambda _: self._lookups.pop(digest, None))
        return await asyncio.shield(lookup)

    async def _look_up(self, digest: bytes, token: PresentedToken) -> ApiKey | None:
        stored = await asyncio.to_thread(self._store.get, token.key_id)
        key = stored if stored is not None and token.belongs_to(stored) else None
        self._known[digest] = _Remembered(key, self._monotonic() + self._remember)
        self._known.move_to_end(digest)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return key


def _missing_key() -> MissingKeyError:
    return MissingKeyError("an API key is needed: Authorization: Bearer …")
