"""What a command needs of Redis and of the index, opened for the time of one command; errors become CommandErrors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import redis

from services.cli.errors import CommandError
from services.cli.settings import CliSettings
from shared.api_keys.ports import ApiKeyStore, ApiKeyStoreError
from shared.api_keys.redis_store import RedisApiKeyStore
from shared.journal.ports import DeadLetterOffice, JournalUnavailableError, Trail
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_trail import RedisTrail
from shared.redis_clients import connect
from shared.search.ports import IndexMoveError, IndexMoves, IndexUnavailableError
from shared.views.ports import ListEditor, ViewsUnavailableError
from shared.views.redis_list_editor import RedisListEditor

Opened = TypeVar("Opened")


@contextmanager
def journal_trail(settings: CliSettings) -> Iterator[Trail]:
    with redis_client(settings) as client:
        yield RedisTrail(client, partitions=settings.partitions)


@contextmanager
def dead_letter_office(settings: CliSettings) -> Iterator[DeadLetterOffice]:
    from shared.tickets import CeleryDoorbell, celery_producer

    doorbell = CeleryDoorbell(celery_producer(settings.broker()))
    try:
        with redis_client(settings) as client:
            yield RedisDeadLetterOffice(client, doorbell, partitions=settings.partitions)
    finally:
        doorbell.close()


@contextmanager
def list_editor(settings: CliSettings) -> Iterator[ListEditor]:
    with redis_client(settings) as client:
        yield RedisListEditor(client, partitions=settings.partitions)


@contextmanager
def api_key_store(settings: CliSettings) -> Iterator[ApiKeyStore]:
    with redis_client(settings) as client:
        yield RedisApiKeyStore(client)


@contextmanager
def index_moves(settings: CliSettings) -> Iterator[IndexMoves]:
    from shared.search.opening import open_moves

    moves = _opened(lambda: open_moves(settings))
    with _index_errors():
        yield moves


@contextmanager
def redis_client(settings: CliSettings) -> Iterator[redis.Redis]:
    client = connect(settings.redis_url.get_secret_value(), timeout=settings.redis_timeout, client_name="khobor-cli")
    try:
        yield client
    except (JournalUnavailableError, ViewsUnavailableError, ApiKeyStoreError, redis.RedisError) as error:
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
