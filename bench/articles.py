"""Articles to load an index with: public blog posts where they are, and as many generated ones as are wanted.

Generated articles have the lengths of news and words as often as in the text that they are drawn from, so that
postings are as long as real ones. Their sentences say nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Final

from bench.processes import ROOT
from bench.relevance.public_sets import PublicData
from services.cli.demo.articles import read_sample_records
from shared.events import Article

PUBLIC_DATA: Final = ROOT.parent / "shared/data"
_SEED: Final = 20
_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
_CATEGORIES: Final = ("জাতীয়", "রাজনীতি", "খেলা", "বিনোদন", "অর্থনীতি", "বিশ্ব")
_TITLE_WORDS: Final = (5, 10)
_SENTENCE_WORDS: Final = (6, 18)
# News articles have 2,900 characters on average, some 430 words.
_BODY_WORDS: Final = (120, 740)
_SENTENCES_PER_PARAGRAPH: Final = 3


class LoadData:
    """What an index is loaded with. `description` says where the texts come from."""

    def __init__(self, folder: Path = PUBLIC_DATA) -> None:
        public = PublicData(folder)
        self._real = public.blog_posts() if public.is_there else []
        texts = [f"{title} {body}" for title, body in self._real]
        self._texts = texts or [f"{record['title']} {record['body']}" for record in read_sample_records()]

    def describe(self, count: int) -> str:
        real = self._real_among(count)
        if not real:
            return f"{count:,} generated articles (the public blog posts are not there: {PUBLIC_DATA})"
        return f"{real:,} blog posts and {count - real:,} generated articles"

    def _real_among(self, count: int) -> int:
        """All that there are, but no more than half."""
        return min(len(self._real), count // 2)

    def articles(self, count: int) -> list[Article]:
        """Always the same, each id once; generated ones after the real ones."""
        real = [
            _article(f"blog-{number}", title, body, number)
            for number, (title, body) in enumerate(islice(self._real, self._real_among(count)))
        ]
        generated = _generated(self._texts, Random(_SEED))
        return [*real, *islice(generated, count - len(real))]


def generated_articles(count: int) -> list[Article]:
    """Of the sample articles' words."""
    texts = [f"{record['title']} {record['body']}" for record in read_sample_records()]
    return list(islice(_generated(texts, Random(_SEED)), count))


def _generated(texts: Sequence[str], random: Random) -> Iterator[Article]:
    counted = Counter(word for text in texts for word in text.split())
    words, weights = list(counted), list(accumulate(counted.values()))
    number = 0
    while True:
        title = random.choices(words, cum_weights=weights, k=random.randint(*_TITLE_WORDS))
        wanted, body, sentences = random.randint(*_BODY_WORDS), "", 0
        while wanted > 0:
            sentence = random.choices(words, cum_weights=weights, k=random.randint(*_SENTENCE_WORDS))
            wanted -= len(sentence)
            sentences += 1
            body += " ".join(sentence) + ("।\n" if sentences % _SENTENCES_PER_PARAGRAPH == 0 else "। ")
        yield _article(f"generated-{number}", " ".join(title), body.strip(), number)
        number += 1


def _article(article_id: str, title: str, body: str, number: int) -> Article:
    """One every ten minutes, back from the same moment, so that recency and facets have something to do."""
    return Article(
        id=article_id,
        version=1,
        title=title,
        body=body,
        category=_CATEGORIES[number % len(_CATEGORIES)],
        published_at=_NOW - timedelta(minutes=10 * number),
    )
