"""What happens to an index: faults that a real Elasticsearch shows when it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import Elasticsearch

from shared.search.elasticsearch.index_setup import IndexNames


@contextmanager
def full_disk(client: Elasticsearch, index: str) -> Iterator[None]:
    """The block that Elasticsearch sets when a disk passes the flood-stage watermark, and takes off when it may."""
    block = "index.blocks.read_only_allow_delete"
    client.indices.put_settings(index=index, settings={block: True})
    try:
        yield
    finally:
        client.indices.put_settings(index=index, settings={block: None})


@contextmanager
def red_index(client: Elasticsearch, names: IndexNames) -> Iterator[None]:
    """Readers and writers are led to an index whose shards no node may take, and back.

    Shards that have been on the node before are given to it whatever the rules say, so it is another index.
    """
    [index] = client.indices.get_alias(name=names.read)
    red = names.index(names.number_of(index) + 1)
    nowhere = {"index.routing.allocation.require._name": "no-such-node"}
    client.indices.create(index=red, settings=nowhere, wait_for_active_shards="0")
    _lead(client, names, index, red)
    try:
        yield
    finally:
        _lead(client, names, red, index)
        client.indices.delete(index=red)


def _lead(client: Elasticsearch, names: IndexNames, source: str, target: str) -> None:
    client.indices.update_aliases(
        actions=[
            {"remove": {"index": source, "aliases": [names.read, names.write]}},
            {"add": {"index": target, "alias": names.read}},
            {"add": {"index": target, "alias": names.write, "is_write_index": True}},
        ]
    )
