"""What the contract does not say: the mapping, creation by several processes, what is written and what is not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from shared.search.elasticsearch.bulk import BulkItem, write_documents
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames, ensure_index
from shared.search.elasticsearch.opening import open_elasticsearch_reader, open_elasticsearch_writer
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.model import ApplyOutcome, Lookup, Sort
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings
from tests.support.articles import NOW, article, ids, publish_change, retract_change, search_for
from tests.support.elasticsearch_engine import address_of, delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(elasticsearch_server: ElasticsearchServer, index_prefix: str) -> Iterator[IndexSettings]:
    yield elasticsearch_settings(elasticsearch_server.url, index_prefix)
    delete_indices(elasticsearch_server.url, index_prefix)


@pytest.fixture
def names(settings: IndexSettings) -> IndexNames:
    return IndexNames(settings.index_prefix)


@pytest.fixture
def client(settings: IndexSettings) -> Iterator[Elasticsearch]:
    with open_client(settings) as client:
        yield client


@pytest.fixture
def writer(settings: IndexSettings) -> Iterator[ElasticsearchArticleWriter]:
    writer = open_elasticsearch_writer(settings)
    yield writer
    writer.close()


class TestCreation:
    def test_several_processes_make_one_index(
        self, settings: IndexSettings, client: Elasticsearch, names: IndexNames
    ) -> None:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: ensure_index(client, settings), range(8)))
        indices = client.indices.get(index=names.pattern).body
        assert list(indices) == [names.index(1)]
        assert set(indices[names.index(1)]["aliases"]) == {names.read, names.write}

    def test_the_settings_decide_shards_replicas_and_refresh(
        self, settings: IndexSettings, client: Elasticsearch, names: IndexNames
    ) -> None:
        wanted = {"index_shards": 3, "index_replicas": 1, "index_refresh_interval": "5s"}
        ensure_index(client, settings.model_copy(update=wanted))
        made = client.indices.get_settings(index=names.write)[names.index(1)]["settings"]["index"]
        assert (made["number_of_shards"], made["number_of_replicas"], made["refresh_interval"]) == ("3", "1", "5s")

    def test_an_index_of_another_form_is_not_written_to(
        self, client: Elasticsearch, names: IndexNames, writer: ElasticsearchArticleWriter
    ) -> None:
        """Neither by a new process nor by one that has been writing before somebody switched."""
        writer.apply([publish_change(article("a", "খবর"))])
        other = f"{names.writers[:-1]}v0-other"
        client.indices.update_aliases(
            actions=[
                {"remove": {"index": names.index(1), "alias": names.write}},
                {"add": {"index": names.index(1), "alias": other}},
            ]
        )
        for _ in range(2):
            with pytest.raises(IndexUnavailableError, match=r"not an alias|khobor index create"):
                writer.apply([publish_change(article("b", "খবর"))])
        assert client.count(index=names.read)["count"] == 1
        assert list(client.indices.get(index=names.pattern).body) == [names.index(1)]


class TestMapping:
    def test_a_field_that_is_not_mapped_is_refused(
        self, settings: IndexSettings, client: Elasticsearch, names: IndexNames
    ) -> None:
        ensure_index(client, settings)
        with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
            client.index(index=names.write, document={"kicker": "খবর"}, require_alias=True)

    def test_the_original_is_kept_and_the_tokens_are_not(
        self, client: Elasticsearch, names: IndexNames, writer: ElasticsearchArticleWriter
    ) -> None:
        writer.apply([publish_change(article("a", "নদীর খবর", "নদীতে পানি বাড়ছে।"))])
        [hit] = client.search(index=names.read)["hits"]["hits"]
        assert hit["_source"]["original"]["title"] == "নদীর খবর"
        assert not {
            "stem",
            "gram",
            "opening",
            "headline",
            "pairs",
            "surface",
            "title",
            "text",
            "bands",
            "signature",
        } & set(hit["_source"])

    def test_the_original_is_not_searched(
        self, client: Elasticsearch, names: IndexNames, writer: ElasticsearchArticleWriter
    ) -> None:
        writer.apply([publish_change(article("a", "নদীর খবর", byline="ডেস্ক নিউজ"))])
        answer = client.search(index=names.read, query={"query_string": {"query": "*ডেস্ক*"}})
        assert answer["hits"]["total"]["value"] == 0


class TestWriting:
    def test_a_retraction_is_a_tombstone_with_its_version(
        self, client: Elasticsearch, names: IndexNames, writer: ElasticsearchArticleWriter
    ) -> None:
        writer.apply([publish_change(article("a", "ভুল খবর", version=3))])
        writer.apply([retract_change("a", 3)])
        stored = client.get(index=names.read, id="a")
        assert stored["_source"].keys() == {"key", "retracted"}
        assert stored["_version"] == 7

    def test_a_document_that_is_refused_leaves_its_neighbours_alone(
        self, settings: IndexSettings, client: Elasticsearch, names: IndexNames
    ) -> None:
        ensure_index(client, settings)
        sources = (b'{"key":1,"retracted":false}', b'{"key":2,"published":"yesterday"}', b'{"key":3,"retracted":true}')
        items = [BulkItem(f"a{number}", 2, source) for number, source in enumerate(sources)]
        good, bad, retracted = write_documents(client, names.write, items)
        assert (good.outcome, retracted.outcome) == (ApplyOutcome.APPLIED, ApplyOutcome.APPLIED)
        assert bad.outcome is ApplyOutcome.REJECTED
        assert bad.reason is not None
        assert "failed to parse field [published]" in bad.reason
        assert client.mget(index=names.read, ids=["a0", "a1", "a2"], source=False)["docs"][1]["found"] is False

    def test_a_document_with_an_unknown_field_is_no_fault_of_the_document(
        self, settings: IndexSettings, client: Elasticsearch, names: IndexNames
    ) -> None:
        ensure_index(client, settings)
        with pytest.raises(IndexUnavailableError, match="kicker"):
            write_documents(client, names.write, [BulkItem("a", 2, b'{"kicker":"x"}')])

    def test_two_writers_at_once_leave_the_newest_version(self, settings: IndexSettings) -> None:
        writers = [open_elasticsearch_writer(settings) for _ in range(2)]
        batches = [
            [publish_change(article(f"a{number}", f"সংস্করণ {version}", version=version)) for number in range(40)]
            for version in (2, 9, 5, 7, 1, 8)
        ]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda job: writers[job[0] % 2].apply(job[1]), enumerate(batches)))
        reader = open_elasticsearch_reader(settings)
        found = reader.get_many([f"a{number}" for number in range(40)])
        assert {lookup.stored and lookup.stored.article.version for lookup in found.values()} == {9}
        page = reader.search(search_for("সংস্করণ", limit=50))
        assert (page.total, {hit.stored.article.title for hit in page.hits}) == (40, {"সংস্করণ 9"})

    def test_copies_written_by_two_workers_at_once_are_linked(self, settings: IndexSettings) -> None:
        story = " ".join(f"শব্দ{number} ঘটনা{number}" for number in range(40))
        writers = [open_elasticsearch_writer(settings) for _ in range(2)]
        writers[0].make_searchable()
        for number in range(10):
            pair = [
                publish_change(
                    article(f"{side}{number}", f"খবর {number}", f"{story} {number}", age=timedelta(days=9 * number))
                )
                for side in "ab"
            ]
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda job: job[0].apply([job[1]]), zip(writers, pair, strict=True)))
        reader = open_elasticsearch_reader(settings)
        page = reader.search(search_for("", limit=50))
        assert {hit.stored.article.id: hit.stored.copies for hit in page.hits} == {
            f"{side}{number}": 1 for side in "ab" for number in range(10)
        }

    def test_more_than_one_request_holds(self, settings: IndexSettings, writer: ElasticsearchArticleWriter) -> None:
        changes = [publish_change(article(f"a{number}", f"খবর {number}")) for number in range(1_100)]
        assert {result.outcome for result in writer.apply(changes)} == {ApplyOutcome.APPLIED}
        assert len(writer.make_searchable()) == 1_100
        assert open_elasticsearch_reader(settings).stats().articles == 1_100


class TestReading:
    def test_what_was_applied_is_shown_whatever_the_refresh_interval(self, settings: IndexSettings) -> None:
        never = settings.model_copy(update={"index_refresh_interval": "-1"})
        open_elasticsearch_writer(never).apply([publish_change(article("a", "প্রথম"))])
        reader = open_elasticsearch_reader(never)
        assert reader.get("a").state is Lookup.FOUND
        assert ids(reader.search(search_for("প্রথম"))) == ["a"]

    def test_before_the_first_article_the_index_is_empty_not_missing(self, settings: IndexSettings) -> None:
        reader = open_elasticsearch_reader(settings)
        with pytest.raises(IndexUnavailableError, match="missing"):
            reader.search(search_for(""))
        open_elasticsearch_writer(settings).make_searchable()
        assert reader.search(search_for("")).total == 0
        reader.ping()

    def test_a_retracted_article_leaves_a_page_whose_point_in_time_still_holds_it(
        self, settings: IndexSettings, writer: ElasticsearchArticleWriter
    ) -> None:
        writer.apply([publish_change(article(f"a{number}", f"নদীর খবর {number}")) for number in range(6)])
        reader = open_elasticsearch_reader(settings)
        request = search_for("নদী", sort=Sort.RELEVANCE, limit=2)
        cursor = reader.search(request).next_cursor
        page = reader.search(search_for("নদী", limit=2, cursor=cursor))
        shown = {f"a{number}" for number in range(6)} - set(ids(page)) - set(ids(reader.search(request)))
        gone = min(shown)
        writer.apply([retract_change(gone, 1)])
        last = reader.search(search_for("নদী", limit=2, cursor=page.next_cursor))
        assert set(ids(last)) == shown - {gone}

    def test_several_shards_score_as_one(self, settings: IndexSettings) -> None:
        other = settings.model_copy(update={"index_prefix": f"{settings.index_prefix}-s", "index_shards": 4})
        pages = []
        for each in (settings, other):
            writer = open_elasticsearch_writer(each)
            writer.apply(
                [
                    publish_change(
                        article(f"a{number}", f"নদীর {'পানি ' * (number % 4)}খবর {number}", "নদী " * number + "তীর")
                    )
                    for number in range(40)
                ]
            )
            pages.append(open_elasticsearch_reader(each).search(search_for("নদী পানি", now=NOW, limit=40)))
        delete_indices(address_of(settings), other.index_prefix)
        scores = [{hit.stored.article.id: round(hit.score, 4) for hit in page.hits} for page in pages]
        assert scores[0] == scores[1]
        assert pages[0].total == 30
