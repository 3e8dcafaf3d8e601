"""How the index and the process are, through HTTP."""

from datetime import timedelta

from shared.bengali.analyzer import ANALYZER_VERSION
from tests.support.journals import article_item, articles_stream
from tests.support.readers_door import Newsroom


def test_categories_are_counted(newsroom: Newsroom) -> None:
    assert {"value": "স্বাস্থ্য", "count": 2} in newsroom.get("/v1/categories")["categories"]


def test_stats_tell_how_far_the_index_is_behind(newsroom: Newsroom) -> None:
    newsroom.retract("old")
    newsroom.journal.append(articles_stream("late"), article_item("late"))
    newsroom.clock.advance(timedelta(seconds=90))

    stats = newsroom.get("/v1/stats")

    assert stats["articles"] == 5
    assert stats["retracted"] == 1
    assert stats["categories"] == 4
    assert stats["analyzer_version"] == ANALYZER_VERSION
    assert stats["not_searchable_yet"] == 0
    assert stats["as_of"] == "2026-11-23T18:06:37+06:00"
    assert stats["index_lag_seconds"] == 90
    assert stats["oldest_unindexed_event"] == "2026-11-23T18:05:07+06:00"
    assert stats["journal"]["articles"]["waiting"] == 1
    assert stats["journal"]["views"] == {"waiting": 0, "oldest_at": None, "oldest_age_seconds": 0}


def test_an_index_that_is_up_to_date_has_no_lag(newsroom: Newsroom) -> None:
    stats = newsroom.get("/v1/stats")
    assert stats["index_lag_seconds"] == 0
    assert stats["oldest_unindexed_event"] is None


def test_stats_without_a_journal_are_the_index_alone(newsroom: Newsroom) -> None:
    newsroom.memory_journal.available = False
    stats = newsroom.get("/v1/stats")
    assert stats["articles"] == 6
    assert stats["journal"] is None
    assert stats["index_lag_seconds"] is None


def test_a_missing_redis_is_told_and_does_not_take_the_door_out_of_service(newsroom: Newsroom) -> None:
    newsroom.views.available = False
    answer = newsroom.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["dependencies"]["redis"]["ok"] is False
    assert answer.json()["dependencies"]["redis"]["required"] is False


def test_a_missing_index_does(newsroom: Newsroom) -> None:
    newsroom.index.available = False
    answer = newsroom.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert newsroom.get("/livez") == {"status": "alive"}


def test_metrics_count_searches_by_outcome(newsroom: Newsroom) -> None:
    for words in ("ডেঙ্গু", "ডেঙ্গু চন্দ্রাভিযান", "চন্দ্রাভিযান"):
        newsroom.get("/v1/search", q=words)
    metrics = newsroom.client.get("/metrics").text
    for outcome in ("found", "relaxed", "nothing"):
        assert f'khobor_searches_total{{outcome="{outcome}"}} 1.0' in metrics
    assert 'khobor_http_requests_total{method="GET",route="/v1/search",status="200"} 3.0' in metrics
