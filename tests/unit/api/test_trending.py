"""GET /v1/trending, through HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.journal.model import AppendItem
from shared.views.model import RecordedView, encode_view
from tests.support.journals import views_stream
from tests.support.readers_door import ARTICLES, Newsroom, article, open_newsroom


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def test_a_list_says_how_it_was_made(newsroom: Newsroom) -> None:
    newsroom.read("dengue", 4)
    newsroom.read("dengue", 1, countable=False)
    newsroom.read("boro", 2, ago=timedelta(hours=24))

    answer = newsroom.get("/v1/trending", window="24h", limit=5)

    assert {
        name: answer[name] for name in ("window", "kind", "category", "as_of", "stale", "counted_views", "reason")
    } == {
        "window": "24h",
        "kind": "top",
        "category": None,
        "as_of": "2026-11-23T18:05:07+06:00",
        "stale": False,
        "counted_views": 5,
        "reason": None,
    }
    assert answer["items"][0] == {
        "rank": 1,
        "id": "dengue",
        "title": "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু",
        "url": "https://news.example/health/dengue",
        "category": "স্বাস্থ্য",
        "published_at": "2026-11-23T11:05:07Z",
        "age_hours": 1.0,
        "views": {"window": 4.0, "counted": 4, "raw": 5},
    }
    # Half of each of yesterday's views is left.
    assert answer["items"][1]["views"] == {"window": 1.0, "counted": 2, "raw": 2}


def test_a_list_of_one_category(newsroom: Newsroom) -> None:
    newsroom.read("dengue", 4)
    newsroom.read("boro", 2)
    answer = newsroom.get("/v1/trending", category="কৃষি")
    assert ids(answer) == ["boro"]
    assert answer["category"] == "কৃষি"
    assert answer["counted_views"] == 2


def test_today_begins_at_midnight_in_dhaka(newsroom: Newsroom) -> None:
    # It is five past six in the evening there.
    newsroom.read("dengue", 1, ago=timedelta(hours=18))
    newsroom.read("boro", 5, ago=timedelta(hours=18, minutes=6))
    assert ids(newsroom.get("/v1/trending", window="today")) == ["dengue"]


def test_articles_that_cannot_be_shown_leave_no_gap() -> None:
    gone = [article(f"gone-{n:02d}", "প্রত্যাহার করা খবর", "এই খবর আর নেই।", category="খেলা") for n in range(60)]
    with open_newsroom([*ARTICLES, *gone]) as newsroom:
        for number, one in enumerate(gone):
            newsroom.read(one.id, 2 + number % 3)
            # The index knows already, the lists do not yet.
            newsroom.retract(one.id, from_journal=False)
        newsroom.journal.editor.hide("football")
        for name in ("dengue", "boro", "football", "old"):
            newsroom.read(name, 1)
        answer = newsroom.get("/v1/trending", window="1h", limit=3)
    assert sorted(ids(answer)) == ["boro", "dengue", "old"]
    assert [item["rank"] for item in answer["items"]] == [1, 2, 3]


def test_rising_needs_more_views_than_before(newsroom: Newsroom) -> None:
    newsroom.read("old", 40, ago=timedelta(hours=6))
    newsroom.read("old", 10)
    newsroom.read("boro", 12)
    answer = newsroom.get("/v1/trending", kind="rising")
    assert ids(answer) == ["boro", "old"]
    assert answer["kind"] == "rising"


def test_rising_knows_how_old_an_article_is(newsroom: Newsroom) -> None:
    """Both have their views from the last minutes, but only one of them could have had any before."""
    newsroom.publish(article("fresh", "এইমাত্র পাওয়া", "সবে প্রকাশিত হলো।", hours_ago=0.05))
    newsroom.read("fresh", 10)
    newsroom.read("old", 10)
    assert ids(newsroom.get("/v1/trending", kind="rising")) == ["old", "fresh"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "no views have been counted in this window yet"),
        ({"category": "খেলা"}, "no views have been counted in this category and window yet"),
        ({"category": "জ্যোতিষ"}, "no published article has this category"),
    ],
)
def test_an_empty_list_says_why(quiet_newsroom: Newsroom, parameters: dict[str, str], reason: str) -> None:
    answer = quiet_newsroom.get("/v1/trending", **parameters)
    assert answer["items"] == []
    assert answer["reason"] == reason


def test_more_reasons_for_an_empty_list(newsroom: Newsroom) -> None:
    newsroom.read("boro", 2)
    assert newsroom.get("/v1/trending", kind="rising")["reason"] == "no article is being read faster than before"
    newsroom.retract("boro", from_journal=False)
    reason = newsroom.get("/v1/trending")["reason"]
    assert reason == "views were counted, but of no article that is published and searchable now"


def test_a_list_is_stale_while_views_wait_uncounted(newsroom: Newsroom) -> None:
    newsroom.read("dengue")
    view = encode_view(RecordedView("boro", 1, newsroom.clock.milliseconds, countable=True))
    newsroom.journal.append(views_stream("boro"), AppendItem("boro", view))
    newsroom.clock.advance(timedelta(seconds=59))
    assert newsroom.get("/v1/trending")["stale"] is False
    newsroom.clock.advance(timedelta(seconds=2))
    assert newsroom.get("/v1/trending")["stale"] is True


def test_without_counters_or_titles_there_is_no_list(newsroom: Newsroom) -> None:
    newsroom.read("dengue")
    newsroom.views.available = False
    assert newsroom.problem(503, "/v1/trending")["type"] == "urn:khobor:problem:views-unavailable"
    newsroom.views.available, newsroom.index.available = True, False
    assert newsroom.problem(503, "/v1/trending")["type"] == "urn:khobor:problem:index-unavailable"


@pytest.fixture
def cached() -> Iterator[Newsroom]:
    with open_newsroom(most_read_cache=60) as newsroom:
        yield newsroom


def test_a_list_is_made_once_for_all_who_ask_soon_after(cached: Newsroom) -> None:
    cached.read("dengue", 2)
    first = cached.client.get("/v1/trending", params={"limit": 5})
    cached.read("boro", 9)
    assert ids(cached.get("/v1/trending", limit=1)) == ["dengue"]
    again = cached.client.get("/v1/trending", params={"limit": 5}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert first.headers["cache-control"] == "public, max-age=60, stale-if-error=300"
    # Another list is another list.
    assert ids(cached.get("/v1/trending", window="1h")) == ["boro", "dengue"]


@pytest.mark.parametrize(
    "parameters", [{"window": "2h"}, {"kind": "best"}, {"limit": 0}, {"limit": 101}, {"category": ""}]
)
def test_what_is_out_of_bounds_is_named(quiet_newsroom: Newsroom, parameters: dict[str, str]) -> None:
    problem = quiet_newsroom.problem(422, "/v1/trending", **parameters)
    assert [fault["loc"] for fault in problem["errors"]] == [["query", *parameters]]
