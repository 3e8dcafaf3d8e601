"""What publishers were told is accepted, and what must therefore be true at the end."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from shared.search.versions import rank_of

# Whatever is to end in the dead letters carries such a name in its body.
DOOMED: Final = re.compile(rb"(?:kills-its-worker|malformed|refused)-\d{6}")
KILLER: Final = re.compile(rb"kills-its-worker-\d{6}")
KILLER_LENGTH: Final = len("kills-its-worker-000000")


@dataclass
class Truth:
    """Filled while a round runs, by clients and faults at once.

    `newest` holds the highest rank (shared/search/versions.py) of each article; `counted` and `raw` the views of each.
    """

    newest: dict[str, int] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    raw: Counter[str] = field(default_factory=Counter)
    doomed: set[str] = field(default_factory=set)
    accepted: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    # Numbers of events, and the versions of articles that were used last.
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    versions: Counter[str] = field(default_factory=Counter)
    refused_requests: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    _visited_by_faithful_reader: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept_article(self, article_id: str, version: int, *, retracted: bool) -> None:
        with self._lock:
            self.accepted["article events"] += 1
            rank = rank_of(version, retracted=retracted)
            self.newest[article_id] = max(rank, self.newest.get(article_id, 0))

    def accept_view(self, article_id: str, *, counts: bool) -> None:
        with self._lock:
            self.accepted["views"] += 1
            self.raw[article_id] += 1
            self.counted[article_id] += counts

    def is_first_of_faithful_reader(self, article_id: str) -> bool:
        """One reader reads everything again and again; True the first time."""
        with self._lock:
            is_first = article_id not in self._visited_by_faithful_reader
            self._visited_by_faithful_reader.add(article_id)
            return is_first

    def doom(self, name: str) -> None:
        """An event that must end in the dead letters was accepted."""
        with self._lock:
            self.accepted["events that cannot be applied"] += 1
            self.doomed.add(name)

    def refuse(self, reason: str) -> None:
        with self._lock:
            self.refused_requests[reason] += 1

    def surprise(self, text: str) -> None:
        """Something that must never happen, whatever breaks."""
        with self._lock:
            self.surprises.append(text)
