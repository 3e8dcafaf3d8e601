"""khobor trace: where is my article?"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.cli.connections import journal_trail
from services.cli.errors import CommandError


def add_to(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Operate")
    def trace(context: typer.Context, article_id: Annotated[str, typer.Argument(help="The article's id.")]) -> None:
        """Show an article's trail: received, applied, stale, searchable, dead-lettered; with times and attempts."""
        with journal_trail(context.obj) as trail:
            marks = trail.marks(article_id)
        if not marks:
            raise CommandError(f"no trail of {article_id}: never received, or longer ago than trails are kept")
        table = Table("stage", "version", "at", "attempts", "event", "priority", "reason")
        for mark in marks:
            stage = f"{mark.stage} (retraction)" if mark.retracted else str(mark.stage)
            at = mark.at.astimezone().isoformat(timespec="milliseconds")
            table.add_row(
                stage, str(mark.version), at, str(mark.attempts), mark.event_id, mark.priority or "", mark.reason or ""
            )
        Console().print(table)
