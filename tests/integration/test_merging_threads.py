"""Merging threads take what the other threads of a worker leave."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from shared.search.embedded.merging_threads import make_merging_threads_nice
from shared.search.embedded.words import SMALL_HEAP_BYTES, create_index
from tests.support.local_stack import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has priorities for threads"),
]

# That tantivy starts with a writer.
MERGING_THREADS = 4


def threads(*, merging: bool) -> dict[str, int]:
    """The priorities of this process's threads that tantivy merges with, or of all others."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        # A thread of an earlier test may end at any moment.
        with suppress(OSError):
            # Were tantivy to name them in another way, there would be none.
            if (task / "comm").read_text().startswith("merge_thread_") == merging:
                found[task.name] = os.getpriority(os.PRIO_PROCESS, int(task.name))
    return found


def test_only_merging_threads_are_nice(tmp_path: Path) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    before = threads(merging=True)
    writer = create_index(tmp_path / "words").writer(SMALL_HEAP_BYTES, 1)
    # Each gets its name a moment after it has begun.
    eventually(
        lambda: threads(merging=True).keys() - before.keys(), lambda new: len(new) == MERGING_THREADS, seconds=10
    )
    make_merging_threads_nice()
    [merging] = set(threads(merging=True).values())
    assert merging > usual
    assert set(threads(merging=False).values()) == {usual}
    writer.wait_merging_threads()
