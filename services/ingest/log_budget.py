"""So many log lines a second, and no more: at a door's full rate, writing them would take a third of its time."""

import time
from collections.abc import Callable


class LogBudget:
    """Ask `spend` before a line is made; what was passed over is told with the next line."""

    def __init__(self, *, lines_per_second: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._allowance = lines_per_second
        self._monotonic = monotonic
        self._second = 0
        self._spent = 0
        self._passed_over = 0

    def spend(self) -> int | None:
        """None when there shall be no line; else how many were passed over since the last one."""
        second = int(self._monotonic())
        if second != self._second:
            self._second = second
            self._spent = 0
        if self._spent >= self._allowance:
            self._passed_over += 1
            return None
        self._spent += 1
        passed_over, self._passed_over = self._passed_over, 0
        return passed_over
