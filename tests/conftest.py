"""Fixtures that tests of several kinds share; a server starts when the first test asks for it."""

import pytest

pytest_plugins = ["tests.support.valkey", "tests.support.elasticsearch"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in one process of several (pytest-xdist): the tests of a file, and those that share something costly.

    Elasticsearch takes half a minute of a core to start, and two local stacks at once would be given the same ports.
    """
    for item in items:
        if "elasticsearch" in item.nodeid or "elasticsearch_server" in getattr(item, "fixturenames", ()):
            group = "elasticsearch"
        elif item.get_closest_marker("e2e"):
            group = "e2e"
        else:
            group = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
