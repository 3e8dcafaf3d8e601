"""What a key is, how one is made, and how a token is recognised. No I/O."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

# The prefix lets secret scanners and people recognise a leaked key for what it is.
_TOKEN: Final = re.compile(r"khobor_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    PUBLISH = "publish"
    ADMIN = "admin"


class KeyState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as it is stored. `id` is public: it may be logged; the secret itself is nowhere.

    A scope does not imply another one: an `admin` key cannot publish unless it has both. `rate` is how many events it
    may send, such as `600/minute`; None: what the door allows every key.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    secret_hash: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    rate: str | None = None

    def state(self, now: datetime) -> KeyState:
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return KeyState.EXPIRED
        return KeyState.ACTIVE

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes

    def revoked(self, at: datetime) -> "ApiKey":
        """The key as revoked at `at`, or at the earlier moment when it was revoked before."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key and its token, which is shown once and never stored."""

    key: ApiKey
    token: str


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A well-formed token, taken apart; nothing is known yet about whether it is valid."""

    key_id: str
    secret: str

    def belongs_to(self, key: ApiKey) -> bool:
        """Compare in constant time."""
        return self.key_id == key.id and hmac.compare_digest(_hash(self.secret), key.secret_hash)


def issue_key(
    *,
    name: str,
    scopes: tuple[Scope, ...],
    created_at: datetime,
    expires_at: datetime | None = None,
    rate: str | None = None,
) -> IssuedKey:
    """Make a key with a random 256-bit secret. Store `key`; give `token` to its owner.

    Raises:
        ValueError: without a name or a scope, or with an expiry that has passed.
    """
    if not name.strip():
        raise ValueError("a key needs a name")
    if not scopes:
        raise ValueError("a key needs at least one scope")
    if expires_at is not None and expires_at <= created_at:
        raise ValueError("a key cannot expire before it is created")
    key_id = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        id=key_id,
        name=name.strip(),
        scopes=tuple(sorted(set(scopes))),
        secret_hash=_hash(secret),
        created_at=created_at,
        expires_at=expires_at,
        rate=rate,
    )
    return IssuedKey(key, f"khobor_{key_id}_{secret}")


def read_token(token: str) -> PresentedToken | None:
    """None when the text cannot be a token of ours, so that noise costs no look-up."""
    found = _TOKEN.fullmatch(token)
    return PresentedToken(found[1], found[2]) if found else None


def _hash(secret: str) -> str:
    """Plain SHA-256: slow hashes protect guessable passwords, and 256 random bits are not guessable."""
    return hashlib.sha256(secret.encode()).hexdigest()
