"""The Elasticsearch engine for the tests that hold for every engine."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import AnyUrl

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.elasticsearch.opening import open_elasticsearch_reader, open_elasticsearch_writer
from shared.settings import IndexSettings
from tests.support.articles import Engine


def elasticsearch_settings(url: str, prefix: str, **fields: Any) -> IndexSettings:
    """A crowded test machine may take its time, so the timeout is longer than the default."""
    return IndexSettings(
        elasticsearch_url=AnyUrl(url),
        index_prefix=prefix,
        **{"elasticsearch_timeout": timedelta(seconds=30), **fields},
    )


def address_of(settings: IndexSettings) -> str:
    """Of the only node."""
    [url] = settings.elasticsearch_url or ()
    return str(url)


def by_way_of(settings: IndexSettings, *urls: str) -> IndexSettings:
    """The same index through other addresses."""
    return settings.model_copy(update={"elasticsearch_url": tuple(map(AnyUrl, urls))})


@contextmanager
def elasticsearch_engines(request: pytest.FixtureRequest) -> Iterator[Callable[[], Engine]]:
    """Each engine has an index of its own on the session's node; all of them are deleted at the end."""
    url: str = request.getfixturevalue("elasticsearch_server").url
    made: list[str] = []

    def new() -> Engine:
        prefix = f"t{uuid.uuid4().hex[:12]}"
        settings = elasticsearch_settings(url, prefix)
        made.append(prefix)
        writer = open_elasticsearch_writer(settings)
        writer.make_searchable()
        return Engine(writer, open_elasticsearch_reader(settings))

    yield new
    for prefix in made:
        delete_indices(url, prefix)


def delete_indices(url: str, prefix: str) -> None:
    """Everything of one prefix; a node takes a thousand shards only."""
    names = IndexNames(prefix)
    with open_client(elasticsearch_settings(url, prefix)) as client:
        for name in client.indices.get(index=names.pattern, allow_no_indices=True).body:
            client.indices.delete(index=name)
        client.options(ignore_status=404).indices.delete_index_template(name=names.template)
