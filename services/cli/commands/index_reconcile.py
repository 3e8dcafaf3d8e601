"""khobor index reconcile: what the index lost, and what the journal's record lost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.connections import article_inventory, article_record, other_inventories, requeue
from services.cli.progress import articles_done
from services.cli.settings import CliSettings
from services.cli.use_cases.reconcile_index import HOPELESS, Difference, Finding, ReconcileIndex

_SHOWN: Final = 20


def add_to(index: typer.Typer) -> None:
    @index.command()
    def reconcile(
        context: typer.Context,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="A line of JSON for each difference, and one with the counts at the end.")
        ] = False,
    ) -> None:
        """Compare the index with the journal's record of the newest versions, and mend either from the other.

        Missing and stale articles are re-queued from another index that has them; retractions from the record.
        Articles that only the index knows are noted, and so come back to the most-read lists.
        Exit code 1: something is left that only its publisher can mend or, with --dry-run, anything differs.
        """
        if not _run(context.obj, dry_run=dry_run, as_json=as_json):
            raise typer.Exit(1)


def _run(settings: CliSettings, *, dry_run: bool, as_json: bool) -> bool:
    """Whether all is well."""
    with (
        article_record(settings) as record,
        article_inventory(settings) as index,
        other_inventories(settings) as sources,
        requeue(settings) as requeue_changes,
        articles_done("comparing") as bar,
    ):
        use_case = ReconcileIndex(
            record=record, index=index, sources=sources, requeue=None if dry_run else requeue_changes
        )
        counts: Counter[str] = Counter()
        shown: list[Difference] = []
        for difference in use_case.run(bar):
            counts[difference.finding] += 1
            counts["hopeless"] += difference.remedy in HOPELESS
            if as_json:
                typer.echo(orjson.dumps(asdict(difference)).decode())
            elif len(shown) < _SHOWN:
                shown.append(difference)
        compared = {"recorded": record.count(), "indexed": index.count()}
    by_finding = {str(finding): counts[finding] for finding in Finding}
    hopeless, differing = counts["hopeless"], sum(by_finding.values())
    if as_json:
        typer.echo(orjson.dumps({**compared, **by_finding, "hopeless": hopeless, "dry_run": dry_run}).decode())
    else:
        _print(shown, differing)
        typer.echo(f"{compared['recorded']:,} recorded, {compared['indexed']:,} in the index: {_told(by_finding)}")
        if hopeless:
            typer.echo(f"{hopeless:,} can only be sent again by their publishers: `khobor import` takes a file of them")
    return differing == 0 if dry_run else hopeless == 0


def _print(differences: Iterable[Difference], total: int) -> None:
    table = Table("article", "is", "recorded", "in the index", "remedy")
    for each in differences:
        remedy = f"{each.remedy} from {each.source}" if each.source else str(each.remedy)
        recorded, indexed = (str(version) if version else "-" for version in (each.recorded, each.indexed))
        finding = f"{each.finding} (a retraction)" if each.retracted else str(each.finding)
        table.add_row(escape(each.article_id), finding, recorded, indexed, escape(remedy))
    if table.row_count:
        Console().print(table)
    if total > table.row_count:
        typer.echo(f"… and {total - table.row_count:,} more; --json tells of all")


def _told(by_finding: dict[str, int]) -> str:
    told = ", ".join(f"{number:,} {finding}" for finding, number in by_finding.items() if number)
    return told or "nothing differs"
