"""A file that a live process touches: whoever can read it knows that the process turns, broker or no broker."""

import time
from pathlib import Path


def touch_heartbeat(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def heartbeat_age(file: Path) -> float | None:
    """Seconds since the last beat; None when there never was one."""
    try:
        return max(time.time() - file.stat().st_mtime, 0.0)
    except FileNotFoundError:
        return None
