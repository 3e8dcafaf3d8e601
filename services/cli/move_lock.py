"""One move of an Elasticsearch index at a time, on whichever machine the command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from services.cli.connections import redis_client
from services.cli.errors import CommandError
from services.cli.settings import CliSettings
from shared.keys import INDEX_MOVE

if TYPE_CHECKING:
    from redis.lock import Lock

# When its process is killed, a lock is in the way for so long.
_KEPT_SECONDS: Final = 15.0
_RENEW_SECONDS: Final = 3.0


@contextmanager
def one_move_at_a_time(settings: CliSettings, *, on_wait: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Yields what has to be called now and then: it raises CommandError when the lock has been lost.

    Calls `on_wait` once when somebody holds the lock: another move, or one that was killed just now.

    Raises:
        CommandError: another move is under way.
    """
    from redis.exceptions import RedisError
    from redis.lock import Lock

    with redis_client(settings) as client:
        lock = Lock(client, INDEX_MOVE, timeout=_KEPT_SECONDS, thread_local=False)
        if not lock.acquire(blocking=False):
            on_wait()
            if not lock.acquire(blocking_timeout=_KEPT_SECONDS + _RENEW_SECONDS):
                raise CommandError("another move of the index is under way; one at a time", exit_code=1)
        lost, over = Event(), Event()
        renewing = Thread(target=_renew, args=(lock, lost, over), name="renew-move-lock", daemon=True)
        renewing.start()
        try:
            yield lambda: _check(lost)
        finally:
            over.set()
            renewing.join()
            # Lost, or out of reach: it runs out by itself.
            with suppress(RedisError):
                lock.release()


def _renew(lock: "Lock", lost: Event, over: Event) -> None:
    from redis.exceptions import LockError, RedisError

    missed = 0.0
    while not over.wait(_RENEW_SECONDS):
        try:
            lock.reacquire()
            missed = 0.0
        except LockError:
            lost.set()
            return
        except RedisError:
            missed += _RENEW_SECONDS
            if missed >= _KEPT_SECONDS:
                lost.set()
                return


def _check(lost: Event) -> None:
    if lost.is_set():
        raise CommandError("the lock of the move was lost, so another may have begun; run this again", exit_code=1)
