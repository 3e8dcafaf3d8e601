"""Decode JSON bodies strictly, and say where they are broken."""

from http import HTTPStatus
from typing import Any, Final

import orjson

from shared.http.problems import MAX_ERRORS, Fault, ProblemError, unprocessable

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def read_json(body: bytes) -> Any:
    """The decoded value. NaN, lone surrogates and more than 1,024 levels are refused, as orjson does.

    Raises:
        ProblemError: 400 with the place of the fault.
    """
    try:
        return orjson.loads(body.removeprefix(_BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise _malformed([_fault(body, error, ["body"])]) from None


def read_json_array(body: bytes, *, max_items: int) -> list[Any]:
    """The decoded items of a JSON array.

    Raises:
        ProblemError: 400 with the place of the fault, 422 when it is no array, 413 for more than `max_items`.
    """
    value = read_json(body)
    if not isinstance(value, list):
        raise unprocessable([Fault(loc=["body"], msg="must be an array", type="list_type")])
    check_items(len(value), max_items)
    return value


def read_json_lines(body: bytes, *, max_items: int) -> list[Any]:
    """The decoded values of newline-delimited JSON; blank lines are skipped.

    Raises:
        ProblemError: 400 with the line and column of each fault; 413 for more than `max_items` values.
    """
    values: list[Any] = []
    faults: list[Fault] = []
    for number, line in enumerate(body.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), 1):
        if not line or line.isspace():
            continue
        try:
            values.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            faults.append(_fault(line, error, ["body", f"line {number}"]))
        # A body made of nothing but faults, or of tiny values, is not read to its end.
        if len(faults) == MAX_ERRORS:
            break
        check_items(len(values), max_items)
    if faults:
        raise _malformed(faults)
    return values


def check_items(count: int, max_items: int) -> None:
    """Raises ProblemError, 413, for more than `max_items`."""
    if count > max_items:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-many-items",
            f"more than {max_items:,} items in one request: send them in several",
        )


def _fault(body: bytes, error: orjson.JSONDecodeError, loc: list[str | int]) -> Fault:
    if not body.strip():
        return Fault(loc=loc, msg="the body is empty", type="json_invalid")
    try:
        body.decode()
    except UnicodeDecodeError as unreadable:
        return Fault(loc=loc, msg=f"not valid UTF-8 at byte {unreadable.start}", type="json_invalid")
    return Fault(loc=loc, msg=f"not valid JSON: {error}", type="json_invalid")


def _malformed(faults: list[Fault]) -> ProblemError:
    first = faults[0]
    where = "" if len(first.loc) == 1 else f"{first.loc[-1]}: "
    return ProblemError(HTTPStatus.BAD_REQUEST, "malformed-json", f"{where}{first.msg}", errors=faults)
