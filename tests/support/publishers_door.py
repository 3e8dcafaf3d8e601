"""The publishers' door over a journal in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from services.ingest.app import create_app
from services.ingest.ports import IngestPorts
from services.ingest.settings import IngestSettings
from shared.api_keys.memory import InMemoryApiKeyStore
from shared.api_keys.model import Scope, issue_key
from shared.events import ArticlePublished, ArticleRetracted, article_event_from_journal
from shared.journal.memory import InMemoryJournal
from shared.journal.memory_trail import InMemoryTrail
from shared.journal.model import StreamId
from shared.keys import StreamKind
from shared.views.model import RecordedView, decode_views
from tests.support.clock import Clock

PARTITIONS = 4
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (Linux; Android 13; SM-A146P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


class Http:
    """Requests to an application in this process, one after the other."""

    def __init__(self, app: FastAPI, run: asyncio.Runner) -> None:
        self._run = run
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.7", 50_000)),
            base_url="http://door.test",
            headers={"User-Agent": BROWSER},
        )

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._run.run(self._client.request(method, url, **options))

    def wait(self, seconds: float) -> None:
        """Let what runs in the background of the application go on."""
        self._run.run(asyncio.sleep(seconds))

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx.Response:
        return self.request("PUT", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)


@dataclass
class Door:
    """`http` speaks to the door as a browser would; `publisher` holds the headers with a key that may publish."""

    app: FastAPI
    http: Http
    journal: InMemoryJournal
    keys: InMemoryApiKeyStore
    clock: Clock
    publisher: dict[str, str]
    drained: list[tuple[StreamKind, int, bytes]] = field(default_factory=list)

    def key(self, *scopes: Scope) -> dict[str, str]:
        issued = issue_key(name="another key", scopes=scopes, created_at=self.clock())
        self.keys.add(issued.key)
        return {"Authorization": f"Bearer {issued.token}"}

    def put(self, article_id: str, **changes: Any) -> httpx.Response:
        return self.http.put(f"/v1/articles/{article_id}", json=an_article(**changes), headers=self.publisher)

    def post_events(self, content: Any, content_type: str, **headers: str) -> httpx.Response:
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        return self.http.post(
            "/v1/events", content=body, headers={**self.publisher, "Content-Type": content_type, **headers}
        )

    def post_views(self, content: Any, content_type: str = "application/json", **headers: str) -> httpx.Response:
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        return self.http.post("/v1/views", content=body, headers={"Content-Type": content_type, **headers})

    def articles(self) -> list[ArticlePublished | ArticleRetracted]:
        """Everything that went into the journal, in its order."""
        return [article_event_from_journal(body) for body in self._bodies(StreamKind.ARTICLES)]

    def views(self) -> list[RecordedView]:
        """Everything that went into the journal, in its order."""
        return [view for body in self._bodies(StreamKind.VIEWS) for view in decode_views(body)]

    def metric(self, sample: str) -> float:
        """The value of one line of `/metrics`."""
        for line in self.http.get("/metrics").text.splitlines():
            name, _, value = line.rpartition(" ")
            if name == sample:
                return float(value)
        raise AssertionError(f"no sample {sample}")

    def _bodies(self, kind: StreamKind) -> list[bytes]:
        for partition in range(PARTITIONS):
            stream = StreamId(kind, partition)
            for entry in self.journal.read(stream, 100_000):
                self.journal.acknowledge(stream, entry.id)
                self.drained.append((kind, int(entry.id.partition("-")[0]), entry.body))
        return [body for of, _, body in sorted(self.drained, key=lambda entry: entry[1]) if of is kind]


@contextmanager
def open_door(**settings: Any) -> Iterator[Door]:
    """A door with these settings, everything else as it is by default."""
    clock = Clock(NOW)
    journal = InMemoryJournal(partitions=PARTITIONS, now=clock)
    keys = InMemoryApiKeyStore()
    app = create_app(
        IngestSettings(
            viewer_secret="a secret for tests, as long as one must be",
            partitions=PARTITIONS,
            **{"commit_wait": 0, "commit_budget": 0.05, **settings},
        ),
        IngestPorts(appender=journal, gauge=journal, trail=InMemoryTrail(journal), api_keys=keys, now=clock),
    )
    with asyncio.Runner() as run:
        lifespan = app.router.lifespan_context(app)
        run.run(lifespan.__aenter__())
        try:
            door = Door(app, Http(app, run), journal, keys, clock, {})
            door.publisher.update(door.key(Scope.PUBLISH))
            yield door
        finally:
            run.run(lifespan.__aexit__(None, None, None))


def an_article(**changes: Any) -> dict[str, Any]:
    """The body of a PUT; a change to None takes the field away."""
    article = {
        "version": 1,
        "title": "মেঘনায় ইলিশ ধরায় নিষেধাজ্ঞা উঠল",
        "body": "বাইশ দিন পর মেঘনায় নেমেছেন জেলেরা।\nঘাটে ফিরেছে হাঁকডাক।",
        "category": "জাতীয়",
        "published_at": "2026-11-04T06:00:00+06:00",
        **changes,
    }
    return {name: value for name, value in article.items() if value is not None}


def a_published_event(article_id: str = "ilish", event_id: str = "e1", **changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "type": "khobor.article.published.v1",
        "source": "urn:tests:desk",
        "id": event_id,
        "subject": article_id,
        "data": {"id": article_id, **an_article()},
        **changes,
    }
    return {name: value for name, value in event.items() if value is not None}


def a_viewed_event(article_id: str = "ilish", event_id: str = "v1", **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "khobor.article.viewed.v1",
        "source": "urn:tests:app",
        "id": event_id,
        "subject": article_id,
        **changes,
    }
