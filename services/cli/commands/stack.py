"""khobor up, down, status, logs: the local stack."""

import os
import subprocess
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from services.cli.errors import CommandError
from services.cli.settings import SECRETS_ENV, CliSettings, read_settings
from services.cli.stack.api_key import ensure_api_key
from services.cli.stack.local_stack import LocalStack, StackError
from services.cli.stack.network_ports import PortTakenError
from services.cli.stack.readiness import NotReadyError
from services.cli.stack.supervisor_client import ProcessState
from services.cli.stack.valkey_binary import NoValkeyError

_TAIL_LINES: Final = 20
_STATE_STYLE: Final = {ProcessState.RUNNING: "green", ProcessState.STARTING: "yellow"}


def add_to(app: typer.Typer) -> None:
    group = "Local stack"

    @app.command(rich_help_panel=group)
    def up(context: typer.Context) -> None:
        """Start the local stack: Valkey, ingest, worker, beat, api, flower. Safe to repeat."""
        _up(context.obj, Console())

    @app.command(rich_help_panel=group)
    def down(context: typer.Context) -> None:
        """Stop the local stack; what was accepted, indexed and counted stays on disk."""
        console = Console()
        try:
            with console.status("stopping, workers finish what they do …"):
                stopped = LocalStack(_settings(context).home).stop()
        except StackError as error:
            raise CommandError(str(error), exit_code=1) from error
        console.print("stopped" if stopped else "nothing was running")

    @app.command(rich_help_panel=group)
    def status(context: typer.Context) -> None:
        """Show each process of the local stack, and the addresses. Exit code 1 when a part does not run."""
        stack = LocalStack(_settings(context).home)
        if not stack.is_running():
            raise CommandError("the stack is not running; `khobor up` starts it", exit_code=1)
        if not _print_status(stack, Console()):
            raise typer.Exit(1)

    @app.command(rich_help_panel=group)
    def logs(
        context: typer.Context,
        program: Annotated[str | None, typer.Argument(help="valkey, ingest, worker, beat, api or flower.")] = None,
        follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written.")] = False,
        lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many to begin with.")] = 50,
    ) -> None:
        """Print the newest log lines of one part, or of all."""
        files = _log_files(LocalStack(_settings(context).home).logs, program)
        arguments = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)]
        try:
            subprocess.run(arguments, check=False)  # noqa: S603 - our own files
        except KeyboardInterrupt:
            raise typer.Exit(0) from None


def _settings(context: typer.Context) -> CliSettings:
    settings: CliSettings = context.obj
    return settings


def _up(settings: CliSettings, console: Console) -> None:
    stack = LocalStack(settings.home)
    started = time.monotonic()
    try:
        already = stack.is_running()
        if not already:
            stack.start()
        elif again := stack.start_stopped_programs():
            console.print(f"started again: {', '.join(again)}")
            already = False
        with console.status("waiting until every part is ready …"):
            for name in stack.wait_until_ready():
                if not already:
                    console.print(f"  [green]ready[/green] {name}")
    except (PortTakenError, NoValkeyError) as error:
        raise CommandError(str(error)) from error
    except StackError as error:
        raise CommandError(str(error), exit_code=1) from error
    except NotReadyError as error:
        tail = stack.log_tail(error.program, _TAIL_LINES) if error.program else ""
        raise CommandError(f"{error}\n{tail}".strip(), exit_code=1) from error
    ensure_api_key(read_settings(settings.home), settings.home / SECRETS_ENV)
    if already:
        console.print("[green]the stack runs already[/green]")
        _print_status(stack, console)
        return
    _print_welcome(stack, console, time.monotonic() - started)


def _print_welcome(stack: LocalStack, console: Console, seconds: float) -> None:
    for name, (preferred, chosen) in stack.ports_moved().items():
        console.print(f"  [yellow]port {preferred} is taken: {name}={chosen}[/yellow]")
    console.print(f"[bold green]খবর is up[/bold green] in {seconds:.1f} s\n")
    _print_addresses(stack, console)
    console.print(
        "\nTry next:\n"
        "  [cyan]make demo[/cyan]                          publish sample articles and views, search, most read\n"
        "  [cyan]khobor search 'নদী ভাঙন'[/cyan]            (from .venv/bin, or after `. .venv/bin/activate`)\n"
        "  [cyan]khobor publish-page page.txt[/cyan]       a news page becomes an article\n"
        "  [cyan]make logs[/cyan]  [cyan]make status[/cyan]  [cyan]make down[/cyan]",
        highlight=False,
    )


def _print_addresses(stack: LocalStack, console: Console) -> None:
    for address in stack.addresses():
        note = f"  ({address.note})" if address.note else ""
        console.print(f"  {address.name:<17} [link]{address.url}[/link]{note}", highlight=False, soft_wrap=True)


def _print_status(stack: LocalStack, console: Console) -> bool:
    table = Table("part", "state", "pid", "since")
    statuses = stack.statuses()
    for status in statuses:
        style = _STATE_STYLE.get(status.state, "red")
        table.add_row(status.name, f"[{style}]{status.state.lower()}[/{style}]", str(status.pid), status.description)
    console.print(table)
    _print_addresses(stack, console)
    return all(status.state is ProcessState.RUNNING for status in statuses)


def _log_files(folder: Path, program: str | None) -> list[Path]:
    files = sorted(folder.glob("*.log"))
    if program is not None:
        files = [file for file in files if file.stem == program]
    if not files:
        names = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or f"none yet in {folder}{os.sep}"
        raise CommandError(f"no log of {program or 'any part'}; there are: {names}")
    return files
