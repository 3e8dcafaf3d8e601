"""Locks between processes that a crash cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Held by whoever writes words or switches the current word index to another folder.
WRITE_LOCK: Final = "write.lock"
# Held by whoever builds a new word index beside the current one.
BUILD_LOCK: Final = "build.lock"


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Whether the lock was free; it is held until the end of the block. The kernel frees it with its process."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
