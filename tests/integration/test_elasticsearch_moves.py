"""Moving to another index: readers see either, whole; nothing published meanwhile is lost; kills are survived."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
import pytest
from elasticsearch import Elasticsearch

from shared.search.elasticsearch.bulk import BulkItem, write_documents
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames, form
from shared.search.elasticsearch.moves import ElasticsearchIndexMoves
from shared.search.elasticsearch.opening import (
    open_elasticsearch_moves,
    open_elasticsearch_reader,
    open_elasticsearch_writer,
)
from shared.search.model import ApplyOutcome, ArticleChange, Lookup
from shared.search.ports import IndexMoveError, IndexUnavailableError
from shared.settings import IndexSettings
from tests.support.articles import Engine, article, publish_change, retract_change
from tests.support.elasticsearch_engine import address_of, by_way_of, delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.http_fault_proxy import Answer, HttpFaultProxy, Request

pytestmark = pytest.mark.integration

STORY = " ".join(f"ঘটনা{number} বিবরণ{number}" for number in range(30))
NEWS: list[ArticleChange] = [
    *(publish_change(article(f"a{number}", f"নদীর খবর {number}", "নদীতে পানি বাড়ছে।")) for number in range(250)),
    *(publish_change(article(f"copy{number}", f"একই নদীর কথা {number}", STORY)) for number in range(3)),
    retract_change("gone", 7),
]
ARTICLES = 253
# As another process does it, to be killed.
REBUILD = """
from shared.settings import IndexSettings
from shared.search.elasticsearch.opening import open_elasticsearch_moves
open_elasticsearch_moves(IndexSettings()).rebuild()
"""


@dataclass(frozen=True)
class Installation:
    settings: IndexSettings
    engine: Engine
    client: Elasticsearch
    moves: ElasticsearchIndexMoves

    @property
    def names(self) -> IndexNames:
        return IndexNames(self.settings.index_prefix)

    def in_use(self) -> str:
        [name] = [state.name for state in self.moves.states() if state.is_in_use]
        return name

    def found(self, text: str = "নদী") -> int:
        return self.engine.search(text).total


@pytest.fixture
def installation(elasticsearch_server: ElasticsearchServer, index_prefix: str) -> Iterator[Installation]:
    settings = elasticsearch_settings(elasticsearch_server.url, index_prefix)
    engine = Engine(open_elasticsearch_writer(settings), open_elasticsearch_reader(settings))
    engine.change(*NEWS)
    with open_client(settings) as client:
        yield Installation(settings, engine, client, open_elasticsearch_moves(settings))
    delete_indices(elasticsearch_server.url, index_prefix)


def assert_whole(installation: Installation, articles: int = ARTICLES) -> None:
    reader = installation.engine.reader
    stats = reader.stats()
    assert (stats.articles, stats.retracted) == (articles, 1)
    assert reader.get("gone").state is Lookup.RETRACTED
    copy = reader.get("copy0").stored
    assert copy is not None
    assert copy.copies == 2
    assert installation.found() == articles


class TestCreate:
    def test_an_index_that_is_there_stays_as_it_is(self, installation: Installation) -> None:
        assert installation.moves.create() == installation.names.index(1)
        assert_whole(installation)

    def test_the_first_index_is_made(
        self, installation: Installation, elasticsearch_server: ElasticsearchServer
    ) -> None:
        delete_indices(elasticsearch_server.url, installation.settings.index_prefix)
        assert installation.moves.create() == installation.names.index(1)
        assert installation.engine.reader.stats().articles == 0

    def test_lost_aliases_come_back_to_the_index_that_was_in_use(self, installation: Installation) -> None:
        installation.moves.rebuild()
        installation.moves.roll_back()
        installation.client.indices.delete_alias(
            index=installation.names.pattern, name=[installation.names.read, installation.names.write]
        )
        with pytest.raises(IndexUnavailableError, match="khobor index create"):
            installation.found()
        assert installation.moves.create() == installation.names.index(1)
        assert_whole(installation)
        installation.engine.publish(article("later", "নদীর পরের খবর"))
        assert installation.found() == ARTICLES + 1

    def test_the_next_index_follows_the_settings_of_today(self, installation: Installation) -> None:
        settings = installation.settings.model_copy(update={"index_shards": 2})
        moves = open_elasticsearch_moves(settings)
        moves.create()
        name = moves.rebuild()
        made = installation.client.indices.get_settings(index=name, flat_settings=True)[name]["settings"]
        assert made["index.number_of_shards"] == "2"


class TestRebuild:
    def test_the_new_index_holds_everything_and_takes_over(self, installation: Installation) -> None:
        reports: list[tuple[int, int]] = []
        assert installation.moves.rebuild(
            lambda done, total: reports.append((done, total))
        ) == installation.names.index(2)
        assert_whole(installation)
        assert reports[-1][0] == reports[-1][1] == len(NEWS)
        [old, new] = installation.moves.states()
        assert (old.is_in_use, new.is_in_use, new.is_building) == (False, True, False)
        assert installation.client.indices.get(index=new.name)[new.name]["aliases"].keys() == {
            installation.names.read,
            installation.names.write,
        }

    def test_writers_and_readers_go_on_meanwhile(self, installation: Installation) -> None:
        engine, written = installation.engine, 0

        def publish_and_look(_done: int, _total: int) -> None:
            nonlocal written
            # In the last pass writing is blocked; the journal would keep them.
            with contextlib.suppress(IndexUnavailableError):
                engine.change(
                    publish_change(article(f"meanwhile{written}", "নদীর টাটকা খবর")),
                    publish_change(article("a7", f"নদীর সংশোধিত খবর {written}", version=2 + written)),
                )
                written += 1
            assert installation.found() == ARTICLES + written

        installation.moves.rebuild(publish_and_look)
        assert written > 0
        assert_whole(installation, ARTICLES + written)
        lookup = engine.reader.get("a7")
        assert lookup.stored is not None
        assert lookup.stored.article.version == 1 + written

    def test_a_writer_that_was_running_goes_on_in_the_new_index(self, installation: Installation) -> None:
        installation.moves.rebuild()
        [result] = installation.engine.writer.apply([publish_change(article("a0", "সাগরের খবর", version=2))])
        assert result.outcome is ApplyOutcome.APPLIED
        assert installation.engine.find("সাগর") == ["a0"]
        assert (
            installation.client.count(index=installation.names.index(1), q="_id:a0 AND retracted:false")["count"] == 1
        )
        stale = installation.engine.writer.apply([publish_change(article("gone", "ভুল খবর", version=7))])
        assert stale[0].outcome is ApplyOutcome.STALE

    def test_another_form_of_documents_takes_over(self, installation: Installation) -> None:
        """As after an update of the analyzer: writers wait, readers go on, the rebuild lets writers in."""
        names, client = installation.names, installation.client
        old_alias = f"{names.writers[:-1]}v0-old"
        client.indices.put_mapping(index=names.index(1), meta={"form": "v0-old"})
        client.indices.update_aliases(
            actions=[
                {"remove": {"index": names.index(1), "alias": names.write}},
                {"add": {"index": names.index(1), "alias": old_alias}},
            ]
        )
        change = publish_change(article("new", "নদীর নতুন খবর"))
        writer = open_elasticsearch_writer(installation.settings)
        with pytest.raises(IndexUnavailableError, match="khobor index rebuild"):
            writer.apply([change])
        assert installation.found() == ARTICLES
        installation.moves.rebuild()
        assert not client.indices.exists_alias(name=old_alias)
        assert [state.is_ours for state in installation.moves.states()] == [False, True]
        assert [result.outcome for result in writer.apply([change])] == [ApplyOutcome.APPLIED]
        assert_whole(installation, ARTICLES + 1)
        with pytest.raises(IndexMoveError, match=form()):
            installation.moves.roll_back()

    def test_an_index_that_differs_is_not_switched_to(self, installation: Installation) -> None:
        names = installation.names
        with HttpFaultProxy(address_of(installation.settings)) as proxy:

            def falsify(request: Request) -> Answer | None:
                if request.path.endswith("/_block/write"):
                    ids = [f"a{number}" for number in range(250)]
                    documents = installation.client.mget(index=names.building, ids=ids)["docs"]
                    falsified = [
                        BulkItem(
                            document["_id"],
                            document["_version"],
                            orjson.dumps({**document["_source"], "original": {"title": "অন্য"}}),
                        )
                        for document in documents
                    ]
                    write_documents(installation.client, names.building, falsified)
                return None

            proxy.fault = falsify
            moves = open_elasticsearch_moves(_through(proxy, installation))
            with pytest.raises(IndexMoveError, match="another text"):
                moves.rebuild()
        assert installation.in_use() == names.index(1)
        assert [result.outcome for result in installation.engine.writer.apply(NEWS[:1])] == [ApplyOutcome.APPLIED]


class TestRollBack:
    def test_what_was_published_since_comes_along(self, installation: Installation) -> None:
        installation.moves.rebuild()
        installation.engine.change(
            publish_change(article("later", "নদীর পরের খবর")),
            publish_change(article("a3", "সাগরের খবর", version=2)),
        )
        assert installation.moves.roll_back() == installation.names.index(1)
        assert installation.in_use() == installation.names.index(1)
        assert installation.engine.find("সাগর") == ["a3"]
        assert installation.engine.reader.get("later").state is Lookup.FOUND
        assert installation.engine.reader.stats().articles == ARTICLES + 1
        installation.engine.publish(article("a3", "পাহাড়ের খবর", version=3))
        assert installation.engine.find("পাহাড়") == ["a3"]

    def test_a_half_built_index_goes_when_one_returns_instead(self, installation: Installation) -> None:
        installation.moves.rebuild()

        def break_off(_done: int, _total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            installation.moves.rebuild(break_off)
        assert installation.moves.roll_back() == installation.names.index(1)
        assert [state.name for state in installation.moves.states()] == list(map(installation.names.index, (1, 2)))
        assert_whole(installation)

    def test_without_an_earlier_index_there_is_nothing_to_return_to(self, installation: Installation) -> None:
        with pytest.raises(IndexMoveError, match="no earlier index"):
            installation.moves.roll_back()

    def test_pruning_keeps_what_is_in_use_and_the_newest_of_the_rest(self, installation: Installation) -> None:
        for _ in range(3):
            installation.moves.rebuild()
        names = installation.names
        assert installation.moves.prune() == [names.index(1), names.index(2)]
        assert [state.name for state in installation.moves.states()] == [names.index(3), names.index(4)]
        assert installation.moves.prune(keep=0) == [names.index(3)]
        assert_whole(installation)


@dataclass
class Killer:
    """Kills the process when it sends the request of one stage; `after` lets the request through first."""

    method: str
    end: str
    after: bool = False
    times: int = 1
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __call__(self, request: Request) -> Answer | None:
        if request.method != self.method or not request.path.partition("?")[0].endswith(self.end):
            return None
        self.times -= 1
        if self.times > 0 or self.process is None:
            return None
        os.kill(self.process.pid, signal.SIGKILL)
        return None if self.after else Answer(503, b"{}")


class TestKilled:
    @pytest.mark.parametrize(
        "killer",
        [
            pytest.param(Killer("PUT", "-000002"), id="before the new index"),
            pytest.param(Killer("PUT", "-000002", after=True), id="after it was made"),
            pytest.param(Killer("PUT", "/_bulk", times=2), id="while copying"),
            pytest.param(Killer("PUT", "/_block/write"), id="before writing is blocked"),
            pytest.param(Killer("PUT", "/_block/write", after=True), id="while writing is blocked"),
            pytest.param(Killer("POST", "/_aliases"), id="before the switch"),
            pytest.param(Killer("POST", "/_aliases", after=True), id="after the switch"),
            pytest.param(Killer("DELETE", "-building"), id="at the end"),
        ],
    )
    def test_running_it_again_finishes(self, installation: Installation, killer: Killer) -> None:
        with HttpFaultProxy(address_of(installation.settings)) as proxy:
            proxy.fault = killer
            environment = {
                **os.environ,
                "KHOBOR_ELASTICSEARCH_URL": proxy.url,
                "KHOBOR_INDEX_PREFIX": installation.settings.index_prefix,
                "KHOBOR_ELASTICSEARCH_TIMEOUT": "PT30S",
            }
            killer.process = subprocess.Popen([sys.executable, "-c", REBUILD], env=environment)
            assert killer.process.wait(100) == -signal.SIGKILL
        # Readers have noticed nothing.
        assert installation.found() == ARTICLES
        pending = [publish_change(article("a1", "সাগরের খবর", version=2)), retract_change("a2", 2)]
        # Writing may be blocked now; the journal would keep them.
        with contextlib.suppress(IndexUnavailableError):
            installation.engine.change(*pending)
        installation.moves.rebuild()
        installation.engine.change(*pending)
        assert installation.in_use() == installation.names.index(2)
        assert [state.is_building for state in installation.moves.states()] == [False, False]
        assert installation.engine.find("সাগর") == ["a1"]
        stats = installation.engine.reader.stats()
        assert (stats.articles, stats.retracted) == (ARTICLES - 1, 2)


def _through(proxy: HttpFaultProxy, installation: Installation) -> IndexSettings:
    return by_way_of(installation.settings, proxy.url)
