"""Publishers and readers' browsers: they send without pause, and repeat with the same ids until it is accepted."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import httpx

from tests.chaos.fake_elasticsearch import REFUSED_WORD
from tests.chaos.stack import ChaosStack
from tests.chaos.truth import Truth

# Views go to these, which are never retracted: what a retracted article counts depends on who comes first.
READ_ARTICLES: Final = tuple(f"read-{number}" for number in range(60))
# These are published, edited, retracted and brought back.
EDITED_ARTICLES: Final = tuple(f"edited-{number}" for number in range(120))
_BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}
_PUBLISHED, _RETRACTED, _VIEWED = (f"khobor.article.{name}.v1" for name in ("published", "retracted", "viewed"))
# Beyond what the clock of any process is moved by, so that all agree on the day of these views.
_REPEATED_VIEWS_AGO: Final = timedelta(hours=40)
_CATEGORIES: Final = ("জাতীয়", "খেলা", "অর্থনীতি", None)


@dataclass(frozen=True)
class _Post:
    """A request that can be repeated: same ids, same content. `events` of it are new the first time."""

    method: str
    path: str
    body: Any
    events: int
    headers: dict[str, str]


class Publishers:
    """Sends from one event loop; `random` decides what. `refusable`: the engine knows articles that it refuses."""

    def __init__(self, stack: ChaosStack, truth: Truth, random: Random, *, refusable: bool) -> None:
        self._stack = stack
        self._truth = truth
        self._random = random
        self._refusable = refusable
        self._started = datetime.now(UTC)
        self._sent: deque[_Post] = deque(maxlen=100)
        self._stopped = asyncio.Event()
        self._client: httpx.AsyncClient

    async def run(self) -> None:
        """Send until `stop` is called and everything that was begun is accepted."""
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(headers=self._stack.headers, timeout=8, limits=limits) as self._client:
            actions: Sequence[tuple[Callable[[], Awaitable[None]], float]] = (
                (self._send_views, 0.12),
                (self._send_views, 0.12),
                (self._send_view_events, 0.4),
                (self._put_article, 0.15),
                (self._put_article, 0.15),
                (self._send_article_events, 0.5),
                (self._retract, 0.6),
                (self._send_older_version_late, 0.6),
                (self._repeat, 0.3),
                (self._refuse, 3.0),
            )
            async with asyncio.TaskGroup() as tasks:
                for action, pause in actions:
                    tasks.create_task(self._again_and_again(action, pause))

    def stop(self) -> None:
        self._stopped.set()

    async def _again_and_again(self, action: Callable[[], Awaitable[None]], pause: float) -> None:
        while not self._stopped.is_set():
            await action()
            await asyncio.sleep(pause * self._random.uniform(0.3, 1.7))

    async def _send_views(self) -> None:
        views = [self._view() for _ in range(self._random.randint(1, 30))]
        await self._deliver(_Post("POST", "/v1/views", [view for view, _ in views], len(views), {}))
        for view, counts in views:
            self._truth.accept_view(view["article_id"], counts=counts)

    def _view(self) -> tuple[dict[str, Any], bool]:
        number, article_id = next(self._truth.numbers), self._random.choice(READ_ARTICLES)
        view = {"article_id": article_id, "event_id": f"view-{number}", "viewer": f"viewer-{number}"}
        if self._random.random() < 0.05:
            # The same reader reads the same article many times: raw each time, counted once.
            view |= {"viewer": "faithful", "at": (self._started - _REPEATED_VIEWS_AGO).isoformat()}
            return view, self._truth.is_first_of_faithful_reader(article_id)
        return view, True

    async def _send_view_events(self) -> None:
        articles = [self._random.choice(READ_ARTICLES) for _ in range(self._random.randint(1, 20))]
        events = [
            self._event(_VIEWED, article_id, {"viewer": f"viewer-{next(self._truth.numbers)}"})
            for article_id in articles
        ]
        await self._deliver(_Post("POST", "/v1/events", events, len(events), _BATCH))
        for article_id in articles:
            self._truth.accept_view(article_id, counts=True)

    async def _put_article(self) -> None:
        article_id = self._random.choice((*READ_ARTICLES, *EDITED_ARTICLES))
        await self._put(article_id, self._next_version(article_id))

    async def _put(self, article_id: str, version: int) -> None:
        await self._deliver(_Post("PUT", f"/v1/articles/{article_id}", _article(version), 1, {}))
        self._truth.accept_article(article_id, version, retracted=False)

    async def _send_article_events(self) -> None:
        chosen = self._random.sample(EDITED_ARTICLES, self._random.randint(1, 12))
        statements = [
            (article_id, self._next_version(article_id), self._random.random() < 0.15) for article_id in chosen
        ]
        events = [
            self._event(_RETRACTED, article_id, {"version": version})
            if is_retracted
            else self._event(_PUBLISHED, article_id, {"id": article_id, **_article(version)})
            for article_id, version, is_retracted in statements
        ]
        if self._random.random() < 0.3:
            events = [{**event, "priority": "backfill"} for event in events]
        await self._deliver(_Post("POST", "/v1/events", events, len(events), _BATCH))
        for article_id, version, is_retracted in statements:
            self._truth.accept_article(article_id, version, retracted=is_retracted)

    async def _retract(self) -> None:
        """And an older version comes after the retraction, which must not bring the article back."""
        article_id = self._random.choice(EDITED_ARTICLES)
        version = self._next_version(article_id)
        await self._deliver(_Post("DELETE", f"/v1/articles/{article_id}?version={version}", None, 1, {}))
        self._truth.accept_article(article_id, version, retracted=True)
        await self._put(article_id, version - 1)

    async def _send_older_version_late(self) -> None:
        article_id = self._random.choice(EDITED_ARTICLES)
        version = self._next_version(article_id)
        await self._put(article_id, version)
        await self._put(article_id, version - 1)

    async def _repeat(self) -> None:
        """A client that is not sure sends what was accepted once more."""
        if self._sent:
            post = self._random.choice(self._sent)
            await self._deliver(post, is_repetition=True)
            self._truth.repeated += post.events

    async def _refuse(self) -> None:
        if self._refusable:
            name = f"refused-{next(self._truth.numbers):06d}"
            article = {"id": name, **_article(1), "title": f"{REFUSED_WORD} {name}"}
            await self._deliver(_Post("POST", "/v1/events", [self._event(_PUBLISHED, name, article)], 1, _BATCH))
            self._truth.doom(name)

    async def _deliver(self, post: _Post, *, is_repetition: bool = False) -> None:
        while True:
            url = self._random.choice(self._stack.door_urls)
            try:
                answer = await self._client.request(
                    post.method, f"{url}{post.path}", json=post.body, headers=post.headers
                )
            except httpx.TransportError as error:
                self._truth.refuse(f"no answer ({type(error).__name__})")
            else:
                if answer.status_code == 202:
                    break
                self._note_refusal(post, answer)
            await asyncio.sleep(self._random.uniform(0.05, 0.3))
        if post.path == "/v1/events" and sum(answer.json().values()) != post.events:
            self._truth.surprise(f"{post.events} events were sent, and the door speaks of {answer.text}")
        if not is_repetition:
            self._sent.append(post)

    def _note_refusal(self, post: _Post, answer: httpx.Response) -> None:
        if answer.status_code == 503 and int(answer.headers.get("Retry-After", 0)) >= 1:
            self._truth.refuse(f"503 {answer.json().get('type', '').rpartition(':')[2]}")
        else:
            self._truth.surprise(f"{post.method} {post.path} was answered {answer.status_code}: {answer.text[:300]}")

    def _event(self, event_type: str, article_id: str, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "type": event_type,
            "source": "urn:chaos",
            "id": f"event-{next(self._truth.numbers)}",
            "subject": article_id,
            "data": data,
        }

    def _next_version(self, article_id: str) -> int:
        """In steps of two, so that there is an older one that nobody has seen."""
        self._truth.versions[article_id] += 2
        return self._truth.versions[article_id]


def _article(version: int) -> dict[str, Any]:
    return {
        "version": version,
        "title": f"হাওরে ধান কাটা শুরু, খবরের সংস্করণ {version}",
        "body": f"সকাল থেকে কৃষকেরা মাঠে নেমেছেন। এটি {version} নম্বর সংস্করণ।",
        "category": _CATEGORIES[version % len(_CATEGORIES)],
        "published_at": "2026-11-04T06:00:00+06:00",
    }
