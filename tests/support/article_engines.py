"""The engines that the contract of the article index holds for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

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
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    root = factory.mktemp("embedded")
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
EVERY_ENGINE: Final = [
    pytest.param(name, marks=[pytest.mark.integration] if name == "elasticsearch" else []) for name in ENGINES
]
"""The parameters of a fixture that makes engines; those that need a server are marked."""
