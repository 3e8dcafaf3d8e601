"""Gives a page's article an id and a version that are the same each time the page is sent."""

from datetime import datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from services.ingest.pages.clean_text import clean, comparable
from shared.events import in_utc_milliseconds

# 64 bits: among ten million articles two share an id with a probability of 3 in a million.
_DIGEST_BYTES: Final = 8
_TRACKING: Final = frozenset({"fbclid", "gclid", "igshid", "mc_cid", "mc_eid", "ref", "amp", "_ga", "yclid"})


def derive_id(url: str | None, title: str, published_at: datetime) -> str:
    """`page-` and 16 hexadecimal digits, from the page's address or else from headline and time."""
    name = url_key(url) if url else f"{comparable(title)}\n{in_utc_milliseconds(published_at)}"
    return f"page-{blake2b(name.encode(), digest_size=_DIGEST_BYTES).hexdigest()}"


def derive_version(published_at: datetime, updated_at: datetime | None) -> int:
    """Milliseconds since 1970 of the last change that the page names; at least 1."""
    return max(1, in_utc_milliseconds(updated_at or published_at))


def article_url(address: str | None, base: str | None) -> str | None:
    """An absolute http(s) address, or None. A canonical link to the front page, a common mistake, is none."""
    if not address:
        return None
    try:
        absolute = urljoin(base or "", clean(address)).replace(" ", "%20")
        parts = urlsplit(absolute)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or not (parts.path.strip("/") or parts.query):
        return None
    return (
        absolute
        if len(absolute) <= 2_000 and '"' not in absolute and "<" not in absolute and ">" not in absolute
        else None
    )


def url_key(url: str) -> str:
    """What stays the same when an address is shared: no scheme, www, fragment, tracking; one way of escaping."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = quote(unquote(parts.path)).rstrip("/")
    pairs = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _TRACKING and not name.lower().startswith("utm_")
    ]
    return f"{host}{path}?{urlencode(sorted(pairs))}"
