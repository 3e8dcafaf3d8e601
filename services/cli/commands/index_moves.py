"""khobor index create, list, rebuild, rollback, prune: which index is in use, and moving to another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from services.cli.connections import index_moves
from services.cli.move_lock import one_move_at_a_time
from services.cli.progress import articles_done
from services.cli.settings import CliSettings
from shared.search.model import IndexState
from shared.search.ports import IndexMoves, Progress


def add_to(index: typer.Typer) -> None:
    @index.command()
    def create(context: typer.Context) -> None:
        """Make the index, with its template and aliases, where it is missing. Safe to repeat."""
        with _move(context.obj) as (moves, _):
            name = moves.create()
        typer.echo(f"{name} is in use")

    @index.command("list")
    def list_indices(
        context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False
    ) -> None:
        """List every index, oldest first: which one is in use, and which ones may be returned to."""
        with index_moves(context.obj) as moves:
            states = moves.states()
        if as_json:
            typer.echo(orjson.dumps([asdict(state) for state in states], option=orjson.OPT_INDENT_2).decode())
        elif states:
            Console().print(_table(states))
        else:
            typer.echo("there is no index; `khobor index create` makes it, and so does the first article")

    @index.command()
    def rebuild(context: typer.Context) -> None:
        """Analyse every stored article into a new index and use that. Broken off? Run it again, it goes on.

        Readers and publishers notice nothing. Needed after a change of the analyzer, the mapping or the shards.
        """
        with _move(context.obj) as (moves, check), articles_done("rebuilding") as bar:
            name = moves.rebuild(_checked(bar, check))
        typer.echo(f"{name} is in use; the one before is kept: `khobor index rollback` returns to it")

    @index.command()
    def rollback(context: typer.Context) -> None:
        """Return to the index before this one, with all that was written since."""
        with _move(context.obj) as (moves, check), articles_done("bringing up to date") as bar:
            name = moves.roll_back(_checked(bar, check))
        typer.echo(f"{name} is in use again")

    @index.command()
    def prune(
        context: typer.Context,
        keep: Annotated[int, typer.Option(min=0, help="So many of the newest unused ones stay, to return to.")] = 1,
    ) -> None:
        """Delete indices that are not in use."""
        with _move(context.obj) as (moves, _):
            pruned = moves.prune(keep)
        for name in pruned:
            typer.echo(f"{name} is deleted")
        if not pruned:
            typer.echo("nothing to delete")


@contextmanager
def _move(settings: CliSettings) -> Iterator[tuple[IndexMoves, Progress]]:
    """The moves, and what has to be told of progress so that a move ends which is not alone any more.

    The embedded engine has a lock of its own, in its folder: it works while Redis is down.
    """
    with index_moves(settings) as moves:
        if settings.elasticsearch_url is None:
            yield moves, lambda _done, _total: None
            return
        with one_move_at_a_time(settings, on_wait=_tell_of_waiting) as check:
            yield moves, lambda _done, _total: check()


def _tell_of_waiting() -> None:
    Console(stderr=True).print("another move is under way, or was killed a moment ago: waiting …", highlight=False)


def _checked(bar: Progress, check: Progress) -> Progress:
    def report(done: int, total: int) -> None:
        check(done, total)
        bar(done, total)

    return report


def _table(states: list[IndexState]) -> Table:
    table = Table("index", "articles", "state")
    for state in states:
        table.add_row(state.name, f"{state.articles:,}", _word_for(state))
    return table


def _word_for(state: IndexState) -> str:
    if state.is_in_use:
        return "[green]in use[/green]" if state.is_ours else "[yellow]in use, of another form: rebuild[/yellow]"
    if state.is_building:
        return "being built"
    return "kept" if state.is_ours else "kept, of another form"
