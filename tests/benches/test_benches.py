"""The benches run from end to end, for a moment each: their figures mean nothing here, that they work does."""

from dataclasses import replace

import pytest

from bench import drain, footprint, freshness, indexing, ingest, search_times
from bench.articles import generated_articles
from bench.engines import open_engines
from tests.support.elasticsearch_server import ElasticsearchServer

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.usefixtures("valkey_server")]


def test_every_door_of_the_ingest_bench_accepts() -> None:
    with ingest.open_sides() as opened:
        sides = [replace(side, connections=2) for side in opened]
        rounds = ingest.measure(sides, rounds=1, seconds=0.1, warm_up=0)

    assert all(rounds[side.name].loads[0].requests > 0 for side in sides)
    assert "a view, times the usual stack" in ingest.report(sides, rounds)


def test_both_workers_of_the_drain_bench_count_every_view_once() -> None:
    with drain.open_sides(views=200) as sides:
        # Raises when a view is missing or counted twice.
        spent = drain.measure(sides, rounds=1)

    assert "times a task for each" in drain.report(spent)


def test_the_indexing_bench_brings_all_articles_on_both_ways(elasticsearch_server: ElasticsearchServer) -> None:
    # Raises when an article is missing at the end of a way.
    spent = indexing.measure(
        elasticsearch_server.url, None, generated_articles(20), 1, sides=(indexing.BULK, indexing.WITHOUT)
    )

    assert all(spent[side].clock[0] > 0 for side in (indexing.BULK, indexing.WITHOUT))


def test_both_engines_are_searched_watched_and_weighed(elasticsearch_server: ElasticsearchServer) -> None:
    articles = generated_articles(60)
    with open_engines(articles, elasticsearch_server.url) as engines:
        queries = search_times.queries_for(articles, 8)
        needs = footprint.report(engines[:1], len(articles), queries)
        times = search_times.measure(engines, queries, rounds=1, seconds=0.1)
        # Raises when an article is never found.
        found = {engine.name: freshness.measure(engine, articles[:5], per_second=20) for engine in engines[1:]}

    assert "embedded" in needs
    assert "p50 over HTTP" in search_times.report(times)
    assert "p99 from publication" in freshness.report(found, per_second=20)
