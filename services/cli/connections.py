"""What a command needs of Redis and of the index, opened for the time of one command; errors become CommandErrors.

Clients are imported where they are opened: most commands need none of them, and each costs a fifth of their start.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from services.cli.errors import CommandError
from services.cli.requeue import Requeue
from services.cli.settings import CliSettings
from shared.api_keys.ports import ApiKeyStore, ApiKeyStoreError
from shared.journal.ports import ArticleRecord, DeadLetterOffice, Doorbell, JournalUnavailableError, Trail
from shared.keys import LAYOUT
from shared.search.ports import ArticleInventory, ArticleWriter, IndexMoveError, IndexMoves, IndexUnavailableError
from shared.views.ports import ListEditor, ViewsUnavailableError

if TYPE_CHECKING:
    import redis

Opened = TypeVar("Opened")


@contextmanager
def journal_trail(settings: CliSettings) -> Iterator[Trail]:
    from shared.journal.redis_trail import RedisTrail

    with _partitions(settings) as client:
        yield RedisTrail(client, partitions=settings.partitions)


@contextmanager
def dead_letter_office(settings: CliSettings) -> Iterator[DeadLetterOffice]:
    from shared.journal.redis_dead_letters import RedisDeadLetterOffice

    with _doorbell(settings) as doorbell, _partitions(settings) as client:
        yield RedisDeadLetterOffice(client, doorbell, partitions=settings.partitions)


@contextmanager
def list_editor(settings: CliSettings) -> Iterator[ListEditor]:
    from shared.views.redis_list_editor import RedisListEditor

    with _partitions(settings) as client:
        yield RedisListEditor(client, partitions=settings.partitions)


@contextmanager
def api_key_store(settings: CliSettings) -> Iterator[ApiKeyStore]:
    from shared.api_keys.redis_store import RedisApiKeyStore

    with redis_client(settings) as client:
        yield RedisApiKeyStore(client)


@contextmanager
def index_moves(settings: CliSettings) -> Iterator[IndexMoves]:
    from shared.search.opening import open_moves

    moves = _opened(lambda: open_moves(settings))
    with _index_errors():
        yield moves


@contextmanager
def article_inventory(settings: CliSettings) -> Iterator[ArticleInventory]:
    from shared.search.opening import open_inventory

    inventory = _opened(lambda: open_inventory(settings))
    with _index_errors():
        yield inventory


@contextmanager
def article_writer(settings: CliSettings) -> Iterator[ArticleWriter]:
    from shared.search.opening import open_writer

    with _index_errors():
        yield _opened(lambda: open_writer(settings))


@contextmanager
def other_inventories(settings: CliSettings) -> Iterator[Mapping[str, ArticleInventory]]:
    from shared.search.opening import open_other_inventories

    with _index_errors():
        yield _opened(lambda: open_other_inventories(settings))


@contextmanager
def article_record(settings: CliSettings) -> Iterator[ArticleRecord]:
    from shared.journal.redis_article_record import RedisArticleRecord

    with _partitions(settings) as client:
        yield RedisArticleRecord(client, partitions=settings.partitions)


@contextmanager
def requeue(settings: CliSettings) -> Iterator[Requeue]:
    from shared.journal.redis_appender import RedisJournalAppender
    from shared.redis_clients import connect_async

    client = connect_async(
        settings.redis_url.get_secret_value(), timeout=settings.redis_timeout, client_name="khobor-cli"
    )
    with _partitions(settings), _doorbell(settings) as doorbell, asyncio.Runner() as runner:
        appender = RedisJournalAppender(client, doorbell, partitions=settings.partitions)
        try:
            yield Requeue(runner, appender, appender, partitions=settings.partitions)
        finally:
            runner.run(appender.close())
            runner.run(client.aclose())


@contextmanager
def _doorbell(settings: CliSettings) -> Iterator[Doorbell]:
    from shared.tickets import CeleryDoorbell, celery_producer

    doorbell = CeleryDoorbell(celery_producer(settings.broker()))
    try:
        yield doorbell
    finally:
        doorbell.close()


@contextmanager
def _partitions(settings: CliSettings) -> Iterator["redis.Redis"]:
    """A client for what lies in partitions, if the settings are right about their number."""
    from shared.journal.layout import JournalLayoutError, check_layout

    with redis_client(settings) as client:
        found = cast("dict[bytes, bytes]", client.hgetall(LAYOUT))
        try:
            check_layout(found, settings.partitions)
        except JournalLayoutError as error:
            raise CommandError(str(error)) from error
        yield client


@contextmanager
def redis_client(settings: CliSettings, *, client_name: str = "khobor-cli") -> Iterator["redis.Redis"]:
    from shared.redis_clients import REDIS_ERRORS, connect

    client = connect(settings.redis_url.get_secret_value(), timeout=settings.redis_timeout, client_name=client_name)
    try:
        yield client
    except (JournalUnavailableError, ViewsUnavailableError, ApiKeyStoreError, *REDIS_ERRORS) as error:
        # The class alone: a client's message may carry its address with the password.
        cause = type(error.__cause__ or error).__name__
        raise CommandError(
            f"Redis does not answer ({cause}). Is the stack up? `khobor up` starts it; "
            "for another one set KHOBOR_REDIS_URL.",
            exit_code=1,
        ) from error
    finally:
        client.close()


def _opened(open_it: Callable[[], Opened]) -> Opened:
    try:
        return open_it()
    except ValueError as error:
        # Settings that do not fit together.
        raise CommandError(str(error)) from error


@contextmanager
def _index_errors() -> Iterator[None]:
    try:
        yield
    except IndexMoveError as error:
        raise CommandError(str(error), exit_code=1) from error
    except IndexUnavailableError as error:
        raise CommandError(f"the index cannot be used: {error}", exit_code=1) from error
