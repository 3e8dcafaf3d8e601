"""Answers with an ETag: whoever has them already is told so in 304 and no body."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response


def json_answer(
    request: Request,
    answer: BaseModel,
    *,
    keep_for: timedelta,
    except_for: frozenset[str] = frozenset(),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`answer` as JSON that caches may keep. The fields of `except_for`, such as a duration, make no new ETag."""
    body = answer.model_dump_json().encode()
    tagged = answer.model_dump_json(exclude=set(except_for)).encode() if except_for else body
    return cacheable(request, body, "application/json", keep_for=keep_for, tagged=tagged, headers=headers)


def cacheable(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    keep_for: timedelta,
    tagged: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`body`, or 304 when the request names the ETag of `tagged` (default: of the body)."""
    # Weak, since a proxy that compresses the body changes its bytes.
    etag = f'W/"{blake2b(body if tagged is None else tagged, digest_size=12).hexdigest()}"'
    all_headers = {
        # An error must not empty a portal's list: a cache may go on with what it has for five minutes.
        "Cache-Control": f"public, max-age={keep_for.total_seconds():.0f}, stale-if-error=300",
        "ETag": etag,
        **(headers or {}),
    }
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=all_headers)
    return Response(body, media_type=media_type, headers=all_headers)


def _names(if_none_match: str, etag: str) -> bool:
    """RFC 9110, 13.1.2: a list of tags or `*`, compared weakly."""
    bare = etag.removeprefix("W/")
    return any(given.strip() in ("*", etag, bare) for given in if_none_match.split(","))
