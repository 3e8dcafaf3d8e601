"""Keys are recognised by their token, and by nothing that is stored."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api_keys.authenticate import Authenticator, InvalidKeyError, MissingKeyError, MissingScopeError
from shared.api_keys.memory import InMemoryApiKeyStore
from shared.api_keys.model import ApiKey, IssuedKey, KeyState, Scope, issue_key, read_token
from shared.api_keys.ports import ApiKeyStoreError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def issued(*scopes: Scope, expires_at: datetime | None = None) -> IssuedKey:
    return issue_key(name=" news desk ", scopes=scopes or (Scope.PUBLISH,), created_at=NOW, expires_at=expires_at)


class CountingStore(InMemoryApiKeyStore):
    """Counts look-ups, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.lookups = 0
        self.away = False

    def get(self, key_id: str) -> ApiKey | None:
        self.lookups += 1
        if self.away:
            raise ApiKeyStoreError("away")
        return super().get(key_id)


class Gate:
    """An authenticator whose clocks the test sets."""

    def __init__(self) -> None:
        self.store = CountingStore()
        self.now = NOW
        self.seconds = 0.0
        self.authenticator = Authenticator(
            self.store, now=lambda: self.now, monotonic=lambda: self.seconds, remember=timedelta(seconds=5)
        )

    def let_in(self, authorization: str | None, scope: Scope = Scope.PUBLISH) -> ApiKey:
        return asyncio.run(self.authenticator.authenticate(authorization, scope))


class TestIssuing:
    def test_the_secret_is_nowhere_in_what_is_stored(self) -> None:
        key = issued()
        presented = read_token(key.token)
        assert presented is not None
        assert presented.secret not in str(asdict(key.key))
        assert presented.belongs_to(key.key)
        assert key.key.name == "news desk"

    def test_tokens_are_all_different_and_belong_to_their_key_only(self) -> None:
        one, other = issued(), issued()
        presented = read_token(one.token)
        assert presented is not None
        assert not presented.belongs_to(other.key)

    @pytest.mark.parametrize(
        ("name", "scopes", "expires_at"),
        [(" ", (Scope.PUBLISH,), None), ("desk", (), None), ("desk", (Scope.ADMIN,), NOW)],
    )
    def test_a_key_without_use_is_not_made(
        self, name: str, scopes: tuple[Scope, ...], expires_at: datetime | None
    ) -> None:
        with pytest.raises(ValueError, match="key"):
            issue_key(name=name, scopes=scopes, created_at=NOW, expires_at=expires_at)

    @given(text=st.text(max_size=80))
    def test_noise_is_no_token(self, text: str) -> None:
        assert read_token(text) is None

    def test_a_token_is_taken_as_a_whole(self) -> None:
        token = issued().token
        assert read_token(token + "\n") is None
        assert read_token(token[:-1]) is None


class TestState:
    def test_it_expires_on_the_moment(self) -> None:
        key = issued(expires_at=NOW + HOUR).key
        assert key.state(NOW) is KeyState.ACTIVE
        assert key.state(NOW + HOUR) is KeyState.EXPIRED

    def test_a_revoked_key_stays_so_from_the_first_time_on(self) -> None:
        key = issued(expires_at=NOW + HOUR).key.revoked(NOW)
        assert key.revoked(NOW + HOUR).revoked_at == NOW
        assert key.state(NOW + HOUR * 2) is KeyState.REVOKED


class TestAuthenticating:
    def test_a_valid_key_is_let_in(self) -> None:
        gate = Gate()
        key = issued(Scope.PUBLISH, Scope.ADMIN)
        gate.store.add(key.key)
        assert gate.let_in(f"Bearer {key.token}") == key.key
        assert gate.let_in(f"bearer  {key.token} ", Scope.ADMIN) == key.key

    @pytest.mark.parametrize("authorization", [None, "", "Basic dXNlcjpwYXNz", "khobor_x"])
    def test_without_a_key(self, authorization: str | None) -> None:
        with pytest.raises(MissingKeyError):
            Gate().let_in(authorization)

    def test_an_unknown_key(self) -> None:
        gate = Gate()
        for token in ("", "noise", issued().token):
            with pytest.raises(InvalidKeyError):
                gate.let_in(f"Bearer {token}")
        assert gate.store.lookups == 1

    def test_the_id_of_a_key_with_another_secret(self) -> None:
        gate = Gate()
        key = issued()
        gate.store.add(key.key)
        forged = f"{key.token[:-43]}{issued().token[-43:]}"
        with pytest.raises(InvalidKeyError):
            gate.let_in(f"Bearer {forged}")
        assert gate.let_in(f"Bearer {key.token}") == key.key

    def test_a_scope_that_the_key_lacks(self) -> None:
        gate = Gate()
        key = issued(Scope.ADMIN)
        gate.store.add(key.key)
        with pytest.raises(MissingScopeError):
            gate.let_in(f"Bearer {key.token}", Scope.PUBLISH)

    def test_an_expired_key_even_when_it_is_remembered(self) -> None:
        gate = Gate()
        key = issued(expires_at=NOW + HOUR)
        gate.store.add(key.key)
        gate.let_in(f"Bearer {key.token}")
        gate.now = NOW + HOUR
        with pytest.raises(InvalidKeyError):
            gate.let_in(f"Bearer {key.token}")

    def test_a_revocation_takes_effect_when_the_memory_fades(self) -> None:
        gate = Gate()
        key = issued()
        gate.store.add(key.key)
        gate.let_in(f"Bearer {key.token}")
        gate.store.revoke(key.key.id, NOW)
        gate.seconds = 4.9
        gate.let_in(f"Bearer {key.token}")
        assert gate.store.lookups == 1
        gate.seconds = 5.1
        with pytest.raises(InvalidKeyError):
            gate.let_in(f"Bearer {key.token}")

    def test_requests_that_come_together_share_a_look_up(self) -> None:
        gate = Gate()
        key = issued()
        gate.store.add(key.key)

        async def run() -> None:
            check = gate.authenticator.authenticate
            await asyncio.gather(*(check(f"Bearer {key.token}", Scope.PUBLISH) for _ in range(50)))

        asyncio.run(run())
        assert gate.store.lookups == 1

    def test_a_store_that_is_away_is_no_wrong_key(self) -> None:
        gate = Gate()
        key = issued()
        gate.store.add(key.key)
        gate.store.away = True
        with pytest.raises(ApiKeyStoreError):
            gate.let_in(f"Bearer {key.token}")
        gate.store.away = False
        assert gate.let_in(f"Bearer {key.token}") == key.key

    def test_a_flood_of_tokens_does_not_fill_the_memory(self) -> None:
        gate = Gate()

        async def run() -> None:
            for _ in range(1_100):
                with pytest.raises(InvalidKeyError):
                    await gate.authenticator.authenticate(f"Bearer {issued().token}", Scope.PUBLISH)

        asyncio.run(run())
        assert len(gate.authenticator._known) <= 1_024
