"""Whatever breaks, it is reported as unavailable, with a reason and in time; and it passes when the cause does."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest
from elasticsearch import Elasticsearch

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.elasticsearch.opening import (
    open_elasticsearch_moves,
    open_elasticsearch_reader,
    open_elasticsearch_writer,
)
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.model import ApplyOutcome, ApplyResult
from shared.search.ports import CursorError, IndexUnavailableError
from shared.settings import IndexSettings
from tests.support.articles import article, ids, publish_change, search_for
from tests.support.elasticsearch_engine import by_way_of, delete_indices, elasticsearch_settings
from tests.support.elasticsearch_faults import red_index
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.http_fault_proxy import Answer, Fault, HttpFaultProxy, Request

pytestmark = pytest.mark.integration

ARTICLES = [publish_change(article(f"a{number}", f"নদীর খবর {number}")) for number in range(4)]
JSON = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}


@dataclass(frozen=True)
class Installation:
    settings: IndexSettings
    proxy: HttpFaultProxy
    writer: ElasticsearchArticleWriter
    reader: ElasticsearchArticleReader
    # Past the proxy.
    client: Elasticsearch

    @property
    def impatient(self) -> IndexSettings:
        return self.settings.model_copy(update={"elasticsearch_timeout": timedelta(seconds=1)})

    @property
    def names(self) -> IndexNames:
        return IndexNames(self.settings.index_prefix)


@pytest.fixture
def installation(elasticsearch_server: ElasticsearchServer, index_prefix: str) -> Iterator[Installation]:
    """Four articles in an index behind a proxy."""
    direct = elasticsearch_settings(elasticsearch_server.url, index_prefix)
    with HttpFaultProxy(elasticsearch_server.url) as proxy, open_client(direct) as client:
        settings = by_way_of(direct, proxy.url)
        writer, reader = open_elasticsearch_writer(settings), open_elasticsearch_reader(settings)
        writer.apply(ARTICLES)
        yield Installation(settings, proxy, writer, reader, client)
        writer.close()
        reader.close()
    delete_indices(elasticsearch_server.url, index_prefix)


def only(path: str, answer: Answer) -> Fault:
    """Answer requests to paths that end so."""
    return lambda request: answer if request.path.partition("?")[0].endswith(path) else None


def failure(status: int, kind: str, reason: str) -> Answer:
    error = {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}
    return Answer(status, orjson.dumps({"error": error, "status": status}), JSON)


class TestWriters:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (failure(429, "es_rejected_execution_exception", "rejected execution of coordinating operation"), "429"),
            (failure(503, "cluster_block_exception", "no master"), "no master"),
            (Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}), "502"),
            (Answer(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}), "not Elasticsearch"),
            (
                failure(403, "security_exception", "action [bulk] is unauthorized for user [u]"),
                "no right.*unauthorized",
            ),
            (failure(401, "security_exception", "unable to authenticate user [u]"), "login.*unable to authenticate"),
        ],
    )
    def test_a_refused_request_leaves_everything_pending(
        self, installation: Installation, answer: Answer, reason: str
    ) -> None:
        installation.proxy.fault = only("/_bulk", answer)
        with pytest.raises(IndexUnavailableError, match=reason):
            installation.writer.apply(ARTICLES)
        installation.proxy.fault = None
        assert {result.outcome for result in installation.writer.apply(ARTICLES)} == {ApplyOutcome.APPLIED}

    def test_one_overloaded_shard_leaves_the_batch_pending(self, installation: Installation) -> None:
        items = [{"index": {"status": 200}}] * 3 + [
            {"index": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}}}
        ]
        installation.proxy.fault = only("/_bulk", Answer(200, orjson.dumps({"items": items}), JSON))
        with pytest.raises(IndexUnavailableError, match="queue is full"):
            installation.writer.apply(ARTICLES)

    def test_a_request_that_is_too_large_is_cut_until_it_fits(self, installation: Installation) -> None:
        def too_large(request: Request) -> Answer | None:
            if "/_bulk" in request.path and len(request.body) > 6_000:
                return Answer(413, b"", JSON)
            return None

        installation.proxy.fault = too_large
        small = [publish_change(article(f"b{number}", f"ছোট খবর {number}", "নদী " * 30)) for number in range(9)]
        large = publish_change(article("large", "বড় খবর", "নদী " * 3_000))
        results = installation.writer.apply([*small, large])
        assert [result.outcome for result in results] == [ApplyOutcome.APPLIED] * 9 + [ApplyOutcome.REJECTED]
        assert results[-1].reason is not None
        assert "more than Elasticsearch takes" in results[-1].reason

    def test_a_server_that_never_answers_is_given_up_in_time(self, installation: Installation) -> None:
        installation.proxy.fault = lambda _: Answer(200, b"{}", JSON, wait=60)
        writer = open_elasticsearch_writer(installation.impatient)
        started = time.monotonic()
        with pytest.raises(IndexUnavailableError, match="in time"):
            writer.apply(ARTICLES)
        assert time.monotonic() - started < 10

    def test_a_lost_answer_is_repaired_by_applying_again(self, installation: Installation) -> None:
        """The bulk request is carried out, the refresh after it is not."""
        installation.proxy.fault = only("/_refresh", failure(503, "unavailable_shards_exception", "no shard"))
        newer = [publish_change(article("a0", "সাগরের খবর", version=2))]
        with pytest.raises(IndexUnavailableError):
            installation.writer.apply(newer)
        installation.writer.make_searchable()
        installation.proxy.fault = None
        assert [result.outcome for result in installation.writer.apply(newer)] == [ApplyOutcome.APPLIED]
        assert ("a0", 2) in installation.writer.make_searchable()
        assert ids(installation.reader.search(search_for("সাগর"))) == ["a0"]

    @pytest.mark.parametrize("block", ["read_only_allow_delete", "write", "read_only"])
    def test_a_blocked_index_is_unavailable_until_the_block_goes(self, installation: Installation, block: str) -> None:
        """What Elasticsearch does by itself when the disk is nearly full, and what operators do."""
        put = installation.client.indices.put_settings
        put(index=installation.names.write, settings={f"index.blocks.{block}": True})
        try:
            with pytest.raises(IndexUnavailableError, match="block"):
                installation.writer.apply(ARTICLES)
            assert installation.reader.search(search_for("নদী")).total == 4
        finally:
            put(index=installation.names.write, settings={f"index.blocks.{block}": None})
        assert {result.outcome for result in installation.writer.apply(ARTICLES)} == {ApplyOutcome.APPLIED}

    def test_a_deleted_index_is_not_made_again_behind_the_operators_back(self, installation: Installation) -> None:
        """Neither by a writer that has been writing nor by one that starts."""
        installation.client.indices.delete(index=installation.names.index(1))
        with pytest.raises(IndexUnavailableError, match="no such index"):
            installation.writer.apply(ARTICLES)
        for writer in (installation.writer, open_elasticsearch_writer(installation.settings)):
            with pytest.raises(IndexUnavailableError, match=r"was deleted.*khobor index create"):
                writer.apply(ARTICLES)
        open_elasticsearch_moves(installation.settings).create()
        assert {result.outcome for result in installation.writer.apply(ARTICLES)} == {ApplyOutcome.APPLIED}
        mapped = installation.client.indices.get_mapping(index=installation.names.write)
        assert mapped[installation.names.index(1)]["mappings"]["dynamic"] == "strict"

    def test_a_removed_writers_alias_is_named(self, installation: Installation) -> None:
        installation.client.indices.delete_alias(index=installation.names.index(1), name=installation.names.write)
        with pytest.raises(IndexUnavailableError):
            installation.writer.apply(ARTICLES)
        with pytest.raises(IndexUnavailableError, match=r"alias .*-write-.* was removed: run `khobor index create`"):
            installation.writer.apply(ARTICLES)
        assert installation.reader.search(search_for("নদী")).total == 4
        open_elasticsearch_moves(installation.settings).create()
        assert {result.outcome for result in installation.writer.apply(ARTICLES)} == {ApplyOutcome.APPLIED}

    @pytest.mark.parametrize(
        "properties",
        [{}, {"published": {"type": "boolean"}}],
        ids=["guessed from the documents", "that refuses every document"],
    )
    def test_an_index_with_another_mapping_takes_nothing_and_refuses_nobody(
        self, installation: Installation, properties: dict[str, Any]
    ) -> None:
        """What somebody made by hand under the right names: no article may be lost to it, or be called a bad one."""
        names = installation.names
        installation.client.indices.delete(index=names.index(1))
        installation.client.indices.delete_index_template(name=names.template)
        installation.client.indices.create(
            index=names.index(1),
            aliases={names.read: {}, names.write: {"is_write_index": True}},
            mappings={"dynamic": True, "properties": properties},
        )
        with pytest.raises(IndexUnavailableError, match="has another mapping"):
            open_elasticsearch_writer(installation.settings).apply(ARTICLES)
        if properties:
            with pytest.raises(IndexUnavailableError, match="has another mapping"):
                installation.writer.apply(ARTICLES)

    def test_requests_get_smaller_until_a_slow_server_answers_in_time(self, installation: Installation) -> None:
        """A server that needs longer for a batch than it is given would be given the same batch for ever."""
        sizes: list[int] = []
        share = 1 / 3

        def slow(request: Request) -> Answer | None:
            if "/_bulk" not in request.path:
                return None
            sizes.append(len(request.body))
            return Answer(200, b"{}", JSON, wait=7) if len(request.body) > sizes[0] * share else None

        patience = {"elasticsearch_timeout": timedelta(seconds=5)}
        writer = open_elasticsearch_writer(installation.settings.model_copy(update=patience))
        # Too short to be copies of each other, which would be written again together.
        news = [publish_change(article(f"s{number}", f"নদীর খবর {number}")) for number in range(60)]
        installation.proxy.fault = slow
        outages = 0
        results: list[ApplyResult] = []
        while not results:
            try:
                results = writer.apply(news)
            except IndexUnavailableError:
                outages += 1
                assert outages < 6
        assert {result.outcome for result in results} == {ApplyOutcome.APPLIED}
        assert sizes[-1] <= sizes[0] * share
        # And larger again when it is quick.
        share = 1
        while sizes[-1] < sizes[0]:
            writer.apply(news)
            assert len(sizes) < 30

    def test_a_red_index_is_named(self, installation: Installation) -> None:
        """Elasticsearch would wait for its shards for a minute, longer than anybody waits for Elasticsearch."""
        with red_index(installation.client, installation.names):
            started = time.monotonic()
            with pytest.raises(IndexUnavailableError, match="primary shard is not active"):
                installation.writer.apply(ARTICLES)
            assert time.monotonic() - started < 20
            for call in (
                lambda: installation.reader.search(search_for("নদী")),
                lambda: installation.reader.get("a1"),
            ):
                with pytest.raises(IndexUnavailableError):
                    call()
            with pytest.raises(IndexUnavailableError, match="missing shards"):
                installation.reader.ping()
        assert {result.outcome for result in installation.writer.apply(ARTICLES)} == {ApplyOutcome.APPLIED}

    def test_a_closed_index_is_unavailable(self, installation: Installation) -> None:
        installation.client.indices.close(index=installation.names.index(1))
        with pytest.raises(IndexUnavailableError, match="closed"):
            installation.writer.apply(ARTICLES)
        with pytest.raises(IndexUnavailableError, match="closed"):
            installation.reader.search(search_for("নদী"))


class TestReaders:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (failure(429, "circuit_breaking_exception", "[parent] Data too large"), "Data too large"),
            (failure(503, "search_phase_execution_exception", "all shards failed"), "all shards failed"),
            (failure(500, "null_pointer_exception", "builder is null"), "500"),
            (failure(400, "query_shard_exception", "failed to create query"), "400"),
            (Answer(200, b"<html></html>", {"Content-Type": "text/html"}), "not Elasticsearch"),
            (Answer(200, b"{}", JSON), "not Elasticsearch"),
        ],
    )
    def test_a_search_that_fails(self, installation: Installation, answer: Answer, reason: str) -> None:
        installation.proxy.fault = only("/_search", answer)
        with pytest.raises(IndexUnavailableError, match=reason):
            installation.reader.search(search_for("নদী"))

    def test_nothing_hangs_while_the_server_does(self, installation: Installation) -> None:
        reader = open_elasticsearch_reader(installation.impatient)
        installation.proxy.fault = lambda _: Answer(200, b"{}", JSON, wait=60)
        for call in (
            lambda: reader.search(search_for("নদী")),
            lambda: reader.suggest("নদী", 5),
            lambda: reader.related("a1", 5),
            lambda: reader.get("a1"),
            reader.stats,
            reader.ping,
        ):
            started = time.monotonic()
            with pytest.raises(IndexUnavailableError, match="in time"):
                call()
            assert time.monotonic() - started < 10

    def test_a_missing_index_is_unavailable_for_every_question(self, installation: Installation) -> None:
        reader = installation.reader
        installation.client.indices.delete(index=installation.names.index(1))
        for call in (
            lambda: reader.search(search_for("নদী")),
            lambda: reader.suggest("নদী", 5),
            lambda: reader.related("a1", 5),
            lambda: reader.get("a1"),
            reader.stats,
            reader.ping,
        ):
            with pytest.raises(IndexUnavailableError):
                call()

    def test_a_cursor_whose_point_in_time_is_gone_has_expired(self, installation: Installation) -> None:
        first = installation.reader.search(search_for("নদী", limit=1))
        second = installation.reader.search(search_for("নদী", limit=1, cursor=first.next_cursor))
        installation.client.indices.delete(index=installation.names.index(1))
        open_elasticsearch_moves(installation.settings).create()
        with pytest.raises(CursorError, match="expired"):
            installation.reader.search(search_for("নদী", limit=1, cursor=second.next_cursor))


class TestOutages:
    def test_nobody_listens(self, index_prefix: str) -> None:
        settings = elasticsearch_settings("http://127.0.0.1:9", index_prefix)
        writer, reader = open_elasticsearch_writer(settings), open_elasticsearch_reader(settings)
        with pytest.raises(IndexUnavailableError, match="cannot be reached"):
            writer.apply(ARTICLES)
        with pytest.raises(IndexUnavailableError, match="cannot be reached"):
            writer.make_searchable()
        with pytest.raises(IndexUnavailableError, match="cannot be reached"):
            reader.ping()

    def test_a_killed_server_loses_nothing_and_is_used_again_when_it_is_back(
        self, elasticsearch_server: ElasticsearchServer, installation: Installation
    ) -> None:
        first = installation.reader.search(search_for("নদী", limit=1))
        second = installation.reader.search(search_for("নদী", limit=1, cursor=first.next_cursor))
        elasticsearch_server.kill()
        try:
            with pytest.raises(IndexUnavailableError):
                installation.writer.apply(ARTICLES)
            with pytest.raises(IndexUnavailableError):
                installation.reader.search(search_for("নদী"))
        finally:
            elasticsearch_server.start()
        assert installation.reader.search(search_for("নদী")).total == 4
        with pytest.raises(CursorError):
            installation.reader.search(search_for("নদী", limit=1, cursor=second.next_cursor))
        newer = [publish_change(article("a0", "সাগরের খবর", version=2))]
        assert [result.outcome for result in installation.writer.apply(newer)] == [ApplyOutcome.APPLIED]
        assert ids(installation.reader.search(search_for("সাগর"))) == ["a0"]
