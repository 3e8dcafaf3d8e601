"""khobor demo: sample articles and views through the real doors, then what a reader sees of them."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from typing import Annotated, Final, TypeVar
from uuid import uuid4

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.cli.commands.reading import print_most_read, print_search
from services.cli.demo.articles import load_sample_articles
from services.cli.demo.traffic import PlannedView, plan_views
from services.cli.errors import CommandError
from services.cli.http_clients import DoorClient, publishers_door, readers_door
from shared.events import Article, ArticlePublished, encode_event

_SOURCE: Final = "urn:khobor:demo"
_ARTICLES_PER_REQUEST: Final = 50
_VIEWS_PER_REQUEST: Final = 500
_QUERY: Final = "নদী ভাঙন"
_SETTLE_SECONDS: Final = 30.0

Item = TypeVar("Item")


def add_to(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Local stack")
    def demo(
        context: typer.Context,
        views: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many views to send.")] = 5_000,
        seed: Annotated[int, typer.Option(help="The same seed gives the same traffic.")] = 1,
    ) -> None:
        """Publish sample articles with plausible views, then search and print a most-read list."""
        console = Console()
        now = datetime.now(UTC)
        articles = load_sample_articles(now)
        with publishers_door(context.obj) as door, _progress(console) as progress:
            _publish(door, articles, progress)
            _publish_sample_page(door, console)
            _view(door, plan_views(articles, now=now, seed=seed, total=views), views, progress)
        with readers_door(context.obj) as door:
            _wait_until_settled(door, console)
            print_search(console, door.get("/v1/search", q=_QUERY, limit=3))
            console.print()
            print_most_read(console, door.get("/v1/trending", window="24h", limit=10))


def _progress(console: Console) -> Progress:
    return Progress(TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), console=console)


def _publish(door: DoorClient, articles: Sequence[Article], progress: Progress) -> None:
    task = progress.add_task("publishing", total=len(articles))
    for batch in _batched(articles, _ARTICLES_PER_REQUEST):
        events = [
            encode_event(ArticlePublished(id=uuid4().hex, source=_SOURCE, subject=article.id, data=article))
            for article in batch
        ]
        body = b"[" + b",".join(events) + b"]"
        door.send("POST", "/v1/events", content=body, content_type="application/cloudevents-batch+json")
        progress.advance(task, len(batch))


def _publish_sample_page(door: DoorClient, console: Console) -> None:
    page = (files("services.cli.demo") / "sample_page.txt").read_bytes()
    answer = door.send("POST", "/v1/pages", content=page, content_type="text/plain; charset=utf-8")
    console.print(f"a page became an article: {answer['article']['title']}", markup=False, highlight=False)


def _view(door: DoorClient, planned: Iterable[PlannedView], total: int, progress: Progress) -> None:
    task = progress.add_task("viewing", total=total)
    for batch in _batched(planned, _VIEWS_PER_REQUEST):
        body = orjson.dumps(
            [
                {"article_id": view.article_id, "event_id": uuid4().hex, "viewer": view.viewer, "at": view.at}
                for view in batch
            ]
        )
        door.send("POST", "/v1/views", content=body, content_type="application/json")
        progress.advance(task, len(batch))


def _batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _wait_until_settled(door: DoorClient, console: Console) -> None:
    """Until the journal is empty: what was accepted is then indexed and counted."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    with console.status("workers index and count …"):
        while True:
            stats = door.get("/v1/stats")
            waiting = sum(stream["waiting"] for stream in stats["journal"].values())
            if waiting + stats["not_searchable_yet"] == 0:
                return
            if time.monotonic() > deadline:
                raise CommandError(
                    f"the workers are not done after {_SETTLE_SECONDS:g} s; look at `khobor status`", exit_code=1
                )
            time.sleep(0.1)
