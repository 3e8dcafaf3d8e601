"""Our own judged queries, asked of the product's engines; every kind of query has its floor."""

import pytest

from bench.relevance.floors import read_floors, shortfalls
from bench.relevance.judging import Verdict, judge
from bench.relevance.own_set import own_sets
from bench.relevance.product import ElasticsearchProduct, EmbeddedProduct
from tests.support.elasticsearch_server import ElasticsearchServer

KINDS = [judged.key for judged in own_sets()]

Verdicts = dict[str, Verdict]
"""By the key of their set."""


@pytest.fixture(scope="module")
def embedded() -> Verdicts:
    return {verdict.judged.key: verdict for (verdict,) in judge(own_sets(), [EmbeddedProduct])}


@pytest.fixture(scope="module")
def elasticsearch(elasticsearch_server: ElasticsearchServer) -> Verdicts:
    url = elasticsearch_server.url
    return {verdict.judged.key: verdict for (verdict,) in judge(own_sets(), [lambda: ElasticsearchProduct(url)])}


def test_there_is_enough_to_judge() -> None:
    sets = own_sets()

    assert len(sets[0].collection.articles) >= 150
    assert sum(len(judged.questions) for judged in sets) >= 120


def test_every_grade_is_of_an_article_that_exists() -> None:
    ids = {article.id for article in own_sets()[0].collection.articles}

    assert {name for judged in own_sets() for asked in judged.questions for name in asked.grades} <= ids


def test_every_kind_has_a_floor() -> None:
    assert set(KINDS) <= set(read_floors())


@pytest.mark.parametrize("kind", KINDS)
def test_embedded_keeps_the_floor(embedded: Verdicts, kind: str) -> None:
    assert shortfalls([embedded[kind]], read_floors()) == []


def test_a_figure_below_its_floor_is_named(embedded: Verdicts) -> None:
    (line,) = shortfalls([embedded["own-words"]], {"own-words": {"nDCG@10": 1.01}})

    assert "nDCG@10" in line
    assert "1.0100" in line


@pytest.mark.integration
@pytest.mark.parametrize("kind", KINDS)
def test_elasticsearch_keeps_the_floor(elasticsearch: Verdicts, kind: str) -> None:
    assert shortfalls([elasticsearch[kind]], read_floors()) == []


@pytest.mark.integration
def test_both_engines_find_the_same(embedded: Verdicts, elasticsearch: Verdicts) -> None:
    # Ties may fall either way, so a kind may differ a little.
    differences = {kind: abs(embedded[kind].mean(0) - elasticsearch[kind].mean(0)) for kind in KINDS}

    assert max(differences.values()) <= 0.02, differences
