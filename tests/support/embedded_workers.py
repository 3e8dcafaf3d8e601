"""Processes that write to an embedded index, to be killed, raced and starved by tests."""

import multiprocessing
import resource
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ApplyOutcome, ArticleChange
from shared.search.ports import IndexUnavailableError
from shared.search.versions import rank_of_change
from tests.support.articles import article, publish_change, retract_change

ARTICLES = 400
# A server that has the imports done forks each worker in some milliseconds.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.support.embedded_workers"])


def random_change(random: Random) -> ArticleChange:
    """A new state of one of the articles; equal for equal ids and versions."""
    article_id, version = f"a{random.randrange(ARTICLES)}", random.randrange(1, 100_000)
    if version % 10 == 0:
        return retract_change(article_id, version)
    return publish_change(
        article(article_id, f"খবর নম্বর {version}", f"এই খবরের সংস্করণ {version}।", version=version, category="জাতীয়")
    )


def start(target: object, *arguments: object) -> BaseProcess:
    process = _CONTEXT.Process(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
    process.start()
    return process


def pipe() -> tuple[Connection, Connection]:
    return _CONTEXT.Pipe()


def write_until_killed(folder: Path, seed: int, acknowledged: Path) -> None:
    """Apply and flush random changes; what was applied is noted after `apply` has returned, as workers acknowledge."""
    random = Random(seed)
    writer = EmbeddedArticleWriter(folder)
    with acknowledged.open("a", buffering=1) as notes:
        while True:
            changes = [random_change(random) for _ in range(random.randrange(1, 30))]
            for change, result in zip(changes, writer.apply(changes), strict=True):
                if result.outcome is ApplyOutcome.APPLIED:
                    notes.write(f"{change.article_id} {rank_of_change(change)}\n")
            writer.make_searchable()


def write_batches(folder: Path, seed: int, batches: int) -> None:
    """Apply and flush so many batches, and end."""
    random = Random(seed)
    writer = EmbeddedArticleWriter(folder)
    for _ in range(batches):
        writer.apply([random_change(random) for _ in range(20)])
        writer.make_searchable()
    writer.close()


def publish_on_request(folder: Path, requests: Connection) -> None:
    """Publish an article with each title that comes in, and answer when it was applied; None ends it."""
    writer = EmbeddedArticleWriter(folder)
    requests.send("ready")
    number = 0
    while (title := requests.recv()) is not None:
        number += 1
        started = time.monotonic()
        writer.apply([publish_change(article(f"published-{number}", title))])
        writer.make_searchable()
        requests.send(time.monotonic() - started)
    writer.close()


def write_with_a_full_disk(folder: Path, answers: Connection) -> None:
    """Try to apply while no file may grow, then again when it may; tells what came of both."""
    writer = EmbeddedArticleWriter(folder)
    change = publish_change(article("large", "বড় খবর", "অনেক কথা। " * 40_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        writer.apply([change])
        answers.send("applied")
    except IndexUnavailableError as error:
        answers.send(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    answers.send([result.outcome for result in writer.apply([change])])
    answers.send(writer.make_searchable())
