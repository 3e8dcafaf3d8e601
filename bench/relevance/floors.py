"""The committed floors: figures below which a change must not take the product."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

from bench.relevance.judging import Verdict
from bench.relevance.metrics import MEASURES

Floors = Mapping[str, Mapping[str, float]]
"""Set key -> measure -> least mean."""

_FILE: Final = "floors.json"


def read_floors() -> Floors:
    floors: Floors = json.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    return floors


def shortfalls(verdicts: Iterable[Verdict], floors: Floors) -> list[str]:
    """One line for each figure of the product that lies below its floor."""
    found = []
    for verdict in verdicts:
        for name, least in floors.get(verdict.judged.key, {}).items():
            reached = verdict.mean(MEASURES.index(name))
            if reached < least:
                found.append(f"{verdict.judged.title}: {name} {reached:.4f} is below {least:.4f}")
    return found
