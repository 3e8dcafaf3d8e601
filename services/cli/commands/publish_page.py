"""khobor publish-page: a news page becomes an article."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from services.cli.errors import CommandError
from services.cli.http_clients import DoorClient, publishers_door

# The door's own limit for a body: reading more only to be refused helps nobody.
_MAX_BYTES: Final = 5_000_000
_SHOWN: Final = ("id", "title", "byline", "published_at", "category", "sources", "page_views", "url")


def add_to(app: typer.Typer) -> None:
    @app.command("publish-page", rich_help_panel="Publish")
    def publish_page(
        context: typer.Context,
        files: Annotated[list[Path], typer.Argument(help="Text dumps or HTML of news pages.")],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be published.")] = False,
        article_id: Annotated[str | None, typer.Option("--id", help="Article id; default: from the page.")] = None,
        url: Annotated[str | None, typer.Option(help="Where the page stands.")] = None,
        version: Annotated[int | None, typer.Option(min=1, help="Default: from the page's date.")] = None,
        category: Annotated[str | None, typer.Option(help="Category, when the page does not tell.")] = None,
    ) -> None:
        """Turn news pages (text or HTML) into articles and publish them.

        Example: [cyan]khobor publish-page page.txt --category আন্তর্জাতিক[/cyan]
        """
        if article_id is not None and len(files) > 1:
            raise CommandError("--id names one article, but several files are given")
        given = {"id": article_id, "url": url, "category": category}
        parameters = {name: value for name, value in given.items() if value is not None}
        if version is not None:
            parameters["version"] = str(version)
        if dry_run:
            parameters["dry_run"] = "true"
        console = Console()
        refused = 0
        with publishers_door(context.obj) as door:
            for file in files:
                try:
                    _print(console, file, _publish(door, file, parameters))
                except CommandError as error:
                    if len(files) == 1:
                        raise CommandError(f"{file}: {error}", exit_code=error.exit_code) from error
                    refused += 1
                    console.print(f"[red]{file}:[/red] {error}", highlight=False)
        if refused:
            raise CommandError(f"{refused} of {len(files)} pages were refused")


def _publish(door: DoorClient, file: Path, parameters: dict[str, str]) -> Any:
    try:
        size = file.stat().st_size
        if size > _MAX_BYTES:
            raise CommandError(f"{size:,} bytes; a page may have {_MAX_BYTES:,}")
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(str(error.strerror)) from error
    is_html = file.suffix.lower() in {".html", ".htm", ".xhtml"} or content.lstrip()[:1] == b"<"
    content_type = "text/html" if is_html else "text/plain; charset=utf-8"
    return door.send("POST", "/v1/pages", content=content, content_type=content_type, params=parameters)


def _print(console: Console, file: Path, answer: Any) -> None:
    article = answer["article"]
    console.print(f"[bold]{file.name}[/bold]", highlight=False)
    for name in _SHOWN:
        value = article.get(name)
        if value not in (None, [], ""):
            shown = ", ".join(value) if isinstance(value, list) else value
            console.print(f"  {name:<13} {shown}", highlight=False, soft_wrap=True)
    paragraphs = article["body"].count("\n") + 1
    console.print(f"  {'body':<13} {len(article['body']):,} characters, {paragraphs} paragraphs", highlight=False)
    if "status_url" in answer:
        console.print(f"  [green]accepted[/green]; its trail: khobor trace {article['id']}", highlight=False)
