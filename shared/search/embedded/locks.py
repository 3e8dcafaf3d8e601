"""Locks between processes that a crash cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

# Held by whoever writes words or switches the current word index to another folder.
WRITE_LOCK: Final = "write.lock"
# Held by whoever builds a new word index beside the current one.
BUILD_LOCK: Final = "build.lock"


class HeldLock:
    """A lock that this process holds until it releases it; the kernel does when the process ends."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self) -> None:
        self._file.close()


def take_lock(path: Path) -> HeldLock | None:
    """The lock, or None when somebody else holds it, another thread of this process included."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return HeldLock(file)


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Whether the lock was free; it is held until the end of the block."""
    lock = take_lock(path)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Whoever holds the lock for long can see that somebody waits for it."""
    with path.open("a") as file:
        with _waiting_room(path).open("a") as room:
            fcntl.flock(room, fcntl.LOCK_EX)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_waited_for(path: Path) -> bool:
    """Whether somebody is in `wait_for_lock`."""
    with try_lock(_waiting_room(path)) as is_empty:
        return not is_empty


def _waiting_room(path: Path) -> Path:
    """The file of a second lock, which is held while the first is waited for."""
    return path.with_suffix(".waiting")
