"""A name that is published now can be typed in Latin letters soon, on every engine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.vocabulary import LOOK_SECONDS
from tests.support.articles import Engine, article
from tests.support.elasticsearch_engine import delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer

pytestmark = pytest.mark.integration


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def embedded(request: pytest.FixtureRequest, stack: ExitStack, clock: Clock) -> Engine:
    folder: Path = request.getfixturevalue("tmp_path")
    writer = stack.enter_context(closing(EmbeddedArticleWriter(folder)))
    return Engine(writer, stack.enter_context(closing(EmbeddedArticleReader(folder, clock=clock))))


def elasticsearch(request: pytest.FixtureRequest, stack: ExitStack, clock: Clock) -> Engine:
    server: ElasticsearchServer = request.getfixturevalue("elasticsearch_server")
    prefix: str = request.getfixturevalue("index_prefix")
    # Words are counted, and articles numbered, in each shard by itself.
    settings = elasticsearch_settings(server.url, prefix, index_shards=2)
    client = open_client(settings)
    writer = ElasticsearchArticleWriter(client, settings)
    writer.make_searchable()
    stack.callback(delete_indices, server.url, prefix)
    return Engine(writer, stack.enter_context(closing(ElasticsearchArticleReader(client, settings, clock=clock))))


@pytest.fixture(params=[embedded, elasticsearch], ids=["embedded", "elasticsearch"])
def engine(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Engine]:
    opened: Callable[[pytest.FixtureRequest, ExitStack, Clock], Engine] = request.param
    with ExitStack() as stack:
        yield opened(request, stack, clock)


def learn(engine: Engine, clock: Clock) -> None:
    """Have a search see that it is time, and whatever is due be learnt."""
    clock.seconds += LOOK_SECONDS
    engine.search("")
    for thread in threading.enumerate():
        if thread.name == "learn-words":
            thread.join(30)


def test_the_words_of_a_new_article_are_learnt(engine: Engine, clock: Clock) -> None:
    engine.publish(*(article(f"old{number}", f"ঢাকায় বৃষ্টি {number}") for number in range(20)))
    learn(engine, clock)
    assert engine.find("lavrov") == []

    engine.publish(article("new", "ঢাকায় আসছেন ল্যাভরভ"))
    assert engine.find("lavrov") == []
    learn(engine, clock)
    assert engine.find("lavrov") == ["new"]

    engine.publish(article("new", "ঢাকায় আসছেন জেলেনস্কি", version=2))
    learn(engine, clock)
    assert engine.find("zelenski") == ["new"]
