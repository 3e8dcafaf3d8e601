"""JSON is read strictly, and its faults have a place."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.json_body import read_json, read_json_array, read_json_lines
from shared.http.media_type import media_type_of
from shared.http.problems import ProblemError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(value=JSON)
def test_what_json_writes_is_read(value: Any) -> None:
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (read_json, lambda body: read_json_lines(body, max_items=5)):
        with suppress(ProblemError):
            read(body)


@given(values=st.lists(JSON, max_size=8), newline=st.sampled_from(["\n", "\r\n", "\n\n", "\n \n"]))
def test_lines(values: list[Any], newline: str) -> None:
    body = newline.join(json.dumps(value) for value in values).encode()
    assert read_json_lines(body, max_items=8) == values


def refusal(body: bytes) -> dict[str, Any]:
    with pytest.raises(ProblemError) as caught:
        read_json(body)
    return caught.value.problem.model_dump()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b' {"a": 1,\n  "b": ?}', "line 2 column 8"),
        (b'{"a": NaN}', "line 1 column 7"),
        (b'{"a": Infinity}', "line 1 column 7"),
        (b'"\xe0\xa6"', "not valid UTF-8 at byte 1"),
        (b"[" * 2_000 + b"]" * 2_000, "not valid JSON"),
    ],
)
def test_faults_have_a_place(body: bytes, message: str) -> None:
    problem = refusal(body)
    assert problem["status"] == 400
    assert message in problem["detail"]
    assert problem["errors"][0]["loc"] == ["body"]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json("\ufeff{}".encode()) == {}
    assert read_json_lines("\ufeff{}\n[]".encode(), max_items=2) == [{}, []]


def test_faulty_lines_are_named_and_the_naming_ends() -> None:
    with pytest.raises(ProblemError) as caught:
        read_json_lines(b"{}\n?\n[]\n!\n" + b"x\n" * 100_000, max_items=10)
    errors = caught.value.problem.errors
    assert [fault.loc[-1] for fault in errors[:3]] == ["line 2", "line 4", "line 5"]
    assert len(errors) == 100


def test_an_array_is_one_of_so_many_items() -> None:
    assert read_json_array(b"[1, 2]", max_items=2) == [1, 2]
    for body, status in ((b"[1, 2, 3]", 413), (b"{}", 422), (b"[", 400)):
        with pytest.raises(ProblemError) as caught:
            read_json_array(body, max_items=2)
        assert caught.value.problem.status == status


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        (None, ""),
        ("", ""),
        ("Application/JSON", "application/json"),
        (' text/plain ; charset="UTF-8" ; x=y', "text/plain"),
        ("application/json; CHARSET=utf8", "application/json"),
    ],
)
def test_media_types(content_type: str | None, media_type: str) -> None:
    assert media_type_of(content_type) == media_type


@pytest.mark.parametrize("content_type", ["text/plain; charset=utf-16", "application/json;charset=latin-1"])
def test_other_charsets_are_refused(content_type: str) -> None:
    with pytest.raises(ProblemError) as caught:
        media_type_of(content_type)
    assert caught.value.problem.status == 415
