"""A publisher: sends articles to the door, many at a time or one after the other."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from bench.http_exchange import HttpExchange
from shared.events import ARTICLE_PUBLISHED, Article

_BATCH: Final = 100


def publish_all(port: int, headers: Mapping[str, str], articles: Sequence[Article]) -> None:
    """A hundred events in each request, one request after the other.

    Raises:
        RuntimeError: the door did not accept a request.
    """
    requests = [
        _request(
            headers, "application/cloudevents-batch+json", [_event(each) for each in articles[start : start + _BATCH]]
        )
        for start in range(0, len(articles), _BATCH)
    ]
    with HttpExchange(port) as exchange:
        for request in requests:
            exchange(request)


def publish(port: int, headers: Mapping[str, str], article: Article) -> None:
    """One event, over a connection of its own. Raises RuntimeError when the door does not accept it."""
    with HttpExchange(port) as exchange:
        exchange(_request(headers, "application/cloudevents+json", _event(article)))


def _request(headers: Mapping[str, str], content_type: str, value: Any) -> bytes:
    body = orjson.dumps(value)
    all_headers = {"Host": "localhost", "Content-Type": content_type, "Content-Length": len(body), **headers}
    head = "".join(f"{name}: {text}\r\n" for name, text in all_headers.items())
    return f"POST /v1/events HTTP/1.1\r\n{head}\r\n".encode() + body


def _event(article: Article) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{article.id}-{article.version}",
        "source": "https://news.example/desk",
        "type": ARTICLE_PUBLISHED,
        "subject": article.id,
        "data": article.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
    }
