"""What every key store does, in memory and on a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.api_keys.memory import InMemoryApiKeyStore
from shared.api_keys.model import ApiKey, Scope, issue_key
from shared.api_keys.ports import ApiKeyStore, ApiKeyStoreError
from shared.api_keys.redis_store import RedisApiKeyStore
from shared.keys import API_KEYS
from shared.redis_clients import connect
from tests.support.valkey import ValkeyServer
from tests.support.valkey_cluster import ValkeyCluster

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(
    params=[
        "memory",
        pytest.param("valkey", marks=pytest.mark.integration),
        pytest.param("valkey_cluster", marks=[pytest.mark.integration, pytest.mark.long]),
    ]
)
def store(request: pytest.FixtureRequest) -> Iterator[ApiKeyStore]:
    if request.param == "memory":
        yield InMemoryApiKeyStore()
    else:
        server: ValkeyServer | ValkeyCluster = request.getfixturevalue(request.param)
        with server.client() as client:
            yield RedisApiKeyStore(client)


def key(name: str = "ডেস্ক", *, minutes: int = 0, expires: bool = False) -> ApiKey:
    created_at = NOW + timedelta(minutes=minutes)
    expires_at = created_at + timedelta(days=90) if expires else None
    scopes = (Scope.PUBLISH, Scope.ADMIN)
    return issue_key(name=name, scopes=scopes, created_at=created_at, expires_at=expires_at).key


def test_a_key_comes_back_as_it_was(store: ApiKeyStore) -> None:
    for made in (key(), key(expires=True)):
        store.add(made)
        assert store.get(made.id) == made


def test_an_unknown_key(store: ApiKeyStore) -> None:
    assert store.get("0123456789ab") is None
    assert store.revoke("0123456789ab", NOW) is None
    assert store.all() == []


def test_all_keys_oldest_first(store: ApiKeyStore) -> None:
    later, first = key("later", minutes=5), key("first")
    store.add(later)
    store.add(first)
    assert store.all() == [first, later]


def test_a_revoked_key_stays_known_with_the_time_of_its_first_revocation(store: ApiKeyStore) -> None:
    made = key()
    store.add(made)
    revoked = store.revoke(made.id, NOW)
    assert revoked is not None
    assert revoked.revoked_at == NOW
    store.revoke(made.id, NOW + timedelta(hours=1))
    assert store.get(made.id) == revoked
    assert store.all() == [revoked]


@pytest.mark.integration
def test_no_secret_lies_in_redis(valkey: ValkeyServer) -> None:
    issued = issue_key(name="desk", scopes=(Scope.PUBLISH,), created_at=NOW)
    with valkey.client() as client:
        RedisApiKeyStore(client).add(issued.key)
        stored = client.hvals(API_KEYS)
    assert issued.token.split("_", 2)[2] not in str(stored)


def test_a_store_that_cannot_be_reached_says_so() -> None:
    with connect("redis://127.0.0.1:1/0", timeout=timedelta(seconds=1), client_name="tests") as client:
        store = RedisApiKeyStore(client)
        for use in (store.all, lambda: store.get("x"), lambda: store.add(key()), lambda: store.revoke("x", NOW)):
            with pytest.raises(ApiKeyStoreError):
                use()
