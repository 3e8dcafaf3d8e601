"""Let tantivy merge segments in the time that nothing else needs."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_TASKS: Final = Path("/proc/self/task")
# As tantivy names them.
_NAME: Final = "merge_thread_"
# Weighs a tenth of a usual thread where both want the same core; idle cores are still used whole.
_NICENESS: Final = 10


def make_merging_threads_nice() -> None:
    """Lower the priority of the merging threads of this process, as Lucene once did with its own.

    tantivy has no merge policy to set from Python. Its own merges all segments below 10,000 articles again and again:
    at 50 articles a second that takes most of a core, and without this, from what makes articles searchable. Does
    nothing where the system has no priorities for threads.
    """
    if not _TASKS.is_dir():
        return
    for task in _TASKS.iterdir():
        # A thread may end at any moment.
        with suppress(OSError):
            if (task / "comm").read_text().startswith(_NAME):
                os.setpriority(os.PRIO_PROCESS, int(task.name), _NICENESS)
