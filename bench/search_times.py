"""How long searches take: over HTTP through `/v1/search`, and the engine's own call for the same query."""

import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import quote

import orjson

from bench.engines import ELASTICSEARCH, EMBEDDED, Engine
from bench.figures import Goal, goals_table, median, median_ratio, number, percentile, table
from bench.http_exchange import HttpExchange, get
from bench.http_load import run_load
from shared.events import Article
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.model import SearchRequest
from shared.search.opening import open_reader
from shared.search.query_language import parse_query
from shared.views.days import utc_now

_CLIENTS: Final = 8
# Nothing that the query language reads as more than a word.
_WORD: Final = re.compile(r"[\u0980-\u09ff]{3,}")
_WORDS: Final = (1, 2, 3)

Call = Callable[[str], object]


@dataclass(slots=True)
class Times:
    """Of each round: the median in seconds of the engine's own call and of HTTP, and searches a second."""

    engine: list[float] = field(default_factory=list)
    http: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


def queries_for(articles: Sequence[Article], count: int) -> list[str]:
    """One to three words of titles each, all different."""
    source = random.Random(5)
    found: dict[str, None] = {}
    for _ in range(50 * count):
        if len(found) == count:
            break
        words = _WORD.findall(source.choice(articles).title)
        if words:
            found[" ".join(source.sample(words, min(len(words), source.choice(_WORDS))))] = None
    return list(found)


def measure(engines: Sequence[Engine], queries: Sequence[str], *, rounds: int, seconds: float) -> dict[str, Times]:
    """Every round has queries of its own, so that nothing is answered from what an earlier one left behind."""
    times = {engine.name: Times() for engine in engines}
    size = len(queries) // (rounds + 1)
    for engine in engines:
        with engine.api() as api, _own_call(engine, queries) as call:
            api.wait_until_ready()
            with HttpExchange(api.port) as exchange:

                def search(query: str, exchange: HttpExchange = exchange) -> object:
                    return exchange(_request(query))

                its = times[engine.name]
                _each(queries[:size], call, search)
                for round_ in range(1, rounds + 1):
                    asked = queries[round_ * size : (round_ + 1) * size]
                    own, http = _each(asked, call, search)
                    its.engine.append(median(own))
                    its.http.append(median(http))
                    its.p95.append(percentile(sorted(http), 0.95))
                    print(f"{engine.name}: {its.engine[-1] * 1e3:.2f} / {its.http[-1] * 1e3:.2f} ms", file=sys.stderr)
            requests = [_request(query) for query in queries]

            def in_turn(turn: int, requests: list[bytes] = requests) -> bytes:
                return requests[turn % len(requests)]

            for _ in range(rounds):
                load = run_load(api.port, in_turn, connections=_CLIENTS, seconds=seconds)
                its.rate.append(load.rate)
    return times


def _timed(call: Call, query: str) -> float:
    started = time.perf_counter()
    call(query)
    return time.perf_counter() - started


def _each(queries: Sequence[str], call: Call, search: Call) -> tuple[list[float], list[float]]:
    """Every query both ways, now one first and now the other."""
    own, http = [], []
    for position, query in enumerate(queries):
        if position % 2:
            own.append(_timed(call, query))
            http.append(_timed(search, query))
        else:
            http.append(_timed(search, query))
            own.append(_timed(call, query))
    return own, http


@contextmanager
def _own_call(engine: Engine, queries: Iterable[str]) -> Iterator[Call]:
    """For the embedded engine its Python call; for Elasticsearch nothing but the requests that our adapter makes."""
    [port] = [url.port for url in engine.settings.elasticsearch_url or ()] or [None]
    if port is None:
        reader = open_reader(engine.settings)
        yield lambda query: reader.search(_search(query))
        return
    with HttpExchange(port) as exchange:
        recorded = _record(engine, queries)
        yield lambda query: [orjson.loads(exchange(request)) for request in recorded[query]]


def _record(engine: Engine, queries: Iterable[str]) -> dict[str, list[bytes]]:
    """The requests by query, as bytes to be sent again."""
    requests: list[bytes] = []
    with open_client(engine.settings) as client:
        transport = client.transport
        perform = transport.perform_request

        def record(method: str, target: str, *, body: Any = None, **options: Any) -> Any:
            requests.append(_json_request(method, target, orjson.dumps(body)))
            return perform(method, target, body=body, **options)

        reader = ElasticsearchArticleReader(client, engine.settings)
        recorded = {}
        with patch.object(transport, "perform_request", record):
            for query in queries:
                reader.search(_search(query))
                recorded[query], requests[:] = list(requests), []
    return recorded


def _json_request(method: str, target: str, body: bytes) -> bytes:
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _request(query: str) -> bytes:
    return get(f"/v1/search?q={quote(query)}")


def _search(query: str) -> SearchRequest:
    now = utc_now()
    return SearchRequest(query=parse_query(query, now=now), now=now)


def report(times: dict[str, Times]) -> str:
    embedded, elasticsearch = times[EMBEDDED], times[ELASTICSEARCH]
    goals = [
        Goal(
            f"{name}: p50 over HTTP, times the engine's own call",
            median_ratio(its.http, its.engine),
            1.5,
            at_least=False,
        )
        for name, its in times.items()
    ]
    goals += [
        Goal(
            "p50 over HTTP, embedded, times Elasticsearch",
            median_ratio(embedded.http, elasticsearch.http),
            1,
            at_least=False,
        )
    ]
    rows = [
        (
            name,
            number(median_ratio(its.http, its.engine)),
            number(median(its.engine) * 1e3),
            number(median(its.http) * 1e3),
            number(median(its.p95) * 1e3),
            number(median(its.rate)),
        )
        for name, its in times.items()
    ]
    head = ("engine", "HTTP × engine", "engine p50 ms", "HTTP p50 ms", "HTTP p95 ms", f"searches/s, {_CLIENTS} clients")
    return f"{goals_table(goals)}\n\n{table(head, rows)}"
