"""GET /v1/articles/{id} and its relatives, through HTTP."""

from tests.support.readers_door import Newsroom, article


def test_an_article_with_its_views_and_its_baseline_apart(newsroom: Newsroom) -> None:
    newsroom.read("mosquito", 2)
    newsroom.read("mosquito", 1, countable=False)

    answer = newsroom.get("/v1/articles/mosquito")

    assert answer["title"] == "মশা মারতে নতুন ওষুধ আনছে সিটি করপোরেশন"
    assert answer["body"].startswith("ঢাকার দুই সিটিতে")
    assert answer["version"] == 1
    assert answer["views"] == {"counted": 2, "raw": 3, "baseline": 104}
    assert answer["related"] == ["ডেঙ্গুতে মৃত্যু বাড়ছেহাসপাতালে শয্যা খালি নেই"]
    assert answer["copies"] == 0
    assert "page_views" not in answer


def test_unknown_and_retracted_articles_are_told_apart(newsroom: Newsroom) -> None:
    newsroom.retract("boro")
    for path in ("", "/related"):
        assert newsroom.problem(404, f"/v1/articles/nothing{path}")["type"] == "urn:khobor:problem:article-unknown"
        assert newsroom.problem(410, f"/v1/articles/boro{path}")["type"] == "urn:khobor:problem:article-retracted"


def test_an_id_that_cannot_be_is_unknown(quiet_newsroom: Newsroom) -> None:
    for wrong in ("%00", "a%20b", "ক", "..%2Fetc"):
        assert quiet_newsroom.client.get(f"/v1/articles/{wrong}").status_code == 404
    assert quiet_newsroom.client.get(f"/v1/articles/{'a' * 201}").status_code == 422


def test_without_the_counters_an_article_has_no_views(newsroom: Newsroom) -> None:
    newsroom.views.available = False
    assert newsroom.get("/v1/articles/dengue")["views"] is None


def test_related_articles_are_like_it_and_not_itself(newsroom: Newsroom) -> None:
    newsroom.publish(article("dengue-2", "ডেঙ্গু রোগীর চাপে হাসপাতালে শয্যার সংকট", "ঢাকার হাসপাতালগুলোয় ডেঙ্গু রোগীর জন্য শয্যা নেই।"))
    answer = newsroom.get("/v1/articles/dengue/related", limit=3)
    related = [one["id"] for one in answer["articles"]]
    assert related[0] == "dengue-2"
    assert "dengue" not in related
    assert newsroom.problem(422, "/v1/articles/dengue/related", limit=21)["errors"][0]["loc"] == ["query", "limit"]
