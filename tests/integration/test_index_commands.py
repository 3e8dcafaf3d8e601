"""khobor index create, list, rebuild, rollback, prune: through the operator's door, on both engines."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest

from services.cli import move_lock
from shared.keys import INDEX_MOVE
from shared.search.elasticsearch.opening import open_elasticsearch_writer
from shared.search.embedded.writer import EmbeddedArticleWriter
from tests.support.articles import article, publish_change
from tests.support.command_line import CommandLine
from tests.support.elasticsearch_engine import delete_indices, elasticsearch_settings
from tests.support.elasticsearch_server import ElasticsearchServer
from tests.support.valkey import ValkeyServer

pytestmark = pytest.mark.integration

NEWS = [publish_change(article(f"a{number}", "নদীর খবর")) for number in range(5)]


@dataclass(frozen=True)
class State:
    """What `khobor index list --json` says."""

    names: list[str]
    in_use: str
    articles: int


def state(command: CommandLine) -> State:
    listed = command.run("index", "list", "--json").json
    [used] = [index for index in listed if index["is_in_use"]]
    assert not any(index["is_building"] for index in listed)
    return State([index["name"] for index in listed], used["name"], used["articles"])


@pytest.fixture
def embedded(tmp_path: Path) -> CommandLine:
    # Nothing listens there: the embedded engine's own commands need no Redis.
    return CommandLine({"index_path": str(tmp_path / "index"), "redis_url": "redis://127.0.0.1:9/0"})


@pytest.fixture
def elasticsearch(
    elasticsearch_server: ElasticsearchServer, index_prefix: str, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    monkeypatch.setattr(move_lock, "_KEPT_SECONDS", 0.5)
    monkeypatch.setattr(move_lock, "_RENEW_SECONDS", 0.1)
    yield CommandLine(
        {
            "elasticsearch_url": elasticsearch_server.url,
            "elasticsearch_timeout": "30",
            "index_prefix": index_prefix,
            "redis_url": valkey.url,
        }
    )
    delete_indices(elasticsearch_server.url, index_prefix)


def publish(command: CommandLine) -> None:
    if url := command.settings.get("elasticsearch_url"):
        settings = elasticsearch_settings(url, command.settings["index_prefix"])
        with closing(open_elasticsearch_writer(settings)) as writer:
            writer.apply(NEWS)
    else:
        with closing(EmbeddedArticleWriter(Path(command.settings["index_path"]))) as embedded:
            embedded.apply(NEWS)
            embedded.make_searchable()


@pytest.mark.parametrize("engine", ["embedded", "elasticsearch"])
def test_an_index_from_its_beginning_to_its_end(engine: str, request: pytest.FixtureRequest) -> None:
    command: CommandLine = request.getfixturevalue(engine)
    assert command.run("index", "list").stdout.startswith("there is no index")
    first = command.run("index", "create").stdout.split()[0]
    publish(command)
    assert command.run("index", "create").stdout == f"{first} is in use\n"
    assert state(command) == State([first], first, 5)

    second = command.run("index", "rebuild").stdout.split()[0]
    assert state(command) == State([first, second], second, 5)
    assert "kept" in command.run("index", "list").stdout

    assert command.run("index", "rollback").stdout == f"{first} is in use again\n"
    assert state(command).in_use == first
    assert command.run("index", "prune").stdout == "nothing to delete\n"
    assert command.run("index", "prune", "--keep", "0").stdout == f"{second} is deleted\n"
    assert state(command) == State([first], first, 5)

    answer = command.run("index", "rollback")
    assert answer.exit_code == 1
    assert "no earlier index" in answer.error


def test_one_move_at_a_time(elasticsearch: CommandLine, valkey: ValkeyServer) -> None:
    begun, over = Event(), Event()

    def hold() -> None:
        with valkey.client() as client:
            while not over.wait(0.05):
                client.set(INDEX_MOVE, "another command", px=10_000)
                begun.set()

    publish(elasticsearch)
    before = state(elasticsearch)
    holder = Thread(target=hold)
    holder.start()
    assert begun.wait(10)
    try:
        answer = elasticsearch.run("index", "rebuild")
    finally:
        over.set()
        holder.join()
    assert answer.exit_code == 1
    assert "under way" in answer.error
    assert state(elasticsearch) == before


def test_the_lock_of_a_move_that_was_killed_runs_out(elasticsearch: CommandLine, valkey: ValkeyServer) -> None:
    publish(elasticsearch)
    with valkey.client() as client:
        client.set(INDEX_MOVE, "a command that was killed", px=200)
    answer = elasticsearch.run("index", "rebuild")
    assert answer.exit_code == 0, answer.error
    assert "waiting" in answer.error
    assert len(state(elasticsearch).names) == 2
    with valkey.client() as client:
        assert client.exists(INDEX_MOVE) == 0


def test_a_move_that_lost_its_lock_stops_and_can_be_run_again(
    elasticsearch: CommandLine, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(elasticsearch)
    with valkey.client() as client, monkeypatch.context() as patched:
        # As if Redis had been emptied: the first renewal finds nothing.
        patched.setattr(move_lock, "_renew", lambda _lock, lost, _over: (client.flushdb(), lost.set()))
        answer = elasticsearch.run("index", "rebuild")
    assert answer.exit_code == 1
    assert "lock" in answer.error
    listed = elasticsearch.run("index", "list", "--json").json
    assert [index["is_building"] for index in listed] == [False, True]
    assert elasticsearch.run("index", "rebuild").exit_code == 0
    assert state(elasticsearch).articles == 5


def test_without_redis_an_elasticsearch_index_is_not_moved(elasticsearch: CommandLine) -> None:
    away = CommandLine({**elasticsearch.settings, "redis_url": "redis://127.0.0.1:9/0", "redis_timeout": "1"})
    publish(away)
    answer = away.run("index", "rebuild")
    assert answer.exit_code == 1
    assert "Redis does not answer" in answer.error
    assert len(state(away).names) == 1


def test_an_elasticsearch_that_is_away_is_named(tmp_path: Path) -> None:
    command = CommandLine({"elasticsearch_url": "http://127.0.0.1:9", "index_path": str(tmp_path)})
    for arguments in (["list"], ["list", "--json"]):
        answer = command.run("index", *arguments)
        assert answer.exit_code == 1
        assert "cannot be reached" in answer.error


def test_settings_that_do_not_fit_together_are_named(tmp_path: Path) -> None:
    command = CommandLine(
        {"elasticsearch_url": "http://127.0.0.1:9", "elasticsearch_ca_file": str(tmp_path / "no.pem")}
    )
    answer = command.run("index", "list")
    assert answer.exit_code == 2
    assert "KHOBOR_ELASTICSEARCH_CA_FILE" in answer.error
