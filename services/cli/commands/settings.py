"""khobor settings: what can be set, and where it goes."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Operate")
    def settings(
        env: Annotated[bool, typer.Option("--env", help="As an environment file instead of a table.")] = False,
    ) -> None:
        """Print every setting with its default and meaning (docs/configuration.md is this)."""
        from services.cli.settings_table import as_env_example, as_markdown

        typer.echo(as_env_example() if env else as_markdown(), nl=False)
