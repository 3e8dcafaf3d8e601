"""`python -m bench.ingest`: how many events the publishers' door accepts, beside the usual stack, in one run.

Every door has one process on one core; the client and Redis (append-only file synced before each answer, for both
sides) share another core. The sides take turns, round after round.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

import orjson

from bench.articles import generated_articles
from bench.figures import Goal, goals_table, load_of_the_machine, median, median_ratio, number, table, write_section
from bench.http_load import LoadResult, MakeRequest, post, run_load
from bench.processes import MEASURED_CORE, OTHER_CORE, PythonProcess, cpu_seconds, pin
from tests.support.ingest_process import IngestProcess, publisher_headers
from tests.support.valkey import ValkeyServer

_CONNECTIONS: Final = 128
# Of posts of a hundred events. With 16 the door was idle for a quarter of the time: all of them waited for the journal.
_BATCH_CONNECTIONS: Final = 32
_BATCH: Final = 100
# Rewriting the file while one side is measured would be unfair to that side.
_VALKEY_OPTIONS: Final = ("--auto-aof-rewrite-percentage", "0")
_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True, slots=True)
class Side:
    """One way to send events, and the door that takes them."""

    name: str
    port: int
    pid: int
    make_request: MakeRequest
    events: int = 1
    connections: int = _CONNECTIONS


@dataclass(slots=True)
class Rounds:
    """What was measured of one side; `cpu` is the door's processor time per request in seconds."""

    loads: list[LoadResult] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def events(self, side: Side) -> list[float]:
        return [load.rate * side.events for load in self.loads]

    def p99(self) -> float:
        return median([load.latency(0.99) for load in self.loads])


EMPTY: Final = "empty FastAPI route"
VALIDATED: Final = "FastAPI route that validates a view and does nothing"
NAIVE: Final = "usual stack: FastAPI, pydantic, `apply_async`"
VIEW: Final = "a view, `POST /v1/views`"
VIEWS: Final = "100 views, `POST /v1/views`"
EVENT: Final = "a view as CloudEvent, `POST /v1/events`"
EVENTS: Final = "100 views as CloudEvents, `POST /v1/events`"
ARTICLE: Final = "an article as CloudEvent, `POST /v1/events`"
PUT: Final = "an article, `PUT /v1/articles/{id}` (FastAPI)"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each side in each round")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    load = load_of_the_machine()
    with open_sides() as sides:
        rounds = measure(sides, rounds=options.rounds, seconds=options.seconds)
    text = f"{load}\n\n{report(sides, rounds)}"
    print(text)
    if options.write:
        write_section("ingest", text)
    return 0


@contextmanager
def open_sides() -> Iterator[list[Side]]:
    """All doors, running."""
    with ExitStack() as stack:
        journal = stack.enter_context(ValkeyServer(*_VALKEY_OPTIONS))
        naive_redis = stack.enter_context(ValkeyServer(*_VALKEY_OPTIONS))
        for server in (journal, naive_redis):
            pin(server.pid, OTHER_CORE)
        naive = stack.enter_context(_uvicorn("bench.naive.app:app", NAIVE_BROKER_URL=naive_redis.url))
        empty = stack.enter_context(_uvicorn("bench.naive.empty:app"))
        door = stack.enter_context(
            IngestProcess(
                journal.url,
                partitions="8",
                views_rate="1000000000/minute",
                # Nobody drains meanwhile.
                high_water_views="100000000",
                high_water_articles="100000000",
                high_water_memory="100GB",
            )
        )
        pin(door.pid, MEASURED_CORE)
        for process in (naive, empty):
            process.wait_until_ready()
        key = publisher_headers(journal)
        one = '{"article_id":"news-%012d","event_id":"%012d","viewer":"reader-%012d"}'
        json = {"Content-Type": "application/json", "User-Agent": _BROWSER}
        cloud = {"Content-Type": "application/cloudevents+json", **key}
        clouds = {"Content-Type": "application/cloudevents-batch+json", **key}
        yield [
            Side(EMPTY, empty.port, empty.pid, post("/empty", json, one)),
            Side(VALIDATED, empty.port, empty.pid, post("/validated", json, one)),
            Side(NAIVE, naive.port, naive.pid, post("/views", json, one)),
            Side(VIEW, door.port, door.pid, post("/v1/views", json, one)),
            Side(VIEWS, door.port, door.pid, _batch("/v1/views", json, _view), _BATCH, _BATCH_CONNECTIONS),
            Side(EVENT, door.port, door.pid, post("/v1/events", cloud, _viewed("%012d"))),
            Side(EVENTS, door.port, door.pid, _batch("/v1/events", clouds, _viewed), _BATCH, _BATCH_CONNECTIONS),
            Side(ARTICLE, door.port, door.pid, post("/v1/events", cloud, _published())),
            Side(
                PUT,
                door.port,
                door.pid,
                post("/v1/articles/news-%012d", {**json, **key}, orjson.dumps(_article()).decode(), method="PUT"),
            ),
        ]


def measure(sides: Sequence[Side], *, rounds: int, seconds: float, warm_up: float = 0.5) -> dict[str, Rounds]:
    measured: dict[str, Rounds] = defaultdict(Rounds)
    numbers = 0
    for _ in range(rounds):
        for side in sides:
            before = cpu_seconds(side.pid)
            load = run_load(
                side.port,
                side.make_request,
                connections=side.connections,
                seconds=seconds,
                first=numbers,
                warm_up=warm_up,
            )
            numbers += 10_000_000
            measured[side.name].loads.append(load)
            measured[side.name].cpu.append((cpu_seconds(side.pid) - before) / load.sent)
            print(f"{side.name}: {load.rate * side.events:,.0f} events/s", file=sys.stderr)
    return measured


def report(sides: Sequence[Side], rounds: dict[str, Rounds]) -> str:
    rates = {side.name: rounds[side.name].events(side) for side in sides}

    def ratio(one: str, other: str) -> float:
        return median_ratio(rates[one], rates[other])

    def cheaper(side: Side, other: str) -> float:
        """How many times as much of the processor the other door takes for an event."""
        return median_ratio(rounds[other].cpu, [cpu / side.events for cpu in rounds[side.name].cpu])

    goals = [
        Goal("a view, times the usual stack", ratio(VIEW, NAIVE), 12),
        Goal("a view, times an empty FastAPI route", ratio(VIEW, EMPTY), 1.5),
        Goal("a view as CloudEvent, times the usual stack", ratio(EVENT, NAIVE), 12),
        Goal("a view as CloudEvent, times an empty FastAPI route", ratio(EVENT, EMPTY), 0.8),
        Goal("100 views in a request, times the usual stack", ratio(VIEWS, NAIVE), 60),
        Goal("p99 of a view", rounds[VIEW].p99() * 1000, 50, "ms", at_least=False),
        Goal("p99 of a view as CloudEvent", rounds[EVENT].p99() * 1000, 50, "ms", at_least=False),
    ]
    rows = []
    for side in sides:
        its = rounds[side.name]
        rows.append(
            (
                side.name,
                f"{ratio(side.name, NAIVE):.3g}",
                f"{cheaper(side, NAIVE):.3g}",
                f"{ratio(side.name, EMPTY):.3g}",
                f"{cheaper(side, EMPTY):.3g}",
                number(median(its.cpu) / side.events * 1e6),
                number(median(rates[side.name])),
                number(median([load.latency(0.5) for load in its.loads]) * 1000),
                number(its.p99() * 1000),
                f"{median([load.client_cpu for load in its.loads]):.0%}",
            )
        )
    head = (
        "door",
        "× usual",
        "by CPU",
        "× empty",
        "by CPU",
        "µs CPU/event",
        "events/s",
        "p50 ms",
        "p99 ms",
        "client busy",
    )
    return f"{goals_table(goals)}\n\n{table(head, rows)}"


def _uvicorn(app: str, **environment: str) -> PythonProcess:
    return PythonProcess(
        ["uvicorn", app, "--port", "{port}", "--no-access-log", "--log-level", "warning"],
        core=MEASURED_CORE,
        environment=environment,
        ready="/openapi.json",
    )


def _batch(path: str, headers: dict[str, str], item: Callable[[str], str]) -> MakeRequest:
    items = ",".join(item(f"%012d-{position}") for position in range(_BATCH))
    return post(path, headers, f"[{items}]")


def _view(event_id: str) -> str:
    return f'{{"article_id":"news-{event_id}","event_id":"{event_id}","viewer":"reader-{event_id}"}}'


def _viewed(event_id: str) -> str:
    return (
        f'{{"specversion":"1.0","id":"{event_id}","source":"https://news.example/readers",'
        f'"type":"khobor.article.viewed.v1","subject":"news-{event_id}","data":{{"viewer":"reader-{event_id}"}}}}'
    )


def _published() -> str:
    data = _article() | {"id": "news-%012d"}
    event = {
        "specversion": "1.0",
        "id": "%012d",
        "source": "https://news.example/desk",
        "type": "khobor.article.published.v1",
        "subject": "news-%012d",
        "data": data,
    }
    return orjson.dumps(event).decode()


def _article() -> dict[str, object]:
    """Of the length of a news article; the same words each time."""
    [article] = generated_articles(1)
    return article.model_dump(mode="json", exclude_none=True, include={"version", "title", "body", "published_at"})


if __name__ == "__main__":
    sys.exit(main())
