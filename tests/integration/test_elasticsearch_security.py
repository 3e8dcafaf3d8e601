"""Elasticsearch with security on, over TLS: every way to log in, and what is said when one does not work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.opening import open_elasticsearch_reader, open_elasticsearch_writer
from shared.search.model import ApplyOutcome
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings
from tests.support.articles import article, ids, publish_change, search_for
from tests.support.elasticsearch import start_or_skip
from tests.support.elasticsearch_engine import by_way_of, elasticsearch_settings
from tests.support.elasticsearch_security import (
    ADMIN,
    ADMIN_PASSWORD,
    READER,
    READER_PASSWORD,
    SERVICE_ACCOUNT,
    Security,
)
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.valkey import free_port

pytestmark = pytest.mark.integration

SECURITY = Security(tls=True)
NEWS = [publish_change(article("a", "নদীর খবর"))]
PREFIX = "khobor"


@pytest.fixture(scope="module")
def locked_server() -> Iterator[ElasticsearchServer]:
    server = start_or_skip(SECURITY)
    yield server
    server.close()


@pytest.fixture(scope="module")
def indexed(locked_server: ElasticsearchServer) -> ElasticsearchServer:
    """One article, written by the administrator."""
    writer = open_elasticsearch_writer(as_admin(locked_server))
    writer.apply(NEWS)
    writer.close()
    return locked_server


def settings_for(server: ElasticsearchServer, **login: Any) -> IndexSettings:
    return elasticsearch_settings(server.url, PREFIX, **{"elasticsearch_ca_file": SECURITY.ca_file, **login})


def as_user(server: ElasticsearchServer, name: str, password: str) -> IndexSettings:
    return settings_for(server, elasticsearch_username=name, elasticsearch_password=SecretStr(password))


def as_admin(server: ElasticsearchServer) -> IndexSettings:
    return as_user(server, ADMIN, ADMIN_PASSWORD)


def test_a_user_with_a_password_writes_and_reads(locked_server: ElasticsearchServer) -> None:
    settings = as_admin(locked_server)
    assert [result.outcome for result in open_elasticsearch_writer(settings).apply(NEWS)] == [ApplyOutcome.APPLIED]
    reader = open_elasticsearch_reader(settings)
    assert ids(reader.search(search_for("নদী"))) == ["a"]
    reader.ping()


def test_a_node_that_is_away_is_passed_over_with_the_same_login_and_authority(indexed: ElasticsearchServer) -> None:
    reader = open_elasticsearch_reader(by_way_of(as_admin(indexed), f"https://127.0.0.1:{free_port()}", indexed.url))
    for _ in range(4):
        assert ids(reader.search(search_for("নদী"))) == ["a"]


def test_a_service_token_logs_in(indexed: ElasticsearchServer) -> None:
    """As whom it says: the accounts of this distribution that may have tokens have no right to our indices."""
    settings = settings_for(indexed, elasticsearch_token=SecretStr(SECURITY.service_token))
    reader = open_elasticsearch_reader(settings)
    with pytest.raises(IndexUnavailableError, match=rf"\(403\).*service account \[{SERVICE_ACCOUNT}\]"):
        reader.search(search_for("নদী"))


@pytest.mark.parametrize(
    "login",
    [
        {"elasticsearch_username": ADMIN, "elasticsearch_password": SecretStr("wrong")},
        {"elasticsearch_token": SecretStr("AAEAAWVsYXN0aWMvbm9ib2R5Ondyb25n")},
        {"elasticsearch_api_key": SecretStr("d3Jvbmc6d3Jvbmc=")},
        {},
    ],
    ids=["password", "token", "api key", "none"],
)
def test_a_wrong_login_is_named(indexed: ElasticsearchServer, login: dict[str, Any]) -> None:
    settings = settings_for(indexed, **login)
    with pytest.raises(IndexUnavailableError, match=r"refuses the login \(401\)"):
        open_elasticsearch_writer(settings).apply(NEWS)
    with pytest.raises(IndexUnavailableError, match=r"refuses the login \(401\)"):
        open_elasticsearch_reader(settings).search(search_for("নদী"))


def test_who_may_only_read_reads(indexed: ElasticsearchServer) -> None:
    settings = as_user(indexed, READER, READER_PASSWORD)
    reader = open_elasticsearch_reader(settings)
    assert ids(reader.search(search_for("নদী"))) == ["a"]
    assert reader.stats().articles == 1
    reader.ping()
    with pytest.raises(IndexUnavailableError, match=r"no right to do this \(403\).*unauthorized for user \[reader\]"):
        open_elasticsearch_writer(settings).apply(NEWS)


def test_passwords_are_not_in_the_message(indexed: ElasticsearchServer) -> None:
    with pytest.raises(IndexUnavailableError) as caught:
        open_elasticsearch_reader(as_user(indexed, ADMIN, "hunter2")).ping()
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"


def test_an_unknown_authority_is_not_trusted(indexed: ElasticsearchServer) -> None:
    settings = as_admin(indexed).model_copy(update={"elasticsearch_ca_file": None})
    with pytest.raises(IndexUnavailableError, match="KHOBOR_ELASTICSEARCH_CA_FILE"):
        open_elasticsearch_reader(settings).ping()


def test_plain_http_to_a_tls_port_is_unavailable(indexed: ElasticsearchServer) -> None:
    settings = elasticsearch_settings(indexed.url.replace("https", "http"), PREFIX)
    with pytest.raises(IndexUnavailableError):
        open_elasticsearch_reader(settings).ping()


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(ValueError, match=r"no file .*ca\.pem"):
        open_client(elasticsearch_settings("https://127.0.0.1:9", PREFIX, elasticsearch_ca_file=missing))
    missing.touch()
    mixed = by_way_of(
        elasticsearch_settings("https://127.0.0.1:9", PREFIX), "https://127.0.0.1:9", "http://127.0.0.1:9"
    )
    with pytest.raises(ValueError, match="for https addresses"):
        open_client(mixed.model_copy(update={"elasticsearch_ca_file": missing}))
    with pytest.raises(ValueError, match="for https addresses"):
        open_client(elasticsearch_settings("http://127.0.0.1:9", PREFIX, elasticsearch_ca_file=missing))
