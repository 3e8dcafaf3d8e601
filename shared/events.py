"""The events that services exchange: CloudEvents 1.0 envelopes around frozen models.

Producers build these models, so an unknown field is refused at the door; consumers read them with
`parse_event`, which ignores what a newer producer may have added inside `data`. Only optional fields may be
added to a version; anything else is a `.v2` beside `.v1`.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

ARTICLE_PUBLISHED: Final = "khobor.article.published.v1"
ARTICLE_RETRACTED: Final = "khobor.article.retracted.v1"
ARTICLE_VIEWED: Final = "khobor.article.viewed.v1"

# RFC 3986 unreserved characters and ":": an id travels in a path segment without escaping. One character is no
# dot, because clients and proxies resolve the segments "." and "..".
ARTICLE_ID_PATTERN: Final = r"^\.*[A-Za-z0-9_~:-][A-Za-z0-9._~:-]*$"
# 2**53 - 1: the largest integer that JSON readers, Lua and sorted-set scores all keep exactly.
MAX_VERSION: Final = 9_007_199_254_740_991

ArticleId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ARTICLE_ID_PATTERN)]
Version = Annotated[int, Field(ge=1, le=MAX_VERSION, strict=True)]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _no_null_characters(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain U+0000")
    return text


def _rfc_3339(value: object) -> object:
    """Pydantic would also read numbers, and strings of digits, as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper()):
        return value
    raise ValueError("must be an RFC 3339 time with an offset, such as 2024-11-07T07:00:00+06:00")


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339)]
# Stands after a text's constraints: those that follow a function pydantic checks in Python, half a microsecond each.
NO_NULL_CHARACTERS: Final = AfterValidator(_no_null_characters)
NOT_BLANK: Final = AfterValidator(_not_blank)
Label = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NULL_CHARACTERS, NOT_BLANK]
_Headline = Annotated[str, StringConstraints(max_length=20_000), NO_NULL_CHARACTERS]
HttpUrl = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s<>\"]+$")]
TraceParent = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
TraceState = Annotated[str, StringConstraints(max_length=512)]


class FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Article(FrozenModel):
    """One version of a news article, as its publisher knows it.

    `version` grows with each edit (milliseconds since 1970 is a good one). `page_views` is a counter read off
    a page: a labelled baseline, never mixed with measured views. `related` holds headlines that the page
    listed; they are shown, never searched.
    """

    id: ArticleId
    version: Version
    title: Annotated[str, StringConstraints(max_length=1_000), NO_NULL_CHARACTERS, NOT_BLANK]
    body: Annotated[str, StringConstraints(max_length=500_000), NO_NULL_CHARACTERS, NOT_BLANK]
    lead: Annotated[str, StringConstraints(max_length=5_000), NO_NULL_CHARACTERS] | None = None
    url: HttpUrl | None = None
    category: Label | None = None
    byline: Label | None = None
    sources: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    tags: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    image: HttpUrl | None = None
    published_at: Moment
    updated_at: Moment | None = None
    page_views: Annotated[int, Field(ge=0, le=MAX_VERSION, strict=True)] | None = None
    related: Annotated[tuple[_Headline, ...], Field(max_length=50)] = ()


class Retraction(FrozenModel):
    """An article is withdrawn; `version` must be newer than, or equal to, the version it withdraws."""

    version: Version


class View(FrozenModel):
    """One reader looked at one article.

    `viewer` is an opaque name for the reader; without it the door hashes address and agent with a salt that
    changes daily. When it was is the event's `time`; without it, when the door received the event.
    """

    viewer: Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NULL_CHARACTERS] | None = None


class Priority(StrEnum):
    """`BACKFILL` events, such as an archive's, are applied when no live ones wait."""

    LIVE = "live"
    BACKFILL = "backfill"


class CloudEvent(FrozenModel):
    """The CloudEvents 1.0 attributes that Khobor reads; other extension attributes are accepted and dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NULL_CHARACTERS]
    source: Annotated[str, StringConstraints(min_length=1, max_length=500), NO_NULL_CHARACTERS]
    subject: ArticleId
    time: Moment | None = None
    datacontenttype: Annotated[str, StringConstraints(pattern=r"^application/json(;.*)?$")] = "application/json"
    dataschema: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    # W3C Trace Context, carried through to the worker.
    traceparent: TraceParent | None = None
    tracestate: TraceState | None = None

    @model_validator(mode="before")
    @classmethod
    def _drop_extension_attributes(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = cls.model_fields
        return {
            name: field for name, field in value.items() if name in known or not _is_extension_attribute(name, field)
        }


def _is_extension_attribute(name: object, value: object) -> bool:
    """CloudEvents 1.0, 3.1: lower-case letters and digits, scalar values; `data` and `data_base64` are none."""
    return (
        isinstance(name, str)
        and 1 <= len(name) <= 20
        and name.isascii()
        and name.isalnum()
        and name.islower()
        and name != "data"
        and (value is None or isinstance(value, str | int | bool))
    )


class _PrioritizedEvent(CloudEvent):
    # An extension attribute of ours; without it an event is live.
    priority: Priority | None = None


class ArticlePublished(_PrioritizedEvent):
    """A new article, or a new version of one."""

    type: Literal["khobor.article.published.v1"] = ARTICLE_PUBLISHED
    data: Article

    @model_validator(mode="after")
    def _subject_is_the_article(self) -> "ArticlePublished":
        if self.subject != self.data.id:
            raise ValueError("subject must equal data.id")
        return self


class ArticleRetracted(_PrioritizedEvent):
    """An article is withdrawn and must no longer be found."""

    type: Literal["khobor.article.retracted.v1"] = ARTICLE_RETRACTED
    data: Retraction


class ArticleViewed(CloudEvent):
    """A reader looked at an article; `time` is when."""

    type: Literal["khobor.article.viewed.v1"] = ARTICLE_VIEWED
    data: View = View()


ArticleEvent = Annotated[ArticlePublished | ArticleRetracted, Field(discriminator="type")]
Event = Annotated[ArticlePublished | ArticleRetracted | ArticleViewed, Field(discriminator="type")]

# The adapter's own method does the same, after a look at eight options.
_VALIDATE_EVENT: Final[Callable[[Any], ArticlePublished | ArticleRetracted | ArticleViewed]] = TypeAdapter(
    Event
).validator.validate_python
_ARTICLE_EVENT: Final[TypeAdapter[ArticlePublished | ArticleRetracted]] = TypeAdapter(ArticleEvent)


def event_from_producer(value: Any) -> ArticlePublished | ArticleRetracted | ArticleViewed:
    """Validate one structured CloudEvent as decoded from JSON; strict about unknown fields.

    Raises:
        pydantic.ValidationError: with the path of every fault.
    """
    return _VALIDATE_EVENT(value)


def article_event_from_journal(body: bytes) -> ArticlePublished | ArticleRetracted:
    """Read back an article event that a door accepted; fields that this version does not know are ignored.

    Raises:
        pydantic.ValidationError: when the bytes are no such event (a permanent failure).
    """
    return _ARTICLE_EVENT.validate_json(body, extra="ignore")


def version_of(event: ArticlePublished | ArticleRetracted) -> int:
    return event.data.version


def encode_event(event: CloudEvent) -> bytes:
    """The JSON bytes that go on disk; optional attributes that are absent stay absent."""
    return event.model_dump_json(exclude_none=True).encode()


def in_utc_milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
