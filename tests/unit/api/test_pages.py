"""The readers' pages, as a browser without scripts gets them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.support.readers_door import Newsroom, article, open_newsroom


def page(newsroom: Newsroom, path: str, status: int = 200, **parameters: object) -> LexborHTMLParser:
    answer = newsroom.client.get(path, **({"params": parameters} if parameters else {}))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(answer.text)


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in tree.css(selector)]


def one(tree: LexborHTMLParser, selector: str) -> LexborNode:
    [node] = tree.css(selector)
    return node


def test_the_front_page_shows_the_newest_and_the_most_read(newsroom: Newsroom) -> None:
    newsroom.read("boro", 1_234)
    newsroom.read("dengue", 2)

    tree = page(newsroom, "/")

    assert one(tree, "html").attributes["lang"] == "bn"
    assert texts(tree, ".results h2")[:2] == [
        "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু",
        "মেয়েদের ফুটবলে বসুন্ধরার বড় জয়",
    ]
    assert texts(tree, ".results .meta")[0] == "১ ঘণ্টা আগে · সূত্র: শালিক সংবাদ · ২ জন পড়েছেন"
    assert texts(tree, "#ranking a") == [
        "হাওরে বোরো ধান কাটা শুরু, ফলন ভালো",
        "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু",
    ]
    assert texts(tree, "#ranking .views")[0] == "১,২৩৪ জন পড়েছেন"
    assert texts(tree, "#ranking-status") == ["সন্ধ্যা ৬:০৫ পর্যন্ত"]
    assert texts(tree, ".today") == ["সোমবার, ২৩ নভেম্বর ২০২৬ ৮ অগ্রহায়ণ ১৪৩৩ বঙ্গাব্দ"]
    assert texts(tree, ".tabs a") == ["১ ঘণ্টা", "৬ ঘণ্টা", "২৪ ঘণ্টা", "৭ দিন", "আজ"]


def test_a_search_shows_marked_results_facets_and_what_was_chosen(newsroom: Newsroom) -> None:
    tree = page(newsroom, "/", q="ঢাকা", category="স্বাস্থ্য")

    assert texts(tree, ".result-head h1") == ["‘ঢাকা’"]
    assert texts(tree, ".count") == ["২টি খবর"]
    assert texts(tree, ".results h2 mark") == ["ঢাকায়"]
    assert one(tree, "#q").attributes["value"] == "ঢাকা"
    assert one(tree, "select[name=category] option[selected]").text() == "স্বাস্থ্য"
    [chip] = tree.css(".chips a")
    assert parse_qs(urlsplit(chip.attributes["href"] or "").query) == {"q": ["ঢাকা"]}
    assert texts(tree, ".facets a[aria-current]") == ["স্বাস্থ্য ২"]
    # The list beside a page of one category is that category's.
    assert one(tree, "#most-read").attributes["data-category"] == "স্বাস্থ্য"


def test_pages_of_results_are_links(newsroom: Newsroom) -> None:
    newsroom.publish(*(article(f"train-{n}", f"ট্রেন চলাচল স্বাভাবিক, প্রতিবেদন {n}", "লাইন মেরামত শেষ।") for n in range(25)))
    seen: list[str] = []
    target: str | None = "/?q=ট্রেন"
    while target:
        tree = page(newsroom, target)
        seen += texts(tree, ".results h2")
        following = tree.css(".pages a[rel=next]")
        target = following[0].attributes["href"] if following else None
    assert len(seen) == len(set(seen)) == 25
    assert texts(tree, ".pages a[rel=first]") == ["প্রথম পাতা"]


def test_nothing_found_says_so_and_offers_a_way_on(newsroom: Newsroom) -> None:
    tree = page(newsroom, "/", q="চন্দ্রাভিযান")
    assert texts(tree, ".count") == ["কোনো খবর পাওয়া যায়নি"]
    assert tree.css(".nothing a")


def test_a_relaxed_search_says_how_it_was_read(newsroom: Newsroom) -> None:
    [notice] = texts(page(newsroom, "/", q="ডেঙ্গু চন্দ্রাভিযান"), ".notice")
    assert "যেকোনো শব্দ" in notice


def test_an_article_is_shown_with_all_that_belongs_to_it(newsroom: Newsroom) -> None:
    newsroom.read("mosquito", 7)
    tree = page(newsroom, "/articles/mosquito")
    assert texts(tree, ".story h1") == ["মশা মারতে নতুন ওষুধ আনছে সিটি করপোরেশন"]
    assert texts(tree, ".story .body p") == ["ঢাকার দুই সিটিতে মশকনিধনে নতুন ওষুধ ছিটানো শুরু হবে ডিসেম্বরে।"]
    assert "৭ জন পড়েছেন (মূল পাতায় ১০৪ ভিউ)" in texts(tree, ".byline")[0]
    assert "প্রকাশ: ২২ নভেম্বর ২০২৬, রাত ১০:০৫" in texts(tree, ".byline")[0]
    assert one(tree, "#story").attributes["data-beacon"] == "https://ingest.example/v1/views"
    assert texts(tree, ".page-headlines p") == ["ডেঙ্গুতে মৃত্যু বাড়ছেহাসপাতালে শয্যা খালি নেই"]

    tree = page(newsroom, "/articles/dengue")
    assert len(tree.css(".story .body p")) == 2
    assert one(tree, "link[rel=canonical]").attributes["href"] == "https://news.example/health/dengue"
    assert texts(tree, ".story-foot a[rel~=external]") == ["মূল প্রতিবেদন: news.example"]


def test_without_a_publishers_door_no_views_are_reported() -> None:
    with open_newsroom(ingest_url=None) as newsroom:
        tree = page(newsroom, "/articles/dengue")
        assert "data-beacon" not in one(tree, "#story").attributes
        assert "connect-src 'self';" in newsroom.client.get("/").headers["content-security-policy"]


def test_another_window_of_the_list_keeps_the_page(newsroom: Newsroom) -> None:
    newsroom.read("old", 3, ago=timedelta(days=3))
    newsroom.read("boro", 1)
    tree = page(newsroom, "/articles/dengue", window="7d")
    assert texts(tree, ".tabs a[aria-current]") == ["৭ দিন"]
    assert texts(tree, "#ranking a")[0] == "ভৈরবের পুরোনো রেলসেতু সংস্কারের কাজ শেষ"
    assert one(tree, ".tabs a[data-window='1h']").attributes["href"] == "?window=1h#most-read"


def test_gone_articles_have_a_page_that_says_so(newsroom: Newsroom) -> None:
    newsroom.retract("boro")
    assert texts(page(newsroom, "/articles/boro", 410), "main h1") == ["খবরটি প্রত্যাহার করা হয়েছে"]
    assert texts(page(newsroom, "/articles/nothing", 404), "main h1") == ["খবরটি পাওয়া যায়নি"]


@pytest.mark.parametrize(
    ("parameters", "title"),
    [
        ({"q": 'ক "খ'}, "অনুসন্ধানটি বোঝা গেল না"),
        ({"from": "কবে"}, "বাছাইয়ের শর্ত বোঝা গেল না"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "বাছাইয়ের শর্ত বোঝা গেল না"),
        ({"cursor": "made-up"}, "এই পাতাটি আর পাওয়া যায় না"),
    ],
)
def test_what_cannot_be_searched_is_explained(quiet_newsroom: Newsroom, parameters: dict[str, str], title: str) -> None:
    assert texts(page(quiet_newsroom, "/", 400, **parameters), "main h1") == [title]


def test_news_is_text_wherever_it_is_shown(newsroom: Newsroom) -> None:
    newsroom.read("hostile")
    for path in ("/", "/?q=উদ্ধৃতি", "/articles/hostile"):
        tree = page(newsroom, path)
        assert [node for node in tree.css("script") if not node.attributes.get("src")] == []
        assert "<script>alert(1)</script> & 'উদ্ধৃতি'" in (one(tree, "#ranking a").text())
    assert texts(tree, ".byline .author") == ["<i>প্রতিবেদক</i>"]


def test_the_pages_work_as_far_as_they_can(newsroom: Newsroom) -> None:
    newsroom.views.available = False
    tree = page(newsroom, "/")
    assert tree.css(".results h2")
    assert texts(tree, "#ranking-empty") == ["তালিকাটি এই মুহূর্তে পাওয়া যাচ্ছে না।"]
    assert "পাঠকসংখ্যা এই মুহূর্তে জানা যাচ্ছে না" in texts(page(newsroom, "/", q="ডেঙ্গু"), ".notice")[0]

    newsroom.index.available = False
    for path in ("/", "/articles/dengue"):
        answer = newsroom.client.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert texts(LexborHTMLParser(answer.text), "main h1") == ["এই মুহূর্তে খবর দেখানো যাচ্ছে না"]


def test_everything_that_a_page_needs_comes_from_here(newsroom: Newsroom) -> None:
    tree = page(newsroom, "/articles/dengue")
    needed = [node.attributes.get("src") or node.attributes.get("href") or "" for node in tree.css("script, link")]
    assert needed
    for address in needed:
        if address.startswith("https://news.example"):
            continue
        answer = newsroom.client.get(address)
        assert answer.status_code == 200, address
        if address.startswith("/static/"):
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_an_asset_of_another_version_is_not_kept(quiet_newsroom: Newsroom) -> None:
    assert quiet_newsroom.client.get("/static/000000000000/style.css").headers["cache-control"] == "no-cache"
    assert quiet_newsroom.client.get("/static/000000000000/nothing.css").status_code == 404


def test_forms_and_regions_have_names(quiet_newsroom: Newsroom) -> None:
    tree = page(quiet_newsroom, "/", q="ঢাকা")
    for landmark in ("header", "main#content", "nav[aria-label]", "form[role=search]", "footer"):
        assert tree.css(landmark), landmark
    assert one(tree, "a.skip").attributes["href"] == "#content"
    for control in tree.css("form input:not([type=hidden]), form select"):
        identifier = control.attributes.get("id")
        labelled = identifier and tree.css(f"label[for={identifier}]")
        parent = control.parent
        assert labelled or (parent is not None and parent.tag == "label"), control.html
    assert len(tree.css("h1")) == 1
