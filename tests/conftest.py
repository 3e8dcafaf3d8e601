"""Fixtures that tests of several kinds share; a server starts when the first test asks for it."""

pytest_plugins = ["tests.support.valkey", "tests.support.valkey_cluster", "tests.support.elasticsearch"]
