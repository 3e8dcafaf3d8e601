"""The local stack's own API key, with which the other commands publish."""

from datetime import UTC, datetime
from pathlib import Path

from services.cli.connections import api_key_store
from services.cli.settings import CliSettings
from services.cli.stack.env_files import read_env_file, write_env_file
from shared.api_keys.model import KeyState, Scope, issue_key, read_token
from shared.api_keys.ports import ApiKeyStore


def ensure_api_key(settings: CliSettings, secrets_file: Path) -> None:
    """Issue a key and write its token down, unless the one that is written down is still good."""
    now = datetime.now(UTC)
    with api_key_store(settings) as store:
        token = settings.api_key.get_secret_value() if settings.api_key else ""
        if _is_good(store, token, now):
            return
        issued = issue_key(name="local stack", scopes=(Scope.PUBLISH, Scope.ADMIN), created_at=now)
        store.add(issued.key)
    write_env_file(secrets_file, read_env_file(secrets_file) | {"KHOBOR_API_KEY": issued.token})


def _is_good(store: ApiKeyStore, token: str, now: datetime) -> bool:
    presented = read_token(token)
    key = store.get(presented.key_id) if presented else None
    return presented is not None and key is not None and presented.belongs_to(key) and key.state(now) is KeyState.ACTIVE
