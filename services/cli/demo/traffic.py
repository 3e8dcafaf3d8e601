"""Plans a week of views of a plausible shape. Pure: the same articles, `now` and seed give the same views."""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from services.cli.demo.articles import SampleArticle
from shared.bengali.date_lines import DHAKA

_HOUR: Final = timedelta(hours=1)
_HOURS: Final = 7 * 24
# News is read on the day it appears: half of the interest is gone after half a day, a little stays for good.
_HALF_LIFE_HOURS: Final = 12.0
_LASTING_INTEREST: Final = 0.02
# Readers come with the morning tea and before sleep; at the quietest, around four, a tenth of the peak is left.
_QUIET: Final = 0.12
_PEAKS: Final = ((9.0, 2.0, 0.8), (21.5, 2.2, 1.0))  # hour in Dhaka, width in hours, height
# One reader in thirteen opens an article again while it is still on the mind.
_REPEAT_SHARE: Final = 0.08
_REMEMBERED_READERS: Final = 30
_VIEWS_PER_READER: Final = 3
# What makes one article rise: a share of the week's views, all in the last hour.
_RISING_SHARE: Final = 0.03
_RISING_AGE: Final = (6 * _HOUR, 72 * _HOUR)


class PlannedView(NamedTuple):
    article_id: str
    viewer: str
    at: datetime


class _Hour(NamedTuple):
    """An hour of the plan and how much each article is read in it."""

    begin: datetime
    end: datetime
    weights: list[float]


def plan_views(articles: Sequence[SampleArticle], *, now: datetime, seed: int, total: int) -> Iterator[PlannedView]:
    """Exactly `total` views of the seven days before `now`, in order of time; none before its article's publication.

    An article's share is its popularity, decaying with age; hours follow day and night in Dhaka. One little-read
    article rises suddenly in the last hour.

    Raises:
        ValueError: when there are views to plan and no article that is published before `now`.
    """
    readable = [article for article in articles if article.published_at < now]
    if total and not readable:
        raise ValueError("no article is published before now")
    return _views(readable, now, Random(seed), total) if total else iter(())  # noqa: S311 - a demo, no secret


def _views(articles: Sequence[SampleArticle], now: datetime, random: Random, total: int) -> Iterator[PlannedView]:
    hours = [_hour(articles, now - n * _HOUR) for n in reversed(range(_HOURS))]
    rising = _rising_article(articles, now, random)
    surge = round(total * _RISING_SHARE) if rising else 0
    views_of_hour = Counter(random.choices(range(_HOURS), [sum(hour.weights) for hour in hours], k=total - surge))
    readers = _Readers(random, max(1, total // _VIEWS_PER_READER))
    for number, hour in enumerate(hours):
        seen = _moments(articles, hour, random, views_of_hour[number])
        if rising and number == _HOURS - 1:
            seen += [(_surging_moment(hour, random), rising) for _ in range(surge)]
        for at, article in sorted(seen, key=lambda pair: (pair[0], pair[1].id)):
            yield PlannedView(article.id, readers.next_for(article.id), at)


def _hour(articles: Sequence[SampleArticle], end: datetime) -> _Hour:
    begin = end - _HOUR
    activity = daily_activity(begin + _HOUR / 2)
    return _Hour(begin, end, [activity * _interest(article, begin, end) for article in articles])


def _interest(article: SampleArticle, begin: datetime, end: datetime) -> float:
    """How much an article is read between two moments, of which it is published for a part or the whole."""
    published_for = end - max(begin, article.published_at)
    if published_for <= timedelta(0):
        return 0.0
    age_hours = (end - published_for / 2 - article.published_at) / _HOUR
    decay = _LASTING_INTEREST + (1 - _LASTING_INTEREST) * math.exp2(-age_hours / _HALF_LIFE_HOURS)
    return article.popularity * decay * (published_for / _HOUR)


def daily_activity(moment: datetime) -> float:
    """How many readers are about, by the hour in Dhaka; about 1 at the evening's peak."""
    local = moment.astimezone(DHAKA)
    hour = local.hour + local.minute / 60

    def bump(peak: float, width: float, height: float) -> float:
        distance = min(abs(hour - peak), 24 - abs(hour - peak))
        return height * math.exp(-0.5 * (distance / width) ** 2)

    return _QUIET + (1 - _QUIET) * sum(bump(*peak) for peak in _PEAKS)


def _rising_article(articles: Sequence[SampleArticle], now: datetime, random: Random) -> SampleArticle | None:
    """One of the little-read articles that are no longer new, and no copy; None when there is none."""
    youngest, oldest = _RISING_AGE
    settled = [a for a in articles if a.copy_of is None and youngest <= now - a.published_at <= oldest]
    settled.sort(key=lambda article: (article.popularity, article.id))
    return random.choice(settled[: max(1, len(settled) // 4)]) if settled else None


def _moments(
    articles: Sequence[SampleArticle], hour: _Hour, random: Random, count: int
) -> list[tuple[datetime, SampleArticle]]:
    if not count:
        return []
    read = random.choices(articles, cum_weights=list(accumulate(hour.weights)), k=count)
    return [(_moment_between(max(hour.begin, article.published_at), hour.end, random), article) for article in read]


def _moment_between(begin: datetime, end: datetime, random: Random) -> datetime:
    return begin + random.random() * (end - begin)


def _surging_moment(hour: _Hour, random: Random) -> datetime:
    """The closer to the end of the hour, the more likely: views arrive ever faster."""
    return hour.begin + math.sqrt(random.random()) * (hour.end - hour.begin)


class _Readers:
    """Who reads: mostly anyone, now and then somebody who had the same article open a little earlier."""

    def __init__(self, random: Random, count: int) -> None:
        self._random = random
        self._count = count
        self._recent: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_REMEMBERED_READERS))

    def next_for(self, article_id: str) -> str:
        recent = self._recent[article_id]
        if recent and self._random.random() < _REPEAT_SHARE:
            return self._random.choice(recent)
        viewer = f"reader-{self._random.randrange(self._count):06d}"
        recent.append(viewer)
        return viewer
