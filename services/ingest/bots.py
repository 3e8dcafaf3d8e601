"""Which requests do not stand for a reader: crawlers, tools, and pages fetched ahead of time."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

# Longer ones are made up; the patterns look for names that stand at the front.
_LONGEST_AGENT: Final = 512
_PREFETCH_HEADERS: Final = (b"sec-purpose", b"purpose", b"x-moz", b"x-purpose")


class BotDetector:
    """Knows crawlers by the patterns of crawler-user-agents.

    Matching takes about 0.5 ms, so that the answers for the agents seen last are kept.
    """

    def __init__(self, *, remembered_agents: int = 20_000) -> None:
        pattern = re.compile("|".join(str(crawler["pattern"]) for crawler in CRAWLER_USER_AGENTS_DATA))
        self._is_bot = lru_cache(remembered_agents)(lambda agent: pattern.search(agent) is not None)

    def is_bot(self, agent: str) -> bool:
        """True for a known crawler or tool, and for whoever does not say what it is."""
        return not agent or self._is_bot(agent[:_LONGEST_AGENT])


def is_prefetch(headers: Mapping[bytes, bytes]) -> bool:
    """True when a browser loads or renders a page that nobody looks at yet. Header names are in lower case."""
    for name in _PREFETCH_HEADERS:
        purpose = headers.get(name)
        if purpose is not None and (b"prefetch" in purpose.lower() or b"prerender" in purpose.lower()):
            return True
    return False
