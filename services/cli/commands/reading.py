"""khobor search, trending: what a reader sees, in the terminal."""

import re
from html import unescape
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.http_clients import readers_door

_MARK: Final = re.compile(r"</?mark>")


def add_to(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Read")
    def search(
        context: typer.Context,
        query: Annotated[str, typer.Argument(help="Words, phrases in quotes, -word, OR, title:.")],
        category: Annotated[list[str] | None, typer.Option(help="Only this category; may be repeated.")] = None,
        sort: Annotated[str, typer.Option(help="relevance, newest or views.")] = "relevance",
        limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    ) -> None:
        """Search the articles.

        Example: [cyan]khobor search 'ঢাকায় ডেঙ্গু -টিকা'[/cyan]
        """
        with readers_door(context.obj) as door:
            answer = door.get("/v1/search", q=query, category=category, sort=sort, limit=limit)
        print_search(Console(), answer)

    @app.command(rich_help_panel="Read")
    def trending(
        context: typer.Context,
        window: Annotated[str, typer.Option(help="1h, 6h, 24h, 7d or today.")] = "24h",
        kind: Annotated[str, typer.Option(help="top or rising.")] = "top",
        category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    ) -> None:
        """Print a most-read list."""
        with readers_door(context.obj) as door:
            answer = door.get("/v1/trending", window=window, kind=kind, category=category, limit=limit)
        print_most_read(Console(), answer)


def print_search(console: Console, answer: Any) -> None:
    """Results with the words that matched in bold."""
    query, total = answer["query"], answer["total"]
    sign = "" if total["relation"] == "eq" else "≥ "
    console.print(
        f"{sign}{total['value']:,} found for [bold]{escape(query['text'])}[/bold] "
        f"(read as {escape(query['read_as'])}, {answer['took_ms']} ms, {answer['engine']})",
        highlight=False,
    )
    if query.get("did_you_mean"):
        console.print(f"did you mean: [cyan]{escape(query['did_you_mean'])}[/cyan]", highlight=False)
    for note in query.get("notes", []):
        console.print(f"[dim]{escape(note)}[/dim]", highlight=False)
    for rank, hit in enumerate(answer["results"], start=1):
        title = _with_marks(hit["highlights"].get("title") or escape(hit["title"]))
        about = " · ".join(str(part) for part in (hit.get("category"), hit["published_at"], hit["id"]) if part)
        console.print(f"\n{rank:>3}. {title}\n     [dim]{escape(about)}[/dim]", highlight=False, soft_wrap=True)
        for fragment in hit["highlights"].get("body", [])[:1]:
            console.print(f"     {_with_marks(fragment)}", highlight=False, soft_wrap=True)


def print_most_read(console: Console, answer: Any) -> None:
    """The list as a table, or the reason why it is empty."""
    scope = f", {answer['category']}" if answer["category"] else ""
    console.print(
        f"{escape(answer['kind'])} of {escape(answer['window'])}{escape(scope)}, as of {answer['as_of']}, "
        f"{answer['counted_views']:,} counted views",
        highlight=False,
    )
    if not answer["items"]:
        console.print(f"empty: {escape(str(answer['reason']))}", highlight=False)
        return
    table = Table("", "title", "category", "in window", "counted", "raw")
    for item in answer["items"]:
        views = item["views"]
        table.add_row(
            str(item["rank"]),
            escape(item["title"]),
            escape(item.get("category") or ""),
            f"{views['window']:,.1f}",
            f"{views['counted']:,}",
            f"{views['raw']:,}",
        )
    console.print(table)


def _with_marks(html: str) -> str:
    """The API's escaped HTML with <mark> as terminal markup."""
    parts = []
    bold = False
    for part in _MARK.split(html):
        text = escape(unescape(part))
        parts.append(f"[bold yellow]{text}[/bold yellow]" if bold else text)
        bold = not bold
    return "".join(parts)
