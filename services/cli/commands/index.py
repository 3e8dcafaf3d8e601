"""khobor index: the search index, as operators look after it."""

import typer

from services.cli.commands import index_copy, index_moves, index_reconcile


def add_to(app: typer.Typer) -> None:
    index = typer.Typer(
        no_args_is_help=True,
        help="The search index: create, list, rebuild, rollback, prune, reconcile, copy.",
    )
    for commands in (index_moves, index_reconcile, index_copy):
        commands.add_to(index)
    app.add_typer(index, name="index", rich_help_panel="Operate")
