"""khobor index copy: from one engine to the other."""

from dataclasses import asdict
from typing import Annotated, Final

import orjson
import typer

from services.cli.connections import article_inventory, article_writer
from services.cli.errors import CommandError
from services.cli.progress import articles_done
from services.cli.settings import CliSettings
from services.cli.use_cases.copy_index import CopyIndex, CopyReport
from shared.settings import SearchEngine

_SHOWN: Final = 20


def add_to(index: typer.Typer) -> None:
    @index.command()
    def copy(
        context: typer.Context,
        source: Annotated[SearchEngine, typer.Option("--from", help="The engine that has the articles.")],
        target: Annotated[SearchEngine, typer.Option("--to", help="The engine that gets them.")],
        as_json: Annotated[bool, typer.Option("--json", help="The counts as JSON.")] = False,
    ) -> None:
        """Copy every article, version and tombstone to the other engine, while the stack runs. Safe to repeat.

        KHOBOR_ELASTICSEARCH_URL and KHOBOR_INDEX_PATH say where they are. What is applied to the first engine after
        the copy is not in the second: switch api and workers, then copy once more. Exit code 1: something is not there.
        """
        if source is target:
            raise CommandError("--from and --to name the same engine")
        report = _copy(context.obj, source, target)
        if as_json:
            typer.echo(orjson.dumps({**asdict(report), "complete": report.is_complete}).decode())
        else:
            _print(report, source, target)
        if not report.is_complete:
            raise typer.Exit(1)


def _copy(settings: CliSettings, source: SearchEngine, target: SearchEngine) -> CopyReport:
    try:
        from_settings, to_settings = settings.with_engine(source), settings.with_engine(target)
    except ValueError as error:
        raise CommandError(str(error)) from error
    with article_inventory(from_settings) as held, articles_done("copying") as bar:
        # Opening the other engine makes an index in it, so this one has to be there first.
        held.count()
        with article_writer(to_settings) as writer, article_inventory(to_settings) as target_held:
            return CopyIndex(source=held, target=target_held, writer=writer).run(bar)


def _print(report: CopyReport, source: SearchEngine, target: SearchEngine) -> None:
    typer.echo(
        f"{report.articles:,} articles and {report.tombstones:,} retractions copied; "
        f"{report.held_before:,} were in {target} already"
    )
    for article_id, reason in list(report.refused.items())[:_SHOWN]:
        typer.echo(f"{article_id} is refused: {reason}")
    for article_id in report.differing[:_SHOWN]:
        typer.echo(f"{article_id} is another text in {target}, at the same version")
    if report.late:
        typer.echo(f"{source} is being written to: {report.late:,} were copied in the last pass")
    if report.is_complete:
        typer.echo(
            f"What {source} gets from now on is not in {target}: copy once more when api and workers use {target}."
        )
    else:
        typer.echo(f"{len(report.refused):,} refused, {len(report.differing):,} differ")
