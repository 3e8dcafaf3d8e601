"""The readers' door over fakes, with some news in it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from typing import Any, Self

import httpx
from fastapi import FastAPI

from services.api.app import create_app
from services.api.ports import ApiPorts
from services.api.settings import ApiSettings
from shared.api_keys.authenticate import Authenticator
from shared.api_keys.memory import InMemoryApiKeyStore
from shared.api_keys.model import Scope, issue_key
from shared.events import Article
from shared.journal.memory import InMemoryJournal
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import (
    ArticleChange,
    Completion,
    Hit,
    IndexStats,
    LookupResult,
    SearchPage,
    SearchRequest,
)
from shared.search.ports import ArticleReader, ArticleWriter, IndexUnavailableError
from shared.views.model import ListKind, MostRead, RecordedView, ViewCounts, Window
from shared.views.ports import ViewReader, ViewsUnavailableError
from shared.views.viewer_hash import viewer_hash
from tests.support.clock import Clock
from tests.support.journals import Journal, memory_journal

NOW = datetime(2026, 11, 23, 12, 5, 7, tzinfo=UTC)


def article(article_id: str, title: str, body: str, *, hours_ago: float = 1, **fields: Any) -> Article:
    published_at = NOW - timedelta(hours=hours_ago)
    return Article(id=article_id, version=1, title=title, body=body, published_at=published_at, **fields)


ARTICLES = (
    article(
        "dengue",
        "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু",
        "ঢাকার হাসপাতালগুলোয় ডেঙ্গু রোগীর চাপ বাড়ছে।\nস্বাস্থ্য অধিদপ্তর আজ সকালে এ তথ্য জানিয়েছে।",
        lead="চলতি বছর মৃতের সংখ্যা তিন শ ছাড়াল",
        category="স্বাস্থ্য",
        byline="নিজস্ব প্রতিবেদক",
        sources=("শালিক সংবাদ",),
        tags=("ডেঙ্গু",),
        url="https://news.example/health/dengue",
        hours_ago=1,
    ),
    article(
        "mosquito",
        "মশা মারতে নতুন ওষুধ আনছে সিটি করপোরেশন",
        "ঢাকার দুই সিটিতে মশকনিধনে নতুন ওষুধ ছিটানো শুরু হবে ডিসেম্বরে।",
        category="স্বাস্থ্য",
        page_views=104,
        related=("ডেঙ্গুতে মৃত্যু বাড়ছেহাসপাতালে শয্যা খালি নেই",),
        hours_ago=20,
    ),
    article(
        "boro",
        "হাওরে বোরো ধান কাটা শুরু, ফলন ভালো",
        "সুনামগঞ্জের হাওরে আগাম জাতের বোরো ধান কাটা শুরু হয়েছে। কৃষকেরা দামও পাচ্ছেন।",
        category="কৃষি",
        sources=("দোয়েল বার্তা সংস্থা", "শালিক সংবাদ"),
        hours_ago=30,
    ),
    article(
        "football",
        "মেয়েদের ফুটবলে বসুন্ধরার বড় জয়",
        "বিকেলের ম্যাচে পাঁচ গোলে জিতেছে বসুন্ধরার মেয়েরা।",
        category="খেলা",
        hours_ago=3,
    ),
    article(
        "hostile",
        "<script>alert(1)</script> & 'উদ্ধৃতি' \x0b নিয়ে বিতর্ক",
        "মূল পাঠে <b>মার্কআপ</b> & চিহ্ন থাকলেও তা লেখা হিসেবেই দেখাতে হবে।",
        category="প্রযুক্তি",
        byline="<i>প্রতিবেদক</i>",
        # Addresses that the events allow and that no library likes.
        url="https://[broken\x01",
        hours_ago=50,
    ),
    article(
        "old",
        "ভৈরবের পুরোনো রেলসেতু সংস্কারের কাজ শেষ",
        "ভৈরবের শতবর্ষী রেলসেতু সংস্কারের পর খুলে দেওয়া হয়েছে।",
        category="সারাদেশ",
        hours_ago=24 * 400,
    ),
)


class SwitchableIndex:
    """An index that can be gone."""

    def __init__(self, index: ArticleReader) -> None:
        self._index = index
        self.available = True

    def _need(self) -> ArticleReader:
        if not self.available:
            raise IndexUnavailableError("switched off")
        return self._index

    def search(self, request: SearchRequest) -> SearchPage:
        return self._need().search(request)

    def suggest(self, text: str, limit: int) -> list[Completion]:
        return self._need().suggest(text, limit)

    def related(self, article_id: str, limit: int) -> list[Hit]:
        return self._need().related(article_id, limit)

    def get(self, article_id: str) -> LookupResult:
        return self._need().get(article_id)

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        return self._need().get_many(article_ids)

    def stats(self) -> IndexStats:
        return self._need().stats()

    def ping(self) -> None:
        self._need().ping()


class SwitchableViews:
    """View counters that can be gone."""

    def __init__(self, views: ViewReader) -> None:
        self._views = views
        self.available = True

    def _need(self) -> ViewReader:
        if not self.available:
            raise ViewsUnavailableError("switched off")
        return self._views

    def most_read(
        self,
        *,
        window: Window,
        kind: ListKind,
        category: str | None,
        limit: int,
        now: datetime,
        published_at: Mapping[str, datetime] | None = None,
    ) -> MostRead:
        return self._need().most_read(
            window=window, kind=kind, category=category, limit=limit, now=now, published_at=published_at
        )

    def counts(self, article_ids: Sequence[str]) -> dict[str, ViewCounts]:
        return self._need().counts(article_ids)

    def hottest(self, limit: int) -> dict[str, int]:
        return self._need().hottest(limit)


class Client:
    """HTTP without a network, on the loop of `runner`. A fault of the application is its 500, not an exception."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._lifespan = app.router.lifespan_context(app)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://door.example")
        self.app = app

    def __enter__(self) -> Self:
        self._runner.run(self._lifespan.__aenter__())
        return self

    def __exit__(self, *_error: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._lifespan.__aexit__(None, None, None))

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)


@dataclass
class Newsroom:
    """Publishes, reads and retracts behind the door's back, and holds the client in front of it."""

    clock: Clock
    writer: ArticleWriter
    index: SwitchableIndex
    journal: Journal
    views: SwitchableViews
    client: Client
    admin_token: str
    publisher_token: str
    _viewers: Iterator[int] = field(default_factory=count)

    @property
    def memory_journal(self) -> InMemoryJournal:
        """The journal itself, to switch it off."""
        assert isinstance(self.journal.drain, InMemoryJournal)
        return self.journal.drain

    def publish(self, *articles: Article) -> None:
        self.writer.apply([ArticleChange(one.id, one.version, one) for one in articles])
        self.writer.make_searchable()
        for one in articles:
            self.journal.publish(one.id, one.version, category=one.category)

    def retract(self, article_id: str, *, from_journal: bool = True) -> None:
        self.writer.apply([ArticleChange(article_id, 2, None)])
        self.writer.make_searchable()
        if from_journal:
            self.journal.retract(article_id, 2)

    def read(self, article_id: str, times: int = 1, *, ago: timedelta = timedelta(), countable: bool = True) -> None:
        """So many different readers see the article."""
        at_ms = self.clock.milliseconds - round(ago.total_seconds() * 1_000)
        self.journal.view(
            *(
                RecordedView(article_id, viewer_hash(b"salt", str(next(self._viewers)), article_id), at_ms, countable)
                for _ in range(times)
            )
        )

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a 200 answer."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problem(self, status: int, path: str, **parameters: Any) -> Any:
        """The problem details of an answer that has this status."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        return problem


@contextmanager
def open_newsroom(articles: Sequence[Article] = ARTICLES, **settings: Any) -> Iterator[Newsroom]:
    """A door on an index and a journal in memory; caches are off unless `settings` say otherwise."""

    in_memory = InMemoryArticleIndex()
    index = SwitchableIndex(in_memory)
    keys = InMemoryApiKeyStore()
    admin = issue_key(name="desk", scopes=(Scope.ADMIN,), created_at=NOW)
    publisher = issue_key(name="paper", scopes=(Scope.PUBLISH,), created_at=NOW)
    keys.add(admin.key)
    keys.add(publisher.key)
    with memory_journal(NOW) as journal:
        clock = journal.clock
        views = SwitchableViews(journal.reader)

        async def index_answers() -> None:
            index.ping()

        async def views_answer() -> None:
            views.hottest(1)

        ports = ApiPorts(
            index=index,
            views=views,
            backlogs=journal.drain,
            authenticator=Authenticator(keys, now=clock, monotonic=monotonic),
            clock=clock,
            required_checks={"index": index_answers},
            optional_checks={"redis": views_answer},
        )
        app = create_app(_settings(settings), ports)
        with Client(app, journal.run) as client:
            newsroom = Newsroom(clock, in_memory, index, journal, views, client, admin.token, publisher.token)
            newsroom.publish(*articles)
            yield newsroom


def _settings(changes: Mapping[str, Any]) -> ApiSettings:
    defaults: dict[str, Any] = {"most_read_cache": 0, "hottest_cache": 0, "ingest_url": "https://ingest.example"}
    return ApiSettings(_env_file=None, **{**defaults, **changes})
