"""The events as publishers know them: schemas, examples, and the promise that a change only adds."""

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.events import Article, encode_event, event_from_producer
from shared.schemas.compatibility import breaking_changes
from shared.schemas.generate import EVENT_MODELS, committed_schema, encode_schema, released_schema, schema_of

EXAMPLES = sorted((Path(__file__).parents[2] / "shared/schemas/examples").glob("*/*.json"))


@pytest.mark.parametrize("event_type", EVENT_MODELS)
def test_the_committed_schema_is_the_models(event_type: str) -> None:
    assert committed_schema(event_type) == encode_schema(schema_of(event_type)), "write them anew: make schemas"


@pytest.mark.parametrize("event_type", EVENT_MODELS)
def test_what_publishers_were_promised_still_holds(event_type: str) -> None:
    promised = orjson.loads(released_schema(event_type))
    assert breaking_changes(promised, schema_of(event_type)) == [], "add only what is optional, or make a .v2"


@pytest.mark.parametrize("event_type", EVENT_MODELS)
def test_schemas_are_schemas(event_type: str) -> None:
    Draft202012Validator.check_schema(schema_of(event_type))


def test_every_event_type_has_an_example() -> None:
    assert {example.parent.name for example in EXAMPLES} == set(EVENT_MODELS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_examples_are_taken_by_schema_and_model_alike(example: Path) -> None:
    event = orjson.loads(example.read_bytes())
    Draft202012Validator(schema_of(example.parent.name)).validate(event)
    assert event_from_producer(event).type == example.parent.name


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_written_to_disk_is_taken_again(example: Path) -> None:
    event = event_from_producer(orjson.loads(example.read_bytes()))
    written = orjson.loads(encode_event(event))
    Draft202012Validator(schema_of(event.type)).validate(written)
    assert event_from_producer(written) == event


@pytest.mark.parametrize("event_type", EVENT_MODELS)
def test_the_schema_refuses_an_unknown_attribute(event_type: str) -> None:
    example = next(example for example in EXAMPLES if example.parent.name == event_type)
    event = orjson.loads(example.read_bytes())
    for unknown in ({"Unknown": 1}, {"extension": {"not": "scalar"}}, {"data_base64": "e30="}):
        assert not Draft202012Validator(schema_of(event_type)).is_valid(event | unknown)
        with pytest.raises(ValidationError):
            event_from_producer(event | unknown)


class TestBreakingChanges:
    """The judge itself: each kind of change, on a copy of the article's schema."""

    @pytest.fixture
    def old(self) -> dict[str, Any]:
        return Article.model_json_schema()

    @pytest.fixture
    def new(self, old: dict[str, Any]) -> dict[str, Any]:
        return copy.deepcopy(old)

    def test_no_change_breaks_nothing(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        assert breaking_changes(old, new) == []

    def test_a_new_optional_field_breaks_nothing(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["photographer"] = {"type": "string"}
        assert breaking_changes(old, new) == []

    def test_a_looser_bound_breaks_nothing(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["title"]["maxLength"] = 2_000
        assert breaking_changes(old, new) == []

    def test_a_required_field_that_becomes_optional_breaks_nothing(
        self, old: dict[str, Any], new: dict[str, Any]
    ) -> None:
        new["required"].remove("body")
        assert breaking_changes(old, new) == []

    def test_a_removed_field_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        del new["properties"]["byline"]
        assert breaking_changes(old, new) == ["$.byline: is gone"]

    def test_a_new_required_field_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["required"].append("url")
        assert breaking_changes(old, new) == ["$.url: became required"]

    def test_a_tighter_bound_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["title"]["maxLength"] = 100
        assert breaking_changes(old, new) == ["$.title: maxLength 1000 became 100"]

    def test_a_new_bound_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["body"]["minLength"] = 100
        assert breaking_changes(old, new) == ["$.body: minLength none became 100"]

    def test_another_type_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["version"] = {"type": "string"}
        assert breaking_changes(old, new) == ["$.version: type integer became string"]

    def test_another_pattern_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["id"]["pattern"] = "^[0-9]+$"
        assert len(breaking_changes(old, new)) == 1

    def test_an_alternative_that_is_gone_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["lead"] = {"type": "string", "maxLength": 5_000}
        assert breaking_changes(old, new) == ["$.lead: type null became string"]

    def test_refusing_other_fields_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        del old["additionalProperties"]
        assert breaking_changes(old, new) == ["$: other fields are refused now"]
        assert breaking_changes(new, old) == []

    def test_refusing_extension_attributes_breaks(self) -> None:
        event = schema_of("khobor.article.viewed.v1")
        without = {name: value for name, value in event.items() if name != "patternProperties"}
        assert len(breaking_changes(event, without)) == 1
        assert breaking_changes(without, event) == []

    def test_a_tighter_item_breaks(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        new["properties"]["tags"]["items"]["maxLength"] = 10
        assert breaking_changes(old, new) == ["$.tags[]: maxLength 200 became 10"]
