"""The port of the key store."""

from datetime import datetime
from typing import Protocol

from shared.api_keys.model import ApiKey


class ApiKeyStoreError(Exception):
    """The store cannot be reached now."""


class ApiKeyStore(Protocol):
    """Where keys lie. Every method raises ApiKeyStoreError when the store is gone."""

    def add(self, key: ApiKey) -> None: ...

    def get(self, key_id: str) -> ApiKey | None: ...

    def all(self) -> list[ApiKey]:
        """Oldest first, with those that expired or were revoked."""
        ...

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        """The key as it is now, revoked; None when there is no such key. The first revocation's time stays."""
        ...
