"""Who sends a request, as far as views and limits go. Addresses stay in memory; nothing here is stored or logged."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from services.ingest.bots import AgentJudge, AgentKind, is_prefetch
from services.ingest.client_address import client_address, subscriber
from services.ingest.view_records import Visitor
from shared.views.viewer_hash import anonymous_viewer

# Parsing an address takes 10 µs, and the same readers come back.
_REMEMBERED: Final = 20_000


class Visitors:
    def __init__(self, judge: AgentJudge, *, trusted_proxies: int) -> None:
        self._judge = judge
        self._trusted_proxies = trusted_proxies
        self._visitor = lru_cache(_REMEMBERED)(self._make)
        self._subscriber = lru_cache(_REMEMBERED)(subscriber)

    def address(self, scope: Scope) -> str:
        return client_address(scope, trusted_proxies=self._trusted_proxies)

    def subscriber(self, address: str) -> str:
        """Whom a rate limit applies to."""
        return self._subscriber(address)

    def visitor(self, address: str, headers: Mapping[bytes, bytes], *, vouched: bool) -> Visitor:
        return self._visitor(address, headers.get(b"user-agent", b""), is_prefetch(headers), vouched)

    def _make(self, address: str, user_agent: bytes, prefetch: bool, vouched: bool) -> Visitor:
        agent = user_agent.decode("latin-1")
        return Visitor(
            anonymous=anonymous_viewer(address, agent),
            agent=AgentKind.PROGRAM if vouched else self._judge.judge(agent),
            prefetch=prefetch,
            vouched=vouched,
        )
