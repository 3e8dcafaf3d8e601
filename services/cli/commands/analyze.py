"""khobor analyze: what the Bengali analyzer makes of a text."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def add_to(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Operate")
    def analyze(
        text: Annotated[str, typer.Argument(help="Any text.")],
        as_json: Annotated[bool, typer.Option("--json", help="As JSON, code points and all.")] = False,
    ) -> None:
        """Print the normalised text and each token's stem, folded form, 4-grams and place in the original."""
        from shared.bengali.analyzer import describe

        described = describe(text)
        if as_json:
            typer.echo(orjson.dumps(asdict(described), option=orjson.OPT_INDENT_2).decode())
            return
        console = Console()
        console.print(f"analyzer {described.analyzer_version}: {escape(described.normalized)}", highlight=False)
        table = Table("original", "surface", "stem", "fold", "4-grams", "span")
        for token in described.tokens:
            grams = " ".join(token.grams)
            span = f"{token.start}-{token.end}"
            table.add_row(*map(escape, (token.original, token.surface, token.stem, token.fold, grams, span)))
        console.print(table)
