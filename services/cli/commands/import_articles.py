"""khobor import: many articles from a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO, Final
from uuid import uuid4

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from services.cli.errors import CommandError
from services.cli.http_clients import DoorClient, publishers_door
from services.cli.progress import progress_bar
from shared.events import Article, ArticlePublished, Priority, encode_event

# Below the door's limits (5 MB, 10,000 events), and small enough that a repeat is cheap.
_BATCH_BYTES: Final = 1_000_000
_BATCH_EVENTS: Final = 200
_SHOWN_FAULTS: Final = 20
_SOURCE: Final = "urn:khobor:import"


@dataclass(slots=True)
class _Tally:
    accepted: int = 0
    faulty: list[str] = field(default_factory=list)


def add_to(app: typer.Typer) -> None:
    @app.command("import", rich_help_panel="Publish")
    def import_articles(
        context: typer.Context,
        file: Annotated[
            Path, typer.Argument(help="NDJSON, one article a line as in docs/http.md; - for standard input.")
        ],
        live: Annotated[
            bool, typer.Option("--live", help="As news of today, not as an archive that may wait.")
        ] = False,
    ) -> None:
        """Publish many articles, in the gaps that live news leaves.

        Interrupted? Run it again: what is there already is not changed.
        A line that is no valid article is named and left out; the others are published; the exit code is then 2.
        """
        tally = _Tally()
        console = Console()
        with publishers_door(context.obj) as door, _opened(file) as (stream, size), progress_bar() as progress:
            task = progress.add_task("publishing", total=size)
            for batch, position in _batches(stream, tally, None if live else Priority.BACKFILL):
                progress.update(task, completed=position, description=f"{tally.accepted:,} articles")
                _send(door, batch, progress)
                tally.accepted += len(batch)
            progress.update(task, completed=size, description=f"{tally.accepted:,} articles")
        for fault in tally.faulty[:_SHOWN_FAULTS]:
            console.print(f"[red]{fault}[/red]", highlight=False)
        console.print(f"{tally.accepted:,} articles accepted, {len(tally.faulty):,} lines left out", highlight=False)
        if tally.faulty:
            raise typer.Exit(2)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int | None]]:
    if str(file) == "-":
        yield sys.stdin.buffer, None
        return
    try:
        with file.open("rb") as stream:
            yield stream, file.stat().st_size
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error


def _batches(stream: BinaryIO, tally: _Tally, priority: Priority | None) -> Iterator[tuple[list[bytes], int]]:
    """Encoded events in batches, each with the number of bytes read so far."""
    batch: list[bytes] = []
    size = position = 0
    for number, line in enumerate(stream, start=1):
        position += len(line)
        if not line.strip():
            continue
        try:
            article = Article.model_validate(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            tally.faulty.append(f"line {number}: not JSON: {error}")
            continue
        except ValidationError as error:
            fault = error.errors()[0]
            tally.faulty.append(f"line {number}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}")
            continue
        # A fresh id each time: an import must also repair an index that was lost.
        event = encode_event(
            ArticlePublished(id=uuid4().hex, source=_SOURCE, subject=article.id, priority=priority, data=article)
        )
        if batch and (size + len(event) > _BATCH_BYTES or len(batch) >= _BATCH_EVENTS):
            yield batch, position
            batch, size = [], 0
        batch.append(event)
        size += len(event)
    if batch:
        yield batch, position


def _send(door: DoorClient, batch: list[bytes], progress: Progress) -> None:
    door.send(
        "POST",
        "/v1/events",
        content=b"[" + b",".join(batch) + b"]",
        content_type="application/cloudevents-batch+json",
        on_wait=lambda seconds: progress.console.print(f"the door asks to wait {seconds:g} s", highlight=False),
    )
