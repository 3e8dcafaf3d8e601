"""GET /v1/search and /v1/suggest, through HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.readers_door import Newsroom, article, open_newsroom


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [result["id"] for result in answer["results"]]


def test_an_answer_has_everything_that_a_page_of_results_shows(newsroom: Newsroom) -> None:
    newsroom.read("dengue", 3)
    newsroom.read("dengue", 2, countable=False)

    answer = newsroom.get("/v1/search", q="ঢাকায় ডেঙ্গু", facets="category,source,date")

    assert answer["query"] == {
        "text": "ঢাকায় ডেঙ্গু",
        "read_as": "all words",
        "did_you_mean": None,
        "notes": [],
        "readings": {},
    }
    assert answer["sort"] == "relevance"
    assert answer["total"] == {"value": 1, "relation": "eq"}
    assert answer["engine"]
    assert answer["took_ms"] > 0
    [result] = answer["results"]
    assert result["id"] == "dengue"
    assert result["url"] == "https://news.example/health/dengue"
    assert result["category"] == "স্বাস্থ্য"
    assert result["sources"] == ["শালিক সংবাদ"]
    assert result["published_at"] == "2026-11-23T11:05:07Z"
    assert result["score"] > 0
    assert "<mark>ডেঙ্গুতে</mark>" in result["highlights"]["title"]
    assert "<mark>ঢাকার</mark>" in result["highlights"]["body"][0]
    assert result["views"] == {"counted": 3, "raw": 5}
    assert answer["facets"] == {
        "category": [{"value": "স্বাস্থ্য", "count": 1}],
        "source": [{"value": "শালিক সংবাদ", "count": 1}],
        "date": [{"from": "2026-11-23", "count": 1}],
    }
    assert answer["next"] is None


def test_without_words_it_browses_newest_first(quiet_newsroom: Newsroom) -> None:
    answer = quiet_newsroom.get("/v1/search")
    assert ids(answer) == ["dengue", "football", "mosquito", "boro", "hostile", "old"]
    assert answer["sort"] == "newest"
    assert answer["query"]["read_as"] == "everything"
    assert answer["facets"] == {"category": None, "source": None, "date": None}


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"category": "স্বাস্থ্য"}, {"dengue", "mosquito"}),
        ({"category": ["স্বাস্থ্য", "খেলা"]}, {"dengue", "mosquito", "football"}),
        ({"source": "দোয়েল বার্তা সংস্থা"}, {"boro"}),
        # The same word from the other keyboard.
        ({"source": "দো\u09dfেল বার্তা সংস্থা"}, {"boro"}),
        ({"to": "2025"}, {"old"}),
        ({"from": "2026-11-23"}, {"dengue", "football"}),
        ({"from": "২০২৬-১১-২৩"}, {"dengue", "football"}),
        ({"from": "2026-11-22", "to": "2026-11-22"}, {"mosquito", "boro"}),
        ({"from": "2026-11-23T15:00:00+06:00", "to": "2026-11-23T15:05:08+06:00"}, {"football"}),
        ({"q": "category:কৃষি"}, {"boro"}),
    ],
)
def test_filters(quiet_newsroom: Newsroom, parameters: dict[str, str], found: set[str]) -> None:
    answer = quiet_newsroom.get("/v1/search", **parameters)
    assert set(ids(answer)) == found
    assert answer["total"]["value"] == len(found)


def test_pages_follow_each_other_without_gap_or_repeat(newsroom: Newsroom) -> None:
    seen: list[str] = []
    target: str | None = "/v1/search?limit=2&category=স্বাস্থ্য&category=কৃষি&category=খেলা&category=সারাদেশ"
    while target:
        answer = newsroom.client.get(target)
        body = answer.json()
        seen += ids(body)
        link = answer.headers.get("link")
        target = link.removeprefix("<").removesuffix('>; rel="next"') if link else None
        if target:
            assert parse_qs(urlsplit(target).query)["cursor"] == [body["next"]]
        # Published while somebody turns pages: it belongs before the first one.
        newsroom.publish(article(f"new-{len(seen)}", "সদ্য পাওয়া খবর", "পাতা ওল্টানোর সময় এল।", category="কৃষি", hours_ago=0))
    assert seen == ["dengue", "football", "mosquito", "boro", "old"]


def test_views_can_order_the_results(newsroom: Newsroom) -> None:
    newsroom.read("old", 5)
    newsroom.read("boro", 9)
    assert ids(newsroom.get("/v1/search", sort="views"))[:2] == ["boro", "old"]


def test_what_is_read_most_comes_first_among_equals(newsroom: Newsroom) -> None:
    for number in (1, 2):
        newsroom.publish(article(f"twin-{number}", "পদ্মায় ইলিশের ঝাঁক", "জেলেদের মুখে হাসি।", hours_ago=5))
    newsroom.read("twin-2", 500)
    assert ids(newsroom.get("/v1/search", q="ইলিশের ঝাঁক"))[0] == "twin-2"


def test_without_the_counters_a_search_answers_and_says_so(newsroom: Newsroom) -> None:
    newsroom.read("dengue", 3)
    newsroom.views.available = False

    answer = newsroom.get("/v1/search", q="ডেঙ্গু")

    assert ids(answer) == ["dengue"]
    assert answer["results"][0]["views"] is None
    [note] = answer["query"]["notes"]
    assert "view counts cannot be reached" in note
    assert "khobor_answers_without_views_total 1.0" in newsroom.client.get("/metrics").text
    [note] = newsroom.get("/v1/search", sort="views")["query"]["notes"]
    assert "not in the order of views" in note


def test_without_the_index_it_is_unavailable_for_a_while(newsroom: Newsroom) -> None:
    newsroom.index.available = False
    for path in ("/v1/search", "/v1/suggest?q=ক", "/v1/categories", "/v1/stats", "/v1/articles/a"):
        answer = newsroom.client.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["type"] == "urn:khobor:problem:index-unavailable"
    assert 'khobor_dependency_unavailable_total{dependency="index"} 5.0' in newsroom.client.get("/metrics").text


def test_bad_syntax_says_where(quiet_newsroom: Newsroom) -> None:
    problem = quiet_newsroom.problem(400, "/v1/search", q='ডেঙ্গু "ঢাকা')
    assert problem["errors"][0]["loc"] == ["query", "q", 7]
    assert "character 7" in problem["detail"]


def test_a_cursor_belongs_to_its_search(quiet_newsroom: Newsroom) -> None:
    cursor = quiet_newsroom.get("/v1/search", limit=1)["next"]
    for parameters in ({"cursor": cursor, "category": "কৃষি"}, {"cursor": "made-up"}):
        problem = quiet_newsroom.problem(400, "/v1/search", **parameters)
        assert problem["errors"][0]["loc"] == ["query", "cursor"]


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"q": "ক" * 513}, "q"),
        ({"q": "ক\x00"}, "q"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "দশ"}, "limit"),
        ({"sort": "best"}, "sort"),
        ({"facets": "category,author"}, "facets"),
        ({"from": "2026-11-07T07:00:00"}, "from"),
        ({"to": "নভেম্বর"}, "to"),
        ({"category": ["ক"] * 21}, "category"),
        ({"cursor": "c" * 20_000}, "cursor"),
    ],
)
def test_what_is_out_of_bounds_is_named(quiet_newsroom: Newsroom, parameters: dict[str, str], place: str) -> None:
    problem = quiet_newsroom.problem(422, "/v1/search", **parameters)
    assert {fault["loc"][1] for fault in problem["errors"]} == {place}
    assert place in problem["detail"]


def test_a_range_that_ends_before_it_begins_is_refused(quiet_newsroom: Newsroom) -> None:
    problem = quiet_newsroom.problem(422, "/v1/search", **{"from": "2026-11-02", "to": "2026-11-01"})
    assert "earlier" in problem["detail"]


def test_highlights_are_text_but_for_the_mark(quiet_newsroom: Newsroom) -> None:
    [result] = quiet_newsroom.get("/v1/search", q="উদ্ধৃতি মার্কআপ")["results"]
    assert "<script>" not in result["highlights"]["title"]
    assert "&lt;script&gt;" in result["highlights"]["title"]
    assert "<mark>উদ্ধৃতি</mark>" in result["highlights"]["title"]
    assert "<b>" not in "".join(result["highlights"]["body"])


def test_an_answer_that_has_not_changed_is_not_sent_again(newsroom: Newsroom) -> None:
    first = newsroom.client.get("/v1/search", params={"q": "ডেঙ্গু"})
    assert first.headers["cache-control"] == "public, max-age=5, stale-if-error=300"
    again = newsroom.client.get("/v1/search", params={"q": "ডেঙ্গু"}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    newsroom.read("dengue")
    changed = newsroom.client.get("/v1/search", params={"q": "ডেঙ্গু"}, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_completions_come_from_titles(quiet_newsroom: Newsroom) -> None:
    assert quiet_newsroom.get("/v1/suggest", q="ডেঙ") == {
        "q": "ডেঙ",
        "suggestions": [{"text": "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু", "kind": "title", "article_id": "dengue"}],
    }
    assert quiet_newsroom.get("/v1/suggest", q="  ")["suggestions"] == []
    assert quiet_newsroom.problem(422, "/v1/suggest")["errors"][0]["loc"] == ["query", "q"]


def test_popularity_can_be_switched_off() -> None:
    with open_newsroom(hottest_articles=0) as newsroom:
        newsroom.read("old", 5)
        assert newsroom.get("/v1/search", q="রেলসেতু")["results"][0]["views"]["counted"] == 5
