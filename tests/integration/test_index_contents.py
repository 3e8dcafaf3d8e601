"""khobor index reconcile and copy: through the operator's door, with real servers and the worker's own code."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis

from services.cli.requeue import Requeue
from services.cli.use_cases import reconcile_index
from services.indexer.app import Indexer, build_celery, build_indexer
from services.indexer.settings import IndexerSettings
from shared.journal.model import AppendItem, StreamId
from shared.keys import StreamKind, partition_of
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.embedded.inventory import EmbeddedArticleInventory
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.labels import canonical_label
from shared.search.model import ArticleChange, Lookup
from shared.search.opening import open_inventory, open_reader
from shared.views.model import ListKind, RecordedView, Window, encode_view
from shared.views.redis_reader import RedisViewReader
from tests.support.articles import article, ids, publish_change, retract_change, search_for
from tests.support.command_line import CommandLine
from tests.support.elasticsearch_engine import address_of, delete_indices
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.journals import PARTITIONS, redis_appender
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration

SPORT = canonical_label("খেলা")
NEWS = [
    *(
        publish_change(article(f"a{number}", f"নদীর খবর {number}", version=number + 1, category="খেলা"))
        for number in range(6)
    ),
    retract_change("gone", 7),
]
LIVE, ALL = 6, 7


@dataclass(frozen=True)
class Installation:
    """The stack's parts without its processes: the journal, one worker's code, and the command line."""

    command: CommandLine
    settings: IndexerSettings
    indexer: Indexer
    client: redis.Redis

    def publish(self, *changes: ArticleChange) -> None:
        with (
            asyncio.Runner() as runner,
            redis_appender(runner, self.settings.redis_url.get_secret_value()) as appender,
        ):
            Requeue(runner, appender, appender, partitions=PARTITIONS)(changes)
        self.work()

    def work(self) -> None:
        for partition in range(PARTITIONS):
            for kind in StreamKind:
                if kind.holds_articles:
                    self.indexer.drain_articles.run(StreamId(kind, partition), self.settings.article_batch)
            self.indexer.drain_views.run(partition)

    def view(self, article_id: str, viewers: int) -> None:
        now_ms = round(datetime.now(UTC).timestamp() * 1_000)
        views = [RecordedView(article_id, viewer, now_ms, countable=True) for viewer in range(viewers)]
        items = [AppendItem(article_id, encode_view(view)) for view in views]
        stream = StreamId(StreamKind.VIEWS, partition_of(article_id, PARTITIONS))
        with (
            asyncio.Runner() as runner,
            redis_appender(runner, self.settings.redis_url.get_secret_value()) as appender,
        ):
            runner.run(appender.append(stream, uuid4().hex, items))
        self.work()

    def most_read(self, category: str | None = None) -> list[str]:
        reader = RedisViewReader(self.client, partitions=PARTITIONS)
        listed = reader.most_read(
            window=Window.DAY, kind=ListKind.TOP, category=category, limit=10, now=datetime.now(UTC)
        )
        return [ranked.article_id for ranked in listed.articles]

    def reconcile(self, *options: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """The exit code, the differences by article, and the counts."""
        answer = self.command.run("index", "reconcile", "--json", *options)
        *differences, counts = answer.json_lines
        return answer.exit_code, {each["article_id"]: each for each in differences}, counts


def install(command: CommandLine, valkey: ValkeyServer) -> Installation:
    settings = IndexerSettings.model_validate({**command.settings, "worker_metrics_port": 0})
    indexer = build_indexer(settings, build_celery(settings))
    return Installation(command, settings, indexer, valkey.client())


@pytest.fixture(autouse=True)
def _no_waiting_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here they are done when the command begins."""
    monkeypatch.setattr(reconcile_index, "_SETTLED_WITHIN", 0.01)


@pytest.fixture
def embedded(tmp_path: Path, valkey: ValkeyServer) -> Installation:
    settings = {"index_path": str(tmp_path / "index"), "redis_url": valkey.url, "partitions": str(PARTITIONS)}
    return install(CommandLine(settings), valkey)


@pytest.fixture
def elasticsearch(
    elasticsearch_server: ElasticsearchServer, index_prefix: str, tmp_path: Path, valkey: ValkeyServer
) -> Iterator[Installation]:
    settings = {
        "elasticsearch_url": elasticsearch_server.url,
        "elasticsearch_timeout": "30",
        "index_prefix": index_prefix,
        "index_path": str(tmp_path / "embedded"),
        "redis_url": valkey.url,
        "partitions": str(PARTITIONS),
    }
    yield install(CommandLine(settings), valkey)
    delete_indices(elasticsearch_server.url, index_prefix)


@pytest.fixture(params=["embedded", "elasticsearch"])
def installation(request: pytest.FixtureRequest) -> Installation:
    made: Installation = request.getfixturevalue(request.param)
    made.publish(*NEWS)
    return made


def test_when_nothing_is_lost_nothing_differs(installation: Installation) -> None:
    exit_code, differences, counts = installation.reconcile()
    assert (exit_code, differences) == (0, {})
    assert (counts["recorded"], counts["indexed"]) == (ALL, ALL)
    assert "nothing differs" in installation.command.run("index", "reconcile").stdout


def test_after_the_loss_of_redis_lists_work_again(installation: Installation) -> None:
    installation.client.flushdb()
    installation.view("a1", 3)
    installation.view("a2", 1)
    installation.view("gone", 1)
    assert installation.most_read() == []
    exit_code, differences, counts = installation.reconcile()
    assert exit_code == 0
    assert {each["finding"] for each in differences.values()} == {"orphaned"}
    assert (len(differences), counts["orphaned"], counts["recorded"]) == (ALL, ALL, ALL)
    assert installation.most_read() == ["a1", "a2"]
    assert installation.most_read(SPORT) == ["a1", "a2"]
    assert installation.reconcile()[1] == {}
    # A late event that is older than what the index holds stays out, as before the loss.
    installation.publish(publish_change(article("gone", "ভুল খবর", version=6)))
    assert open_reader(installation.settings).get("gone").state is Lookup.RETRACTED


def test_an_index_that_nothing_can_replace_is_said_to_be_lost(installation: Installation) -> None:
    """Its retractions come back from the record alone."""
    if installation.settings.elasticsearch_url is None:
        shutil.rmtree(installation.settings.index_path)
    else:
        delete_indices(address_of(installation.settings), installation.settings.index_prefix)
    assert installation.command.run("index", "reconcile").exit_code == 1
    assert installation.command.run("index", "create").exit_code == 0
    exit_code, differences, counts = installation.reconcile()
    assert exit_code == 1
    assert (counts["missing"], counts["hopeless"]) == (ALL, LIVE)
    assert differences["a1"]["remedy"] == "none: nothing else has it"
    assert differences["gone"]["remedy"] == "re-queued"
    installation.work()
    told = installation.command.run("index", "reconcile")
    assert told.exit_code == 1
    assert "6 can only be sent again by their publishers" in told.stdout
    reader = open_reader(installation.settings)
    assert reader.get("gone").state is Lookup.RETRACTED
    installation.publish(*NEWS)
    assert installation.reconcile()[:2] == (0, {})


def test_what_elasticsearch_lost_comes_from_the_index_that_is_kept(elasticsearch: Installation) -> None:
    elasticsearch.publish(*NEWS)
    assert elasticsearch.command.run("index", "rebuild").exit_code == 0
    names = IndexNames(elasticsearch.settings.index_prefix)
    kept = names.index(1)
    elasticsearch.publish(publish_change(article("only-here", "নতুন খবর", version=3)))
    with open_client(elasticsearch.settings) as client:
        for lost, rank in (("a1", 4), ("gone", 15), ("only-here", 6)):
            client.delete(index=names.index(2), id=lost, version=rank, version_type="external_gte", refresh=True)
    exit_code, planned, _ = elasticsearch.reconcile("--dry-run")
    assert exit_code == 1
    assert {article_id: (each["remedy"], each["source"]) for article_id, each in planned.items()} == {
        "a1": ("re-queued", kept),
        "gone": ("re-queued", "the record"),
        "only-here": ("none: nothing else has it", None),
    }
    elasticsearch.work()
    assert elasticsearch.reconcile("--dry-run")[1] == planned, "a dry run changes nothing"
    assert elasticsearch.reconcile()[1] == planned
    assert elasticsearch.reconcile()[1]["a1"]["remedy"].startswith("under way")
    elasticsearch.work()
    exit_code, left, _ = elasticsearch.reconcile()
    assert (exit_code, set(left)) == (1, {"only-here"})
    reader = open_reader(elasticsearch.settings)
    assert reader.get("gone").state is Lookup.RETRACTED
    assert "a1" in ids(reader.search(search_for("নদী")))


def test_what_elasticsearch_lost_comes_from_the_embedded_index(elasticsearch: Installation) -> None:
    """As after a move to Elasticsearch that was not copied to the end."""
    with closing(EmbeddedArticleWriter(elasticsearch.settings.index_path)) as writer:
        writer.apply(NEWS)
    elasticsearch.publish(*NEWS)
    delete_indices(address_of(elasticsearch.settings), elasticsearch.settings.index_prefix)
    assert elasticsearch.command.run("index", "create").exit_code == 0
    exit_code, differences, counts = elasticsearch.reconcile()
    assert (exit_code, counts["missing"]) == (0, ALL)
    assert "embedded" in differences["a1"]["source"]
    elasticsearch.work()
    assert elasticsearch.reconcile()[:2] == (0, {})


class TestCopy:
    def test_there_and_back_again(self, elasticsearch: Installation, tmp_path: Path) -> None:
        here, back = elasticsearch.settings.index_path, tmp_path / "back"
        with closing(EmbeddedArticleWriter(here)) as writer:
            writer.apply(NEWS)
        there = elasticsearch.command.run("index", "copy", "--from", "embedded", "--to", "elasticsearch", "--json")
        assert there.exit_code == 0, there.error
        assert (there.json["articles"], there.json["tombstones"], there.json["complete"]) == (LIVE, 1, True)
        assert open_reader(elasticsearch.settings).search(search_for("নদী")).total == LIVE

        command = CommandLine({**elasticsearch.command.settings, "index_path": str(back)})
        returned = command.run("index", "copy", "--from", "elasticsearch", "--to", "embedded")
        assert returned.exit_code == 0
        assert "6 articles and 1 retractions copied; 0 were in embedded already" in returned.stdout
        assert (
            "7 were in embedded already"
            in command.run("index", "copy", "--from", "elasticsearch", "--to", "embedded").stdout
        )
        for inventory in (
            EmbeddedArticleInventory(here),
            open_inventory(elasticsearch.settings),
            EmbeddedArticleInventory(back),
        ):
            changes = inventory.changes([change.article_id for change in NEWS])
            assert sorted(changes, key=_by_id) == sorted(NEWS, key=_by_id)
        reader = open_reader(elasticsearch.settings.model_copy(update={"elasticsearch_url": None, "index_path": back}))
        assert reader.search(search_for("নদী")).total == LIVE

    def test_what_the_first_engine_got_late_comes_with_the_second_copy(self, elasticsearch: Installation) -> None:
        arguments = ("index", "copy", "--from", "embedded", "--to", "elasticsearch", "--json")
        with closing(EmbeddedArticleWriter(elasticsearch.settings.index_path)) as writer:
            writer.apply(NEWS[:3])
            assert elasticsearch.command.run(*arguments).json["articles"] == 3
            # Before the workers are switched, and after.
            writer.apply(NEWS[3:])
            elasticsearch.publish(publish_change(article("a0", "সংশোধিত খবর", version=9)))
            second = elasticsearch.command.run(*arguments).json
        assert (second["articles"], second["tombstones"], second["held_before"]) == (3, 1, 3)
        found = open_inventory(elasticsearch.settings).held([change.article_id for change in NEWS])
        assert (len(found), found["a0"].version) == (ALL, 9)

    @pytest.mark.parametrize(
        ("source", "target", "settings", "exit_code", "words"),
        [
            ("embedded", "embedded", {}, 2, "the same engine"),
            ("embedded", "elasticsearch", {}, 2, "KHOBOR_ELASTICSEARCH_URL is not set"),
            ("embedded", "elasticsearch", {"elasticsearch_url": "http://127.0.0.1:9"}, 1, "cannot be used"),
            ("elasticsearch", "embedded", {"elasticsearch_url": "http://127.0.0.1:9"}, 1, "cannot be reached"),
        ],
    )
    def test_what_cannot_be_copied_is_named(
        self, tmp_path: Path, source: str, target: str, settings: dict[str, str], exit_code: int, words: str
    ) -> None:
        folder = tmp_path / "index"
        answer = CommandLine({**settings, "index_path": str(folder)}).run(
            "index", "copy", "--from", source, "--to", target
        )
        assert answer.exit_code == exit_code
        assert words in answer.error
        assert not folder.exists()


def _by_id(change: ArticleChange) -> str:
    return change.article_id
