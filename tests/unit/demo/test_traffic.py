"""Planned views have the shape of a week of news reading."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.demo.articles import SampleArticle, load_sample_articles
from services.cli.demo.traffic import PlannedView, daily_activity, plan_views
from shared.bengali.date_lines import DHAKA

NOW = datetime(2026, 11, 24, 16, 40, tzinfo=UTC)
TOTAL = 10_000


@cache
def sample_articles() -> list[SampleArticle]:
    return load_sample_articles(NOW)


@cache
def planned() -> list[PlannedView]:
    return list(plan_views(sample_articles(), now=NOW, seed=1, total=TOTAL))


def article(name: str, *, age: timedelta, popularity: float = 1.0) -> SampleArticle:
    return SampleArticle(id=name, version=1, title="শিরোনাম", body="খবর", published_at=NOW - age, popularity=popularity)


def views_per_article(views: Sequence[PlannedView]) -> Counter[str]:
    return Counter(view.article_id for view in views)


def test_exactly_as_many_views_as_asked_in_order_of_time_within_the_week() -> None:
    views = planned()
    assert len(views) == TOTAL
    assert all(earlier.at <= later.at for earlier, later in pairwise(views))
    assert all(NOW - timedelta(days=7) <= view.at <= NOW for view in views)


def test_the_same_seed_gives_the_same_views_and_another_seed_others() -> None:
    assert list(plan_views(sample_articles(), now=NOW, seed=1, total=TOTAL)) == planned()
    assert list(plan_views(sample_articles(), now=NOW, seed=2, total=TOTAL)) != planned()


@given(
    ages=st.lists(st.integers(min_value=-48 * 60, max_value=40 * 24 * 60), min_size=1, max_size=8),
    total=st.integers(min_value=0, max_value=80),
    seed=st.integers(min_value=0, max_value=2**32),
)
def test_nothing_is_read_before_it_is_published(ages: list[int], total: int, seed: int) -> None:
    articles = [article(f"a{n}", age=timedelta(minutes=minutes)) for n, minutes in enumerate(ages)]
    published = {a.id: a.published_at for a in articles}
    if total and all(minutes <= 0 for minutes in ages):
        with pytest.raises(ValueError, match="published before now"):
            plan_views(articles, now=NOW, seed=seed, total=total)
        return
    views = list(plan_views(articles, now=NOW, seed=seed, total=total))
    assert len(views) == total
    assert all(published[view.article_id] <= view.at <= NOW for view in views)


def test_no_views_need_no_articles() -> None:
    assert list(plan_views([], now=NOW, seed=1, total=0)) == []


def test_popular_articles_are_read_in_proportion() -> None:
    day = timedelta(days=1)
    articles = [article("much", age=4 * day, popularity=90), article("little", age=4 * day, popularity=10)]
    views = views_per_article(list(plan_views(articles, now=NOW, seed=3, total=10_000)))
    assert views["much"] == pytest.approx(9_000, abs=150)


def test_interest_falls_with_age() -> None:
    articles = [article("story", age=timedelta(days=6, hours=23))]
    views = list(plan_views(articles, now=NOW, seed=3, total=10_000))
    by_day = Counter((view.at - articles[0].published_at) // timedelta(days=1) for view in views)
    assert by_day[0] > 2 * by_day[1] > 2 * by_day[2] > by_day[4]
    assert by_day[5] > 0


def test_readers_come_in_the_morning_and_before_sleep_in_dhaka() -> None:
    # One old article, so that only the hour makes a difference.
    views = plan_views([article("old", age=timedelta(days=40))], now=NOW, seed=4, total=TOTAL)
    by_hour = Counter(view.at.astimezone(DHAKA).hour for view in views)
    night, afternoon = mean(by_hour[h] for h in (2, 3, 4)), mean(by_hour[h] for h in (14, 15))
    assert by_hour[9] > 3 * night
    assert by_hour[21] > 3 * night
    assert by_hour[9] > 2 * afternoon
    assert by_hour[21] > by_hour[9]


def test_daily_activity_has_no_jump_at_midnight() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=DHAKA)
    minute = timedelta(minutes=1)
    assert daily_activity(midnight) == pytest.approx(daily_activity(midnight - minute), rel=0.02)
    assert 0 < daily_activity(midnight + timedelta(hours=4)) < 0.2


def test_one_article_rises_suddenly_in_the_last_hour() -> None:
    last_hour = views_per_article([view for view in planned() if view.at > NOW - timedelta(hours=1)])
    (rising, views), (_, runner_up) = last_hour.most_common(2)
    before = views_per_article([view for view in planned() if view.at <= NOW - timedelta(hours=1)])
    assert views > 5 * runner_up
    assert views > before[rising], "it was little read before"
    surge = [view.at for view in planned() if view.article_id == rising and view.at > NOW - timedelta(hours=1)]
    assert sum(at > NOW - timedelta(minutes=30) for at in surge) > 0.65 * len(surge), "views arrive ever faster"


@pytest.mark.parametrize("seed", range(5))
def test_no_copy_rises(seed: int) -> None:
    views = plan_views(sample_articles(), now=NOW, seed=seed, total=4_000)
    last_hour = views_per_article([view for view in views if view.at > NOW - timedelta(hours=1)])
    copies = {a.id for a in sample_articles() if a.copy_of}
    assert last_hour.most_common(1)[0][0] not in copies


def test_some_readers_open_the_same_article_again() -> None:
    pairs = Counter((view.article_id, view.viewer) for view in planned())
    repeats = sum(count - 1 for count in pairs.values()) / TOTAL
    assert 0.05 < repeats < 0.2
    assert len({view.viewer for view in planned()}) > TOTAL / 5


def test_most_articles_are_read_and_a_few_most() -> None:
    views = views_per_article(planned())
    assert len(views) > 0.9 * len(sample_articles())
    top = sum(count for _, count in views.most_common(len(views) // 10))
    assert top > 0.35 * TOTAL


def test_views_come_one_by_one() -> None:
    views = plan_views(sample_articles(), now=NOW, seed=1, total=TOTAL)
    assert list(islice(views, 5)) == planned()[:5]
