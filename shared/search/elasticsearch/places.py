"""Where the next page of a search begins, as its cursor tells it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.search.cursor import decode_cursor, encode_cursor
from shared.search.model import SearchRequest
from shared.search.ports import CursorError
from shared.search.vocabulary import Readings


class _Place(BaseModel):
    """`step` is the step of the query's plan that found the hits, `readings` what its words were read as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Annotated[int, Field(ge=0)]
    readings: Readings


class BelowArticle(_Place):
    """By date: after the article with this place in the order."""

    kind: Literal["below"] = "below"
    after: tuple[int, int]


class AfterFirstPage(_Place):
    """`shown` are the keys of the first page's articles or, with `collapse`, of their clusters."""

    kind: Literal["second"] = "second"
    total: int
    shown: tuple[int, ...]


class InPointInTime(_Place):
    """After the second page. `views` are those of the hottest articles that match, by key.

    Collapsed hits are counted off by `offset`, the others go on `after` a place in the order.
    """

    kind: Literal["later"] = "later"
    total: int
    shown: tuple[int, ...]
    point_in_time: str
    now: int
    views: tuple[tuple[int, int], ...] = ()
    after: tuple[int | float, ...] | None = None
    offset: Annotated[int, Field(ge=0)] = 0


Place = BelowArticle | AfterFirstPage | InPointInTime

_PLACE: TypeAdapter[Place] = TypeAdapter(Annotated[Place, Field(discriminator="kind")])


def read_place(request: SearchRequest) -> Place | None:
    """None at the beginning of a search.

    Raises:
        CursorError: the cursor is none of this search.
    """
    if request.cursor is None:
        return None
    state: Any = decode_cursor(request, request.cursor)
    try:
        return _PLACE.validate_python(state)
    except ValidationError as error:
        raise CursorError("this is no cursor") from error


def cursor_to(request: SearchRequest, place: Place) -> str:
    return encode_cursor(request, place.model_dump(mode="json"))
