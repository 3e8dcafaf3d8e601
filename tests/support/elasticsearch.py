"""Elasticsearch for tests: one node for the whole session, an index prefix of its own for each test.

`python -m tests.support.elasticsearch` runs a node in the foreground until it is interrupted.
"""

import os
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.elasticsearch_distribution import CannotRunElasticsearchError
from tests.support.elasticsearch_security import Security
from tests.support.elasticsearch_server import ElasticsearchServer


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[ElasticsearchServer]:
    """A node without security. It boots once per session: a test that stops it starts it again."""
    server = start_or_skip()
    yield server
    server.close()


@pytest.fixture
def index_prefix() -> str:
    """A prefix that no other test uses, so that tests share a node and never an index."""
    return f"t{uuid.uuid4().hex[:12]}"


def start_or_skip(security: Security | None = None) -> ElasticsearchServer:
    """A started node; where it cannot run the test is skipped, and fails in CI."""
    with skipping_where_it_cannot_run():
        return ElasticsearchServer(security=security).__enter__()


@contextmanager
def skipping_where_it_cannot_run() -> Iterator[None]:
    """The test is skipped when a node cannot be started inside, and fails in CI."""
    try:
        yield
    except CannotRunElasticsearchError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


def main() -> int:
    """Run a node in the foreground; Ctrl-C or SIGTERM ends it and removes its data."""
    try:
        with ElasticsearchServer(quick_boot=False) as server:
            print(f"Elasticsearch answers at {server.url}", "Ctrl-C stops it; its data goes with it.", sep="\n")  # noqa: T201
            print(f"To use it: export KHOBOR_ELASTICSEARCH_URL={server.url}", flush=True)  # noqa: T201
            return server.wait()
    except CannotRunElasticsearchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
