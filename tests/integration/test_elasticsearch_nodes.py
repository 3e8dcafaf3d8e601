"""Several nodes in one setting: those that cannot answer are passed over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.search.elasticsearch.opening import open_elasticsearch_reader, open_elasticsearch_writer
from shared.search.model import ApplyOutcome
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings
from tests.support.articles import article, ids, publish_change, search_for
from tests.support.elasticsearch_engine import by_way_of, delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.http_fault_proxy import Answer, HangUpError, HttpFaultProxy, Request
from tests.support.valkey import free_port

pytestmark = pytest.mark.integration

NEWS = [publish_change(article("a", "নদীর খবর"))]
JSON = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}


@pytest.fixture
def settings(elasticsearch_server: ElasticsearchServer, index_prefix: str) -> Iterator[IndexSettings]:
    yield elasticsearch_settings(elasticsearch_server.url, index_prefix)
    delete_indices(elasticsearch_server.url, index_prefix)


def nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


def assert_everything_works(settings: IndexSettings, times: int = 6) -> None:
    """Often enough that every node is asked, whichever comes first."""
    writer, reader = open_elasticsearch_writer(settings), open_elasticsearch_reader(settings)
    for _ in range(times):
        assert [result.outcome for result in writer.apply(NEWS)] == [ApplyOutcome.APPLIED]
        assert ids(reader.search(search_for("নদী"))) == ["a"]
        reader.ping()
    writer.close()
    reader.close()


def test_nodes_that_nobody_reaches_are_passed_over(
    settings: IndexSettings, elasticsearch_server: ElasticsearchServer
) -> None:
    assert_everything_works(by_way_of(settings, nobody(), nobody(), elasticsearch_server.url))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_node_that_is_not_ready_is_passed_over(
    settings: IndexSettings, elasticsearch_server: ElasticsearchServer, status: int
) -> None:
    with HttpFaultProxy(elasticsearch_server.url) as proxy:
        proxy.fault = lambda _: Answer(status, b'{"error": {"type": "node_closed_exception"}}', JSON)
        assert_everything_works(by_way_of(settings, proxy.url, elasticsearch_server.url))


def test_a_node_that_dies_after_the_work_was_done_changes_nothing(
    settings: IndexSettings, elasticsearch_server: ElasticsearchServer
) -> None:
    """The next node is asked to do it again: the same version, so the same document."""
    with HttpFaultProxy(elasticsearch_server.url) as proxy:

        def die_late(request: Request) -> Answer | None:
            proxy.fault = None
            proxy.answer(request, {"Content-Type": "application/x-ndjson"} if "_bulk" in request.path else JSON)
            proxy.fault = die_late
            raise HangUpError

        proxy.fault = die_late
        assert_everything_works(by_way_of(settings, proxy.url, elasticsearch_server.url))
        assert open_elasticsearch_reader(settings).stats().articles == 1


def test_a_node_that_hangs_costs_one_answer(settings: IndexSettings, elasticsearch_server: ElasticsearchServer) -> None:
    open_elasticsearch_writer(settings).apply(NEWS)
    with HttpFaultProxy(elasticsearch_server.url) as proxy:
        proxy.fault = lambda _: Answer(200, b"{}", JSON, wait=60)
        impatient = settings.model_copy(update={"elasticsearch_timeout": timedelta(seconds=2)})
        reader = open_elasticsearch_reader(by_way_of(impatient, proxy.url, elasticsearch_server.url))
        failures = 0
        for _ in range(4):
            try:
                assert reader.get("a").stored is not None
            except IndexUnavailableError:
                failures += 1
        assert failures <= 1


def test_when_no_node_is_left_it_is_unavailable(settings: IndexSettings) -> None:
    with pytest.raises(IndexUnavailableError, match="cannot be reached"):
        open_elasticsearch_reader(by_way_of(settings, nobody(), nobody())).ping()


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("http://127.0.0.1:9200", ["http://127.0.0.1:9200/"]),
        ("https://one:9200, https://two:9200,", ["https://one:9200/", "https://two:9200/"]),
        ('["https://one:9200", "https://two:9200"]', ["https://one:9200/", "https://two:9200/"]),
    ],
)
def test_the_setting_is_one_address_or_several(
    monkeypatch: pytest.MonkeyPatch, text: str, addresses: list[str]
) -> None:
    monkeypatch.setenv("KHOBOR_ELASTICSEARCH_URL", text)
    assert [str(url) for url in IndexSettings().elasticsearch_url or ()] == addresses


@pytest.mark.parametrize("text", ["", " , ", "elasticsearch:9200/x y", "https://one:9200,two"])
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KHOBOR_ELASTICSEARCH_URL", text)
    with pytest.raises(ValueError, match="elasticsearch_url"):
        IndexSettings()
