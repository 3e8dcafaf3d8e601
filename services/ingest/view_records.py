"""From a view as it is reported to a view as it lies in the journal. No I/O, and no address leaves this page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import StringConstraints, TypeAdapter

from services.ingest.bots import AgentKind
from shared.events import NO_NULL_CHARACTERS, ArticleId, ArticleViewed, FrozenModel, Moment, in_utc_milliseconds
from shared.journal.model import AppendItem
from shared.views.days import dhaka_day_of
from shared.views.model import RecordedView, encode_view
from shared.views.viewer_hash import daily_salt, event_hash, viewer_hash

# The source that views of the beacon have; their event ids are unique within it.
BEACON_SOURCE: Final = "urn:khobor:views"

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NULL_CHARACTERS]


class ReportedView(FrozenModel):
    """One reader looked at one article.

    With `event_id`, sending the view again counts once. `viewer` is an opaque name for the reader; without it the
    reader is told apart by address and agent, hashed with a salt that changes daily. `at` defaults to now.
    """

    article_id: ArticleId
    event_id: ShortText | None = None
    viewer: ShortText | None = None
    at: Moment | None = None


# The adapters' own methods do the same, after a look at eight options.
VALIDATE_VIEW: Final[Callable[[Any], ReportedView]] = TypeAdapter(ReportedView).validator.validate_python
VALIDATE_VIEWS: Final[Callable[[Any], list[ReportedView]]] = TypeAdapter(list[ReportedView]).validator.validate_python


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request, as far as views go.

    `anonymous` stands for a reader who brings no name. `vouched` says that an API key came along: a publisher's
    server passes on what readers did, and its own agent means nothing.
    """

    anonymous: str
    agent: AgentKind
    prefetch: bool = False
    vouched: bool = False

    def is_reader(self, *, named: bool) -> bool:
        """Does a view of this visitor count, or is it kept in raw only?"""
        if self.prefetch:
            return False
        if self.vouched or self.agent is AgentKind.BROWSER:
            return True
        return named and self.agent is AgentKind.PROGRAM


class ViewRecorder:
    """Hashes readers with the secret of this installation."""

    def __init__(self, secret: bytes) -> None:
        self._salt_of = lru_cache(64)(lambda day: daily_salt(secret, day))

    def reported(self, view: ReportedView, visitor: Visitor, now_ms: int) -> AppendItem:
        """A view from the beacon; without an event id it is counted at least once."""
        identity = None if view.event_id is None else event_hash(BEACON_SOURCE, view.event_id)
        at_ms = now_ms if view.at is None else in_utc_milliseconds(view.at)
        return self._item(view.article_id, view.viewer, at_ms, visitor, identity)

    def event(self, event: ArticleViewed, visitor: Visitor, now_ms: int) -> AppendItem:
        """A view as a CloudEvent, unique by source and id."""
        identity = event_hash(event.source, event.id)
        at_ms = now_ms if event.time is None else in_utc_milliseconds(event.time)
        return self._item(event.subject, event.data.viewer, at_ms, visitor, identity)

    def _item(
        self, article_id: str, viewer: str | None, at_ms: int, visitor: Visitor, identity: int | None
    ) -> AppendItem:
        salt = self._salt_of(dhaka_day_of(at_ms / 1000))
        reader = viewer_hash(salt, viewer or visitor.anonymous, article_id)
        recorded = RecordedView(article_id, reader, at_ms, visitor.is_reader(named=viewer is not None))
        return AppendItem(article_id, encode_view(recorded), identity)
