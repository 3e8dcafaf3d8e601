"""khobor keys: API keys of publishers and operators."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import limits
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.connections import api_key_store
from services.cli.errors import CommandError
from shared.api_keys.model import Scope, issue_key


def add_to(app: typer.Typer) -> None:
    keys = typer.Typer(no_args_is_help=True, help="API keys of publishers and operators: create, list, revoke.")
    app.add_typer(keys, name="keys", rich_help_panel="Operate")

    @keys.command()
    def create(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help="Whose key it is, such as the name of a newsroom system.")],
        scope: Annotated[list[Scope] | None, typer.Option(help="What it may do; may be repeated.")] = None,
        days: Annotated[int | None, typer.Option(min=1, help="Expires after so many days; default: never.")] = None,
        rate: Annotated[
            str | None,
            typer.Option(
                help="Events that it may send, such as 600/minute; default: KHOBOR_KEY_RATE.", callback=_checked_rate
            ),
        ] = None,
    ) -> None:
        """Create a key and print its token, which is shown this once and stored nowhere."""
        now = datetime.now(UTC)
        expires_at = now + timedelta(days=days) if days else None
        try:
            issued = issue_key(
                name=name,
                scopes=tuple(scope or [Scope.PUBLISH]),
                created_at=now,
                expires_at=expires_at,
                rate=rate,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        with api_key_store(context.obj) as store:
            store.add(issued.key)
        # Alone on standard output, so that a script can take it.
        typer.echo(issued.token)
        typer.echo(f"key {issued.key.id} ({', '.join(issued.key.scopes)}); this is the only time you see it", err=True)

    @keys.command("list")
    def list_keys(context: typer.Context) -> None:
        """List all keys, without their secrets."""
        with api_key_store(context.obj) as store:
            found = store.all()
        table = Table("id", "name", "scopes", "state", "rate", "created", "expires")
        now = datetime.now(UTC)
        for key in found:
            expires = key.expires_at.date().isoformat() if key.expires_at else ""
            created = key.created_at.date().isoformat()
            table.add_row(
                key.id, escape(key.name), ", ".join(key.scopes), key.state(now), key.rate or "", created, expires
            )
        Console().print(table)

    @keys.command()
    def revoke(context: typer.Context, key_id: Annotated[str, typer.Argument(help="As `list` prints it.")]) -> None:
        """Revoke a key; the doors refuse it within seconds."""
        with api_key_store(context.obj) as store:
            revoked = store.revoke(key_id, datetime.now(UTC))
        if revoked is None:
            raise CommandError(f"no key {key_id}; `khobor keys list` shows them")
        Console().print(f"{key_id} ({escape(revoked.name)}) is revoked", highlight=False)


def _checked_rate(rate: str | None) -> str | None:
    if rate is not None:
        try:
            limits.parse(rate)
        except ValueError as error:
            raise typer.BadParameter("such as 600/minute or 100/second") from error
    return rate
