"""khobor dead-letters: events that could not be applied, and what to do with them."""

from collections.abc import Callable
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.connections import dead_letter_office
from services.cli.errors import CommandError
from shared.journal.model import DeadLetter
from shared.journal.ports import DeadLetterOffice

_ALL: Final = 1_000_000

_Ids = Annotated[list[str] | None, typer.Argument(help="Ids as `list` prints them.")]
_All = Annotated[bool, typer.Option("--all", help="Every dead letter.")]
_Reason = Annotated[str | None, typer.Option(help="Those whose reason contains this text.")]


def add_to(app: typer.Typer) -> None:
    letters = typer.Typer(
        no_args_is_help=True, help="Events that could not be applied: list, show, replay, drop, export."
    )
    app.add_typer(letters, name="dead-letters", rich_help_panel="Operate")

    @letters.command("list")
    def list_letters(
        context: typer.Context,
        reason: _Reason = None,
        limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    ) -> None:
        """List them, newest first."""
        with dead_letter_office(context.obj) as office:
            found = office.list(limit=limit, reason_contains=reason)
            total = office.count()
        console = Console()
        if not found:
            console.print("no dead letters" if total == 0 else f"none of {total} has such a reason")
            return
        table = Table("id", "stream", "article", "attempts", "at", "reason")
        for letter in found:
            stream = f"{letter.stream.kind} {letter.stream.partition}"
            at = letter.dead_at.astimezone().isoformat(timespec="seconds")
            table.add_row(letter.id, stream, letter.article_id or "?", str(letter.attempts), at, escape(letter.reason))
        console.print(table)
        console.print(f"{len(found)} of {total}", highlight=False)

    @letters.command()
    def show(context: typer.Context, letter_id: Annotated[str, typer.Argument(help="As `list` prints it.")]) -> None:
        """Print the reason and the original bytes of one."""
        with dead_letter_office(context.obj) as office:
            letter = _chosen(office, [letter_id], reason=None)[0]
        console = Console()
        console.print(f"[bold]{letter.id}[/bold] {escape(letter.reason)}", highlight=False)
        console.print(letter.body.decode(errors="backslashreplace"), markup=False, highlight=False)

    @letters.command()
    def replay(context: typer.Context, ids: _Ids = None, every: _All = False, reason: _Reason = None) -> None:
        """Put events back into the journal, after the cause is mended."""
        _do(context, ids, every, reason, lambda office, chosen: office.replay(chosen), "replayed")

    @letters.command()
    def drop(context: typer.Context, ids: _Ids = None, every: _All = False, reason: _Reason = None) -> None:
        """Delete events for good. The publisher may send them again."""
        _do(context, ids, every, reason, lambda office, chosen: office.drop(chosen), "dropped")

    @letters.command()
    def export(context: typer.Context) -> None:
        """Write all of them to standard output, NDJSON: reason, attempts, time, original event."""
        with dead_letter_office(context.obj) as office:
            for letter in office.list(limit=_ALL):
                typer.echo(_as_json(letter))


def _do(
    context: typer.Context,
    ids: list[str] | None,
    every: bool,
    reason: str | None,
    action: Callable[[DeadLetterOffice, list[DeadLetter]], int],
    done: str,
) -> None:
    if sum((bool(ids), every, reason is not None)) != 1:
        raise CommandError("say which: ids, or --all, or --reason TEXT")
    with dead_letter_office(context.obj) as office:
        number = action(office, _chosen(office, ids or [], reason=reason))
    Console().print(f"{number} {done}", highlight=False)


def _chosen(office: DeadLetterOffice, ids: list[str], *, reason: str | None) -> list[DeadLetter]:
    found = office.list(limit=_ALL, reason_contains=reason)
    if not ids:
        return found
    by_id = {letter.id: letter for letter in found}
    unknown = [letter_id for letter_id in ids if letter_id not in by_id]
    if unknown:
        raise CommandError(f"no such dead letter: {', '.join(unknown)}")
    return [by_id[letter_id] for letter_id in ids]


def _as_json(letter: DeadLetter) -> str:
    return orjson.dumps(
        {
            "id": letter.id,
            "stream": letter.stream.kind,
            "partition": letter.stream.partition,
            "article_id": letter.article_id,
            "reason": letter.reason,
            "attempts": letter.attempts,
            "dead_at": letter.dead_at,
            "event": letter.body.decode(errors="backslashreplace"),
        }
    ).decode()
