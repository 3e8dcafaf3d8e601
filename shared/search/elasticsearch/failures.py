"""What Elasticsearch's failures mean for Khobor: all are "unavailable", each with a reason an operator can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from elastic_transport import ObjectApiResponse
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConnectionError,  # noqa: A004
    ConnectionTimeout,
    NotFoundError,
    SerializationError,
    SSLError,
    TransportError,
    UnsupportedProductError,
)

from shared.search.ports import IndexUnavailableError

# Enough of Elasticsearch's reason to act on; some quote the whole document.
_REASON_CHARACTERS: Final = 300
NOT_ELASTICSEARCH: Final = "what answers at KHOBOR_ELASTICSEARCH_URL is not Elasticsearch"


class ElasticsearchTooSlowError(IndexUnavailableError):
    """There was no answer in time; what was asked for may be done all the same."""


@contextmanager
def elasticsearch_failures() -> Iterator[None]:
    """Turn every exception of the client into IndexUnavailableError."""
    try:
        yield
    except ConnectionTimeout as error:
        raise ElasticsearchTooSlowError(describe(error)) from error
    except (ApiError, TransportError, UnsupportedProductError) as error:
        raise IndexUnavailableError(describe(error)) from error


def describe(error: ApiError | TransportError | UnsupportedProductError) -> str:
    """One line that says what happened and, where it is known, what to do."""
    match error:
        case ConnectionTimeout():
            return "Elasticsearch did not answer in time"
        case SSLError():
            return f"no trusted connection to Elasticsearch, see KHOBOR_ELASTICSEARCH_CA_FILE: {error.message}"
        case ConnectionError():
            return f"Elasticsearch cannot be reached: {error.message}"
        case SerializationError() | UnsupportedProductError():
            return NOT_ELASTICSEARCH
        case AuthenticationException():
            return f"Elasticsearch refuses the login (401): {reason_of(error.body)}"
        case AuthorizationException() if type_of(error.body) == "security_exception":
            return f"the login has no right to do this (403): {reason_of(error.body)}"
        case NotFoundError() if type_of(error.body) in {"index_not_found_exception", "alias_not_found_exception"}:
            return f"the index is missing, `khobor index create` makes it: {reason_of(error.body)}"
        case ApiError():
            return f"Elasticsearch answers {error.status_code}: {reason_of(error.body)}"
    return f"Elasticsearch fails: {error.message}"


def json_of(response: ObjectApiResponse[Any]) -> dict[str, Any]:
    """What Elasticsearch answered. Something between may answer in its place, and not in JSON."""
    body = response.body
    if not isinstance(body, dict):
        raise IndexUnavailableError(NOT_ELASTICSEARCH)
    return body


def type_of(body: Any) -> str:
    """The type of the error in an answer of Elasticsearch, such as index_not_found_exception; "" if it has none."""
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def reason_of(body: Any) -> str:
    """The reason in an answer of Elasticsearch, with the innermost cause, which tends to be the telling one."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)[:_REASON_CHARACTERS]
    reasons = [_one_reason(error)]
    while isinstance(error.get("caused_by"), dict):
        error = error["caused_by"]
    innermost = _one_reason(error)
    if innermost not in reasons:
        reasons.append(innermost)
    return ": ".join(reasons)


def _one_reason(error: dict[str, Any]) -> str:
    return str(error.get("reason") or error.get("type") or error)[:_REASON_CHARACTERS]
