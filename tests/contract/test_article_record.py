"""The contract of the journal's record of the newest versions, and of filing articles from it."""

from datetime import datetime

import pytest

from shared.journal.model import RecordedArticle, StreamId
from shared.keys import StreamKind
from shared.views.model import ListKind, RecordedView, Window
from tests.support.journals import Journal, article_item, articles_stream, settled


def recorded(journal: Journal) -> dict[str, tuple[int, bool]]:
    pages = [article for page in journal.record.pages() for article in page]
    return {article.article_id: (article.version, article.retracted) for article in pages}


def view_of(article_id: str, viewer: int, at: datetime) -> RecordedView:
    return RecordedView(article_id, viewer, round(at.timestamp() * 1_000), countable=True)


def listed(journal: Journal, category: str | None = None, window: Window = Window.DAY) -> list[str]:
    most_read = journal.reader.most_read(
        window=window, kind=ListKind.TOP, category=category, limit=10, now=journal.clock()
    )
    return [article.article_id for article in most_read.articles]


def test_it_has_the_newest_version_that_was_applied(journal: Journal) -> None:
    journal.publish("a", 1)
    journal.publish("a", 3)
    journal.publish("a", 2)
    journal.publish("b", 5)
    journal.retract("b", 6)
    assert recorded(journal) == {"a": (3, False), "b": (6, True)}
    assert journal.record.count() == 2
    assert journal.record.look_up(["b", "nobody"]) == {"b": RecordedArticle("b", 6, retracted=True)}
    assert journal.record.look_up([]) == {}


def test_every_article_of_every_partition_is_in_some_page(journal: Journal) -> None:
    articles = [RecordedArticle(f"a{number}", number + 1, retracted=False) for number in range(1_200)]
    assert journal.record.note(articles) == 1_200
    assert recorded(journal) == {article.article_id: (article.version, False) for article in articles}


def test_an_event_that_waits_is_known_and_not_recorded(journal: Journal) -> None:
    journal.append(articles_stream("a"), article_item("a", 2), article_item("a", 1))
    journal.append(articles_stream("b"), article_item("b", 7))
    journal.append(StreamId(StreamKind.BACKFILL, 0), article_item("old", 5))
    assert journal.record.waiting() == {"a": 2, "b": 7, "old": 5}
    # Handed out and not settled is still waiting.
    [entry] = journal.drain.read(articles_stream("b"), 1)
    assert journal.record.waiting()["b"] == 7
    journal.drain.settle_articles(articles_stream("b"), [settled(entry, "b", 7)])
    assert journal.record.waiting() == {"a": 2, "old": 5}
    assert recorded(journal) == {"b": (7, False)}


def test_many_that_wait_are_all_known(journal: Journal) -> None:
    stream = articles_stream("a")
    journal.append(stream, *(article_item("a", number) for number in range(1, 1_102)), article_item("late", 1))
    assert journal.record.waiting() == {"a": 1_101, "late": 1}


def test_what_is_noted_is_never_older_than_what_is_known(journal: Journal) -> None:
    journal.publish("a", 5, category="খেলা")
    journal.retract("b", 5)
    old = [
        RecordedArticle("a", 4, retracted=True),
        RecordedArticle("a", 5, retracted=False, category="জাতীয়"),
        RecordedArticle("b", 5, retracted=False),
    ]
    assert journal.record.note(old) == 0
    assert recorded(journal) == {"a": (5, False), "b": (5, True)}
    new = [RecordedArticle("a", 5, retracted=True), RecordedArticle("b", 6, retracted=False)]
    assert journal.record.note(new) == 2
    assert journal.record.note(new) == 0
    assert recorded(journal) == {"a": (5, True), "b": (6, False)}


@pytest.mark.parametrize("window", [Window.DAY, Window.TODAY])
def test_views_that_nobody_could_file_are_on_the_lists_when_their_articles_are_noted(
    journal: Journal, window: Window
) -> None:
    """As after a loss of the journal: views come in, and no article event will."""
    now = journal.clock()
    journal.view(*(view_of("a", viewer, now) for viewer in range(3)), view_of("b", 1, now), view_of("gone", 1, now))
    assert listed(journal, window=window) == []
    noted = [
        RecordedArticle("a", 1, retracted=False, category="খেলা"),
        RecordedArticle("b", 1, retracted=False),
        RecordedArticle("gone", 2, retracted=True),
    ]
    assert journal.record.note(noted) == 3
    assert listed(journal, window=window) == ["a", "b"]
    assert listed(journal, "খেলা", window) == ["a"]
    assert list(journal.reader.hottest(5)) == ["a", "b"]
    journal.view(view_of("b", 2, now))
    assert journal.reader.counts(["b"])["b"].counted == 2


def test_a_category_that_is_noted_newer_moves_the_article(journal: Journal) -> None:
    journal.publish("a", 1, category="খেলা")
    journal.view(view_of("a", 1, journal.clock()))
    journal.record.note([RecordedArticle("a", 2, retracted=False, category="জাতীয়")])
    assert (listed(journal, "খেলা"), listed(journal, "জাতীয়")) == ([], ["a"])
