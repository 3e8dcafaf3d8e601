"""Wall clocks that jump: a small library, preloaded into a process, moves its clock by what a file says."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SOURCE: Final = Path(__file__).with_name("shifted_clock.c")


class ShiftedClock:
    """The clock of one process; start the process with `environment`."""

    def __init__(self, library: Path, file: Path) -> None:
        self._file = file
        self._library = library
        self.shift(0)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self._library), "KHOBOR_CHAOS_CLOCK": str(self._file)}

    def shift(self, seconds: float) -> None:
        """Put it so far from the machine's clock, at once."""
        # In place: the process has this file mapped.
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=d", seconds))


def build_library(folder: Path) -> Path | None:
    """Compile it; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    library = folder / "shifted_clock.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl", "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return library
