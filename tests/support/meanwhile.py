"""What goes on all the time while a test does something else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def meanwhile(step: Callable[[], None], *, every: float) -> Iterator[None]:
    """Do `step` in a thread of its own, with `every` seconds between, until the block is left."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every):
            step()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
