"""What a request says its body is."""

from functools import lru_cache
from http import HTTPStatus

from shared.http.problems import ProblemError


@lru_cache(256)
def media_type_of(content_type: str | None) -> str:
    """The media type in lower case, without parameters; empty when there is none.

    Raises:
        ProblemError: 415 for a charset other than UTF-8.
    """
    media_type, _, parameters = (content_type or "").partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in {"utf-8", "utf8", "us-ascii"}:
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "charset", f"the charset must be UTF-8, not {charset[:40]}"
            )
    return media_type.strip().lower()


def unsupported_media_type(media_type: str, *allowed: str) -> ProblemError:
    """415 that names what is read instead."""
    given = f"{media_type[:100]!r} is not read here" if media_type else "the request has no Content-Type"
    return ProblemError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "media-type",
        f"{given}: send {', '.join(allowed)}",
        headers={"Accept-Post": ", ".join(allowed)},
    )
