"""Feeds of lists and searches, through HTTP."""

from xml.etree import ElementTree as ET

import pytest

from tests.support.readers_door import Newsroom

ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_most_read_list_as_rss(newsroom: Newsroom) -> None:
    newsroom.read("boro", 1)
    newsroom.read("dengue", 3)

    answer = newsroom.client.get("/v1/trending/feed.rss", params={"window": "6h"})

    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    channel = ET.fromstring(answer.content).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "খবর: সর্বাধিক পঠিত, ৬ ঘণ্টা"
    assert channel.findtext("link") == "http://127.0.0.1:8000/?window=6h"
    items = channel.findall("item")
    # The publisher's own page where there is one, ours where there is none.
    assert [item.findtext("link") for item in items] == [
        "https://news.example/health/dengue",
        "http://127.0.0.1:8000/articles/boro",
    ]
    assert items[0].findtext("guid") == "http://127.0.0.1:8000/articles/dengue"
    assert items[0].findtext("pubDate") == "Mon, 23 Nov 2026 11:05:07 +0000"
    assert items[0].findtext("category") == "স্বাস্থ্য"


def test_a_search_as_atom_has_the_newest_first(quiet_newsroom: Newsroom) -> None:
    answer = quiet_newsroom.client.get("/v1/search/feed.atom", params={"q": "ঢাকা"})

    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)
    assert feed.findtext(f"{ATOM}title") == "খবর: ঢাকা"
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু",
        "মশা মারতে নতুন ওষুধ আনছে সিটি করপোরেশন",
    ]
    assert entries[0].findtext(f"{ATOM}author/{ATOM}name") == "নিজস্ব প্রতিবেদক"
    assert "হাসপাতালগুলোয়" in (entries[0].findtext(f"{ATOM}summary") or "")
    [own] = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own is not None
    assert own.startswith("http://127.0.0.1:8000/v1/search/feed.atom?q=")


def test_a_search_as_json_feed(quiet_newsroom: Newsroom) -> None:
    answer = quiet_newsroom.client.get("/v1/search/feed.json", params={"category": "কৃষি"})

    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["language"] == "bn"
    [item] = feed["items"]
    assert item["id"] == "http://127.0.0.1:8000/articles/boro"
    assert item["title"] == "হাওরে বোরো ধান কাটা শুরু, ফলন ভালো"
    assert item["tags"] == ["কৃষি"]
    assert item["date_published"].startswith("2026-11-22T06:05:07")


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_markup_and_control_characters_in_news_break_no_feed(newsroom: Newsroom, form: str) -> None:
    newsroom.read("hostile")
    for path in (f"/v1/search/feed.{form}", f"/v1/trending/feed.{form}"):
        answer = newsroom.client.get(path)
        assert answer.status_code == 200
        if form == "json":
            titles = [item["title"] for item in answer.json()["items"]]
        else:
            titles = [title.text or "" for title in ET.fromstring(answer.content).iter() if title.tag.endswith("title")]
        assert any(title.startswith("<script>alert(1)</script> & 'উদ্ধৃতি'") for title in titles)
        assert not any("<mark>" in title for title in titles)


def test_the_same_feed_is_not_sent_twice(quiet_newsroom: Newsroom) -> None:
    first = quiet_newsroom.client.get("/v1/search/feed.rss")
    again = quiet_newsroom.client.get("/v1/search/feed.rss", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_an_empty_list_is_an_empty_feed(quiet_newsroom: Newsroom) -> None:
    for form in ("rss", "atom", "json"):
        assert quiet_newsroom.client.get(f"/v1/trending/feed.{form}").status_code == 200


def test_other_forms_are_refused(quiet_newsroom: Newsroom) -> None:
    assert quiet_newsroom.problem(422, "/v1/search/feed.xml")["errors"][0]["loc"] == ["path", "form"]
    assert quiet_newsroom.problem(400, "/v1/search/feed.rss", q='"')["type"] == "urn:khobor:problem:query-syntax"
