"""What benches say: medians of rounds, goals that are reached or not, and their part of docs/performance.md."""

import os
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import ROOT

PAGE: Final = ROOT / "docs/performance.md"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be reached; `at_least` False: that must not be exceeded."""

    what: str
    value: float
    goal: float
    unit: str = "×"
    at_least: bool = True

    @property
    def is_reached(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def row(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        return (
            self.what,
            f"{number(self.value)} {self.unit}",
            f"{sign} {self.goal:g} {self.unit}",
            "yes" if self.is_reached else "**no**",
        )


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def median_ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """Of the ratios of each round: both sides of a round met the machine in about the same state."""
    return statistics.median(one / other for one, other in zip(ones, others, strict=True))


def percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed (nearest rank)."""
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)]


def number(value: float) -> str:
    """Three digits that say something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def load_of_the_machine() -> str:
    """A sentence for the reader; ask before the bench begins, because it loads the machine itself."""
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return f"Before this run the load average was {load:.1f} on {cores} cores."


def goals_table(goals: Sequence[Goal]) -> str:
    return table(("figure", "measured", "goal", "reached"), [goal.row() for goal in goals])


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a bench's part between its marks in the page; what the other benches wrote stays."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = page.read_text(encoding="utf-8")
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not place.search(old):
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(place.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", old), encoding="utf-8")
