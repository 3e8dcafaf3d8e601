"""Who sends a request: crawlers, addresses, and how much one address may send."""

import asyncio
from collections.abc import Mapping

import limits
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.ingest.bots import AgentJudge, AgentKind, is_prefetch
from services.ingest.client_address import client_address, subscriber
from services.ingest.metrics import IngestMetrics
from services.ingest.rate_limits import LocalRateLimiter, RedisRateLimiter
from tests.support.publishers_door import BROWSER


@pytest.fixture(scope="module")
def judge() -> AgentJudge:
    return AgentJudge()


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (BROWSER, AgentKind.BROWSER),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", AgentKind.BROWSER),
        ("UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.2; en-US) U2/1.0.0 UCBrowser/9.4.1", AgentKind.BROWSER),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", AgentKind.CRAWLER),
        ("facebookexternalhit/1.1", AgentKind.CRAWLER),
        ("GPTBot/1.1", AgentKind.CRAWLER),
        ("curl/8.5.0", AgentKind.PROGRAM),
        ("python-requests/2.32", AgentKind.PROGRAM),
        ("", AgentKind.PROGRAM),
    ],
)
def test_agents(judge: AgentJudge, agent: str, kind: AgentKind) -> None:
    assert judge.judge(agent) is kind


@given(agent=st.text(max_size=2_000))
def test_any_agent_is_judged(agent: str) -> None:
    assert AgentJudge(remembered_agents=1).judge(agent) in AgentKind


@pytest.mark.parametrize(
    ("headers", "prefetch"),
    [
        ({}, False),
        ({b"purpose": b"Prefetch"}, True),
        ({b"sec-purpose": b"prefetch;prerender"}, True),
        ({b"x-moz": b"prefetch"}, True),
        ({b"sec-purpose": b"preview"}, False),
    ],
)
def test_prefetches(headers: Mapping[bytes, bytes], prefetch: bool) -> None:
    assert is_prefetch(headers) is prefetch


def scope(*forwarded: str, peer: str | None = "192.0.2.1") -> dict[str, object]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": (peer, 1234) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, "192.0.2.1"),
        (["198.51.100.1"], 0, "192.0.2.1"),
        (["198.51.100.1"], 1, "198.51.100.1"),
        (["10.9.9.9, 198.51.100.1"], 1, "198.51.100.1"),
        (["10.9.9.9, 198.51.100.1, 10.0.0.1"], 2, "198.51.100.1"),
        (["198.51.100.1", "10.0.0.1"], 2, "198.51.100.1"),
        (["198.51.100.1"], 2, "192.0.2.1"),
        (["unknown"], 1, "192.0.2.1"),
        (["2001:db8::1"], 1, "2001:db8::1"),
        ([""], 1, "192.0.2.1"),
    ],
)
def test_the_clients_address(forwarded: list[str], proxies: int, address: str) -> None:
    assert client_address(scope(*forwarded), trusted_proxies=proxies) == address


def test_a_socket_without_an_address() -> None:
    assert client_address(scope(peer=None), trusted_proxies=0) == ""


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
        ("", ""),
    ],
)
def test_a_subscriber(address: str, stands_for: str) -> None:
    assert subscriber(address) == stands_for


class TestLocalRate:
    def test_the_amount_and_the_wait(self) -> None:
        now = 0.0
        limiter = LocalRateLimiter(monotonic=lambda: now)

        def wait(address: str, views: int) -> int:
            return asyncio.run(limiter.seconds_to_wait(address, views, limits.parse("10/minute")))

        assert wait("a", 9) == 0
        now = 20.0
        assert wait("a", 2) == 40
        assert wait("a", 1) == 0
        assert wait("b", 10) == 0
        now = 59.5
        assert wait("a", 1) == 1
        now = 60.0
        assert wait("a", 10) == 0
        assert wait("a", 1) == 60

    def test_addresses_are_forgotten(self) -> None:
        now = 0.0
        limiter = LocalRateLimiter(monotonic=lambda: now)

        async def run() -> None:
            nonlocal now
            for number in range(10_000):
                now = number / 100
                await limiter.seconds_to_wait(str(number), 1, limits.parse("10/second"))

        asyncio.run(run())
        # Two windows of a hundred addresses each, of ten thousand that came by.
        assert len(limiter._ends) <= 200
        assert limiter._ends.keys() == limiter._counts.keys()


class TestSharedRate:
    def test_without_its_store_it_lets_views_through_and_says_so(self) -> None:
        registry = CollectorRegistry()

        async def run() -> list[int]:
            limiter = RedisRateLimiter("redis://127.0.0.1:1/0", IngestMetrics(registry))
            waits = [await limiter.seconds_to_wait("a", 5, limits.parse("1/minute")) for _ in range(3)]
            await limiter.close()
            return waits

        assert asyncio.run(run()) == [0, 0, 0]
        assert registry.get_sample_value("khobor_ingest_rate_limiter_failures_total") == 3

    @pytest.mark.integration
    @pytest.mark.parametrize(
        "server",
        ["valkey", pytest.param("valkey_cluster", marks=[pytest.mark.integration, pytest.mark.long])],
    )
    def test_several_processes_count_together(self, server: str, request: pytest.FixtureRequest) -> None:
        url: str = request.getfixturevalue(server).url
        rate = limits.parse("10/minute")

        async def run() -> list[int]:
            one, other = (RedisRateLimiter(url, IngestMetrics(CollectorRegistry())) for _ in range(2))
            waits = [
                await one.seconds_to_wait("a", 6, rate),
                await other.seconds_to_wait("a", 4, rate),
                await one.seconds_to_wait("a", 1, rate),
            ]
            await one.close()
            await other.close()
            return waits

        first, second, third = asyncio.run(run())
        assert (first, second) == (0, 0)
        assert 1 <= third <= 60
