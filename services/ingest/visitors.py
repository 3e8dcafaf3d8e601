"""Who sends a request, as far as views and limits go. Addresses stay in memory; nothing here is stored or logged."""

from collections.abc import Mapping
from functools import lru_cache

from starlette.types import Scope

from services.ingest.bots import AgentJudge, AgentKind, is_prefetch
from services.ingest.client_address import client_address, subscriber
from services.ingest.view_records import Visitor
from shared.views.viewer_hash import anonymous_viewer

# Parsing an address takes 10 µs, and the same readers come back.
_REMEMBERED = 20_000


class Visitors:
    def __init__(self, judge: AgentJudge, *, trusted_proxies: int) -> None:
        self._judge = judge
        self._trusted_proxies = trusted_proxies
        self._anonymous = lru_cache(_REMEMBERED)(anonymous_viewer)
        self._subscriber = lru_cache(_REMEMBERED)(subscriber)

    def subscriber(self, scope: Scope) -> str:
        """Whom a rate limit applies to."""
        return self._subscriber(client_address(scope, trusted_proxies=self._trusted_proxies))

    def visitor(self, scope: Scope, headers: Mapping[bytes, bytes], *, vouched: bool) -> Visitor:
        agent = headers.get(b"user-agent", b"").decode("latin-1")
        address = client_address(scope, trusted_proxies=self._trusted_proxies)
        return Visitor(
            anonymous=self._anonymous(address, agent),
            agent=AgentKind.PROGRAM if vouched else self._judge.judge(agent),
            prefetch=is_prefetch(headers),
            vouched=vouched,
        )
