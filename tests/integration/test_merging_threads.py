"""Merging threads take what the other threads of a worker leave."""

import os
import sys
from pathlib import Path

import pytest

from shared.search.embedded.merging_threads import make_merging_threads_nice
from shared.search.embedded.words import SMALL_HEAP_BYTES, create_index
from tests.support.local_stack import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has priorities for threads"),
]


def priorities() -> dict[str, set[int]]:
    """Of each name of a thread in this process."""
    found: dict[str, set[int]] = {}
    for task in Path("/proc/self/task").iterdir():
        name = (task / "comm").read_text().strip().rstrip("0123456789")
        found.setdefault(name, set()).add(os.getpriority(os.PRIO_PROCESS, int(task.name)))
    return found


def test_only_merging_threads_are_nice(tmp_path: Path) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    writer = create_index(tmp_path / "words").writer(SMALL_HEAP_BYTES, 1)
    eventually(lambda: "merge_thread_" in priorities(), bool, seconds=10)
    make_merging_threads_nice()
    # Were tantivy to name them in another way, there would be none.
    [merging] = priorities().pop("merge_thread_")
    assert merging > usual
    others = {priority for name, its in priorities().items() if name != "merge_thread_" for priority in its}
    assert others == {usual}
    writer.wait_merging_threads()
