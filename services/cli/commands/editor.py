"""khobor hide, unhide: keep an article off the most-read lists without unpublishing it."""

from typing import Annotated

import typer
from rich.console import Console

from services.cli.connections import list_editor


def add_to(app: typer.Typer) -> None:
    group = "Operate"
    identifier = Annotated[str, typer.Argument(help="The article's id.")]

    @app.command(rich_help_panel=group)
    def hide(context: typer.Context, article_id: identifier) -> None:
        """Keep an article off every most-read list; it is still found by search."""
        with list_editor(context.obj) as editor:
            editor.hide(article_id)
        Console().print(f"{article_id} is off the lists", highlight=False)

    @app.command(rich_help_panel=group)
    def unhide(context: typer.Context, article_id: identifier) -> None:
        """Let an article back on the lists."""
        with list_editor(context.obj) as editor:
            editor.unhide(article_id)
        Console().print(f"{article_id} may be on the lists again", highlight=False)

    @app.command(rich_help_panel=group)
    def hidden(context: typer.Context) -> None:
        """List the articles that are kept off the lists."""
        with list_editor(context.obj) as editor:
            for article_id in editor.hidden():
                typer.echo(article_id)
