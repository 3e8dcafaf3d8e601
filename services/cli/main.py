"""`khobor`: publish, search, look after the stack. Each command is in a file of its own under `commands`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.cli.commands import (
    analyze,
    dead_letters,
    demo,
    editor,
    import_articles,
    index,
    journal,
    keys,
    publish_page,
    reading,
    settings,
    stack,
    trace,
)
from services.cli.errors import CommandError
from services.cli.settings import read_settings
from shared.logs import configure_logs
from shared.settings import KhoborSettings, LogFormat

_HELP = """
[bold]খবর[/bold] - Bengali news search and most-read lists.

Start here:  [cyan]khobor up[/cyan], [cyan]khobor demo[/cyan], then open the address it prints.

Commands talk to the local stack in [cyan].khobor[/cyan]; set KHOBOR_INGEST_URL, KHOBOR_API_URL, KHOBOR_API_KEY and
KHOBOR_REDIS_URL to talk to another one. Exit code 2: what you gave is wrong; 1: something that is needed does not work.
"""


def build_app() -> typer.Typer:
    app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_show_locals=False)

    @app.callback()
    def prepare(
        context: typer.Context,
        home: Annotated[
            Path, typer.Option(envvar="KHOBOR_HOME", help="Folder of the local stack.", show_default=True)
        ] = Path(".khobor"),
    ) -> None:
        context.obj = read_settings(home)

    for command in (
        stack,
        demo,
        publish_page,
        import_articles,
        reading,
        trace,
        dead_letters,
        index,
        journal,
        keys,
        editor,
        analyze,
        settings,
    ):
        command.add_to(app)
    return app


def main() -> None:
    """The entry point of the program."""
    # A command tells its result itself; on standard error, so that what it prints stays fit for a pipe.
    configure_logs(KhoborSettings.model_construct(log_format=LogFormat.CONSOLE, log_level="WARNING"), "khobor")
    try:
        build_app()()
    except CommandError as error:
        Console(stderr=True).print(f"[red]khobor:[/red] {error}", highlight=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
