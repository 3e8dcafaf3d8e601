"""khobor journal: how the journal is cut into partitions."""

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer
from rich.console import Console

from services.cli.connections import redis_client
from services.cli.errors import CommandError
from services.cli.settings import CliSettings
from services.cli.stack.local_stack import LocalStack, StackError
from services.cli.stack.valkey_binary import NoValkeyError


def add_to(app: typer.Typer) -> None:
    journal = typer.Typer(no_args_is_help=True, help="How the journal is cut into partitions.")
    app.add_typer(journal, name="journal", rich_help_panel="Operate")

    @journal.callback()
    def _group() -> None:
        """A group, although it has one command."""

    @journal.command()
    def reshard(
        context: typer.Context,
        partitions: Annotated[int, typer.Option(min=1, max=64, help="How many there shall be.")],
    ) -> None:
        """Move everything into another number of partitions, with the stack stopped.

        Interrupted? Run it again. Then set KHOBOR_PARTITIONS to the new number, and start the stack. The Valkey of a
        local stack, which `khobor down` stops as well, runs for the time of this command.
        """
        from shared.resharding.copying import ReshardError
        from shared.resharding.reshard import Resharding
        from shared.resharding.running import RESHARD_CLIENT

        settings: CliSettings = context.obj
        console = Console(stderr=True)
        try:
            with (
                _server(settings),
                redis_client(settings, client_name=RESHARD_CLIENT) as client,
                console.status("looking who runs …") as status,
            ):
                for step in Resharding(client, partitions=settings.partitions, target=partitions).run():
                    status.update(step)
        except ReshardError as error:
            raise CommandError(str(error)) from error
        except (StackError, NoValkeyError) as error:
            raise CommandError(str(error), exit_code=1) from error
        Console().print(f"the journal has {partitions} partitions; set KHOBOR_PARTITIONS={partitions}", highlight=False)


def _server(settings: CliSettings) -> AbstractContextManager[None]:
    stack = LocalStack(settings.home)
    if stack.is_running() or not stack.keeps_journal(settings.redis_url.get_secret_value()):
        return nullcontext()
    return stack.valkey_alone()
