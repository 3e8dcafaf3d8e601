"""docs/asyncapi.yaml says what the code does: names, messages, references."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.keys import PartitionKeys, StreamKind
from shared.schemas.generate import EVENT_MODELS
from shared.tickets import ARTICLES_QUEUE, BACKFILL_QUEUE, QUEUE_OF, SCHEDULE_QUEUE, VIEWS_QUEUE

FILE = Path(__file__).parents[2] / "docs/asyncapi.yaml"
PARTITION = PartitionKeys(7)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _target(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_it_is_asyncapi_3_with_all_that_it_needs(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert {"info", "servers", "channels", "operations", "components"} <= set(document)
    assert all(operation["action"] in {"send", "receive"} for operation in document["operations"].values())


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in _references(document):
        if reference.startswith("#/"):
            assert _target(document, reference) is not None
        else:
            assert (FILE.parent / reference).is_file(), reference


def test_streams_are_named_as_in_redis(document: dict[str, Any]) -> None:
    addresses = {name: channel["address"].replace("NN", "07") for name, channel in document["channels"].items()}
    assert addresses["articleStream"] == PARTITION.stream(StreamKind.ARTICLES)
    assert addresses["backfillStream"] == PARTITION.stream(StreamKind.BACKFILL)
    assert addresses["viewStream"] == PARTITION.stream(StreamKind.VIEWS)
    assert addresses["deadLetters"] == PARTITION.dead_letters


def test_tickets_are_named_as_in_celery(document: dict[str, Any]) -> None:
    queues = {channel["address"] for channel in document["channels"].values() if ":" not in channel["address"]}
    assert queues == {ARTICLES_QUEUE, BACKFILL_QUEUE, VIEWS_QUEUE, SCHEDULE_QUEUE}
    tickets = ("drainTicket", "scheduleTicket")
    messages = document["components"]["messages"]
    tasks = {task for name in tickets for task in messages[name]["payload"]["properties"]["task"]["enum"]}
    assert tasks == set(QUEUE_OF)


def test_events_are_named_as_the_models(document: dict[str, Any]) -> None:
    messages = document["components"]["messages"].values()
    events = {
        message["name"]: message["payload"]["schema"]["$ref"]
        for message in messages
        if message.get("contentType") == "application/cloudevents+json"
    }
    assert events == {name: f"../shared/schemas/{name}.schema.json" for name in EVENT_MODELS}
