"""The engines that the contract of the article index holds for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.memory import InMemoryArticleIndex
from tests.support.articles import Engine
from tests.support.elasticsearch_engine import elasticsearch_engines

NewEngine = Callable[[], Engine]
"""Makes an engine that holds nothing; what it made before stays as it is."""


@contextmanager
def memory_engines(_request: pytest.FixtureRequest) -> Iterator[NewEngine]:
    def new() -> Engine:
        index = InMemoryArticleIndex()
        return Engine(index, index)

    yield new


@contextmanager
def embedded_engines(request: pytest.FixtureRequest) -> Iterator[NewEngine]:
    root: Path = request.getfixturevalue("tmp_path")
    opened: list[EmbeddedArticleWriter | EmbeddedArticleReader] = []

    def new() -> Engine:
        folder = root / f"index-{len(opened)}"
        writer, reader = EmbeddedArticleWriter(folder), EmbeddedArticleReader(folder)
        opened.extend((writer, reader))
        return Engine(writer, reader)

    yield new
    for side in opened:
        side.close()


ENGINES: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[NewEngine]]] = {
    "memory": memory_engines,
    "embedded": embedded_engines,
    "elasticsearch": elasticsearch_engines,
}
# Engines that need a server.
INTEGRATION_ENGINES: frozenset[str] = frozenset({"elasticsearch"})
