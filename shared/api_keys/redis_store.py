"""The key store in Redis: one hash, key id to JSON. It lies beside the journal and is as durable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, cast

import redis
from pydantic import TypeAdapter

from shared.api_keys.model import ApiKey
from shared.api_keys.ports import ApiKeyStoreError
from shared.keys import API_KEYS
from shared.redis_clients import REDIS_ERRORS

_API_KEY: Final = TypeAdapter(ApiKey)


class RedisApiKeyStore:
    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def add(self, key: ApiKey) -> None:
        with _store_errors():
            self._client.hset(API_KEYS, key.id, _API_KEY.dump_json(key).decode())

    def get(self, key_id: str) -> ApiKey | None:
        with _store_errors():
            stored = cast("bytes | None", self._client.hget(API_KEYS, key_id))
        return None if stored is None else _API_KEY.validate_json(stored)

    def all(self) -> list[ApiKey]:
        with _store_errors():
            stored = cast("list[bytes]", self._client.hvals(API_KEYS))
        return sorted(map(_API_KEY.validate_json, stored), key=lambda key: (key.created_at, key.id))

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        # Read and write are two steps: nothing but a revocation ever changes a key, and two of them agree.
        key = self.get(key_id)
        if key is None:
            return None
        revoked = key.revoked(at)
        self.add(revoked)
        return revoked


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except REDIS_ERRORS as error:
        raise ApiKeyStoreError(type(error).__name__) from error
