"""Opaque cursors: where a search goes on, bound to the search that they came from."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson

from shared.search.model import SearchRequest
from shared.search.ports import CursorError

# Grows whenever the content changes its meaning; cursors of another version are refused.
_VERSION: Final = 1
_SEAL_BYTES: Final = 12
# An Elasticsearch point in time takes up to some kilobytes; nothing sensible is longer.
_MAX_CHARACTERS: Final = 16_384


def encode_cursor(request: SearchRequest, state: Mapping[str, Any]) -> str:
    """A cursor that only the same search can use. `state` holds JSON values.

    The seal is a digest, not a signature: it catches slips and tampering by hand, and guards no secret. Whoever
    reads the state must still check it.
    """
    body = orjson.dumps({"v": _VERSION, **state})
    return base64.urlsafe_b64encode(_seal(request, body) + body).decode().rstrip("=")


def decode_cursor(request: SearchRequest, cursor: str) -> dict[str, Any]:
    """The state that `encode_cursor` was given.

    Raises:
        CursorError: not one of ours, changed on its way, or from a search with other words, filters or order.
    """
    if len(cursor) > _MAX_CHARACTERS:
        raise CursorError("this is no cursor")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CursorError("this is no cursor") from error
    seal, body = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
    if seal != _seal(request, body):
        raise CursorError("this cursor belongs to another search, or was changed")
    state = orjson.loads(body)
    if state.pop("v") != _VERSION:
        raise CursorError("this cursor is from another version")
    return dict(state)


def _seal(request: SearchRequest, body: bytes) -> bytes:
    return blake2b(body, digest_size=_SEAL_BYTES, key=_fingerprint(request)).digest()


def _fingerprint(request: SearchRequest) -> bytes:
    """What decides which hits there are and in which order; page size, facets and the clock may differ."""
    query = request.query
    parts = [
        [[[term.text, term.phrase, term.field] for term in group] for group in query.required],
        [[term.text, term.phrase, term.field] for term in query.excluded],
        [sorted(query.categories), sorted(query.sources), query.published_from, query.published_to],
        [sorted(request.categories), sorted(request.sources), request.published_from, request.published_to],
        [request.sort, request.collapse],
    ]
    return blake2b(orjson.dumps(parts), digest_size=32).digest()
