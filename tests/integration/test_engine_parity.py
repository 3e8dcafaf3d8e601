"""The same articles and the same searches in both engines: same hits, counts, facets and order, up to equal scores.

All articles are written in one batch: an article that is written twice stays in the engines' word statistics until
its segment is merged, which each of them does at a time of its own.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.cli.demo.articles import load_sample_articles
from shared.events import Article
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.highlight import highlight, highlight_terms
from shared.search.model import Facet, SearchPage, SearchRequest, Sort
from tests.support.articles import NOW, Engine, publish_change, retract_change, search_for
from tests.support.elasticsearch_engine import elasticsearch_engines

pytestmark = pytest.mark.integration

SAMPLES = load_sample_articles(NOW)
ARTICLES: tuple[Article, ...] = (
    *SAMPLES,
    # Later editions: other titles, one paragraph less, another publisher.
    *(
        sample.model_copy(
            update={
                "id": f"{sample.id}-later",
                "title": f"{sample.title} (হালনাগাদ)",
                "body": sample.body.rpartition("\n")[0] or sample.body,
                "sources": ("বাসস",),
                "published_at": sample.published_at + timedelta(hours=30),
            }
        )
        for sample in SAMPLES[::3]
    ),
    # An archive: the same words years ago, and no copies any more.
    *(
        sample.model_copy(
            update={
                "id": f"{sample.id}-archive",
                "title": " ".join(reversed(sample.title.split())),
                "published_at": sample.published_at - timedelta(days=400 + 7 * number),
            }
        )
        for number, sample in enumerate(SAMPLES[1::3])
    ),
)
RETRACTED = tuple(article.id for article in ARTICLES[::29])
HOTTEST = {article.id: 3 * number**2 for number, article in enumerate(ARTICLES[5:300:7])}
EVERY_FACET = frozenset(Facet)
JUDGMENTS = Path(__file__).parents[1] / "relevance/judgments.jsonl"


@dataclass(frozen=True)
class Engines:
    embedded: Engine
    elasticsearch: Engine


@pytest.fixture(scope="module")
def engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder: Path = tmp_path_factory.mktemp("parity")
    writer, reader = EmbeddedArticleWriter(folder), EmbeddedArticleReader(folder)
    changes = [
        retract_change(article.id, article.version) if article.id in RETRACTED else publish_change(article)
        for article in ARTICLES
    ]
    with elasticsearch_engines(request) as new:
        both = Engines(Engine(writer, reader), new())
        both.embedded.change(*changes)
        both.elasticsearch.change(*changes)
        yield both
    writer.close()
    reader.close()


def queries() -> list[str]:
    """What a reader may type, made of the headlines: words, phrases, exclusions, alternatives, fields, dates."""
    chosen = random.Random(20261123)
    made = [
        "",
        "উটপাখি",
        "-ঢাকা",
        "date:2026-11",
        "date:..2026-01 নদী",
        "date:2025 বাজার",
        "category:খেলা",
        "category:খেলা category:অর্থনীতি দল",
        "source:বাসস",
        "আজ বৃষ্টি",
        "পেঁয়াজের দাম কেন কমছে",
        "১২",
        "পেঁয়াজ",
    ]
    for sample in chosen.sample(SAMPLES, 12):
        words = sample.title.replace('"', "").split()
        first, last = words[0], words[-1]
        made += [
            first,
            " ".join(words[:2]),
            " ".join(chosen.sample(words, min(len(words), 4))),
            " ".join(words),
            f'"{" ".join(words[1:3])}"',
            f'title:{first} "{" ".join(words[-2:])}"',
            f"{first} -{last}",
            f"{first} OR {last}",
            f"{last} category:{sample.category.replace(' ', '')}" if sample.category else last,
            " ".join(sample.body.split()[:12]),
        ]
    return list(dict.fromkeys([*made, *ROMANISED, *MISSPELT]))


def judged_queries(kind: str) -> list[str]:
    """Those of one kind that are judged over the same articles."""
    records = map(json.loads, JUDGMENTS.read_text(encoding="utf-8").splitlines())
    return [record["query"] for record in records if record["kind"] == kind]


ROMANISED = [
    *judged_queries("banglish"),
    "nodi OR ilish",
    "peyajer dam -bajar",
    "title:bhumikompo",
    "dam category:অর্থনীতি",
    "notun metrorail date:2026-11",
]
MISSPELT = ["বৃস্টি", "পেঁয়াযের দামম", "ভুমিকমপো সিলেট", "নির্ভাচন কমিশন", "কীশোরী গ্রেপতার", "হাসপাতল"]
QUERIES = queries()


def test_there_is_enough_to_compare() -> None:
    assert len(ARTICLES) >= 290
    assert len(QUERIES) >= 120


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="relevance"),
        pytest.param({"hottest": HOTTEST}, id="relevance with views"),
        pytest.param({"sort": Sort.NEWEST}, id="newest"),
        pytest.param({"sort": Sort.VIEWS, "hottest": HOTTEST}, id="views"),
        pytest.param({"collapse": True}, id="collapsed"),
        pytest.param({"collapse": True, "sort": Sort.NEWEST}, id="collapsed by date"),
        pytest.param({"categories": ("খেলা", "জাতীয়")}, id="two categories"),
        pytest.param({"sources": ("বাসস",), "published_from": NOW - timedelta(days=9)}, id="source and date"),
    ],
)
def test_the_same_hits_in_the_same_order(engines: Engines, options: dict[str, object]) -> None:
    differing = [
        (query, difference)
        for query in QUERIES
        if (difference := _difference(engines, search_for(query, limit=100, facets=EVERY_FACET, **options)))
    ]
    assert differing == []


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("collapse", [False, True])
def test_the_same_pages(engines: Engines, sort: Sort, collapse: bool) -> None:
    for query in ("", "নদী", "নতুন বাজার", "-ঢাকা", "nodi bajar"):
        request = search_for(query, limit=9, sort=sort, collapse=collapse, hottest=HOTTEST)
        pages = [engine.pages(request) for engine in (engines.embedded, engines.elasticsearch)]
        assert [len(page.hits) for page in pages[0]] == [len(page.hits) for page in pages[1]]
        listed = [{hit.stored.article.id for page in part for hit in page.hits} for part in pages]
        assert listed[0] == listed[1]


def test_the_same_explanations(engines: Engines) -> None:
    for query in QUERIES[::5]:
        request = search_for(query, explain=True, hottest=HOTTEST, limit=20)
        parts = [
            {hit.stored.article.id: hit.explanation for hit in engine.reader.search(request).hits}
            for engine in (engines.embedded, engines.elasticsearch)
        ]
        for article_id in parts[0].keys() & parts[1].keys():
            one, other = (part[article_id] for part in parts)
            assert other == (None if one is None else pytest.approx(one, rel=1e-3))


def test_the_same_highlights(engines: Engines) -> None:
    """They are made of the stored articles, so these must come back the same."""
    for query in QUERIES[::3]:
        request = search_for(query, limit=5, sort=Sort.NEWEST)
        terms = highlight_terms(request.query)
        shown = [
            [highlight(hit.stored.article, terms) for hit in engine.reader.search(request).hits]
            for engine in (engines.embedded, engines.elasticsearch)
        ]
        assert shown[0] == shown[1]


def test_the_same_completions(engines: Engines) -> None:
    for sample in SAMPLES[::9]:
        word = sample.title.split()[0].strip("‘’'“”")
        for typed in (word[:3], word, " ".join(sample.title.split()[:2])):
            assert _completions(engines.embedded, typed) == _completions(engines.elasticsearch, typed), typed


def test_the_same_completions_of_latin_letters(engines: Engines) -> None:
    found = 0
    for query in ROMANISED:
        first, *_ = query.split()
        for typed in (query, first, first[:-1]):
            completions = _completions(engines.embedded, typed)
            assert completions == _completions(engines.elasticsearch, typed), typed
            found += len(completions)
    assert found >= 2 * len(ROMANISED)


def test_words_in_latin_letters_are_read(engines: Engines) -> None:
    """So that engines which read nothing are not taken for alike."""
    pages = [engines.elasticsearch.search(query) for query in ROMANISED]
    assert sum(bool(page.readings) for page in pages) >= 0.9 * len(pages)
    assert sum(page.total > 0 for page in pages) >= 0.9 * len(pages)


def test_words_are_corrected(engines: Engines) -> None:
    corrected = [engines.elasticsearch.search(query).did_you_mean for query in MISSPELT]
    assert sum(text is not None for text in corrected) >= len(MISSPELT) / 2, corrected


def test_the_same_related_articles(engines: Engines) -> None:
    for article in ARTICLES[::13]:
        related = [engine.reader.related(article.id, 5) for engine in (engines.embedded, engines.elasticsearch)]
        scores = [[hit.score for hit in hits] for hits in related]
        assert scores[0] == pytest.approx(scores[1], rel=1e-3), article.id


def test_the_same_look_ups_and_counts(engines: Engines) -> None:
    wanted = [article.id for article in ARTICLES] + ["nobody"]
    assert engines.embedded.reader.get_many(wanted) == engines.elasticsearch.reader.get_many(wanted)
    stats = [replace(engine.reader.stats(), engine="") for engine in (engines.embedded, engines.elasticsearch)]
    assert stats[0] == stats[1]


def _difference(engines: Engines, request: SearchRequest) -> str | None:
    """What differs between the engines; None when nothing does."""
    one = engines.embedded.reader.search(request)
    other = engines.elasticsearch.reader.search(request)
    if (one.total, one.read_as) != (other.total, other.read_as):
        return f"{one.total} {one.read_as} / {other.total} {other.read_as}"
    if (one.readings, one.did_you_mean) != (other.readings, other.did_you_mean):
        return f"{one.readings} {one.did_you_mean} / {other.readings} {other.did_you_mean}"
    if one.facets != other.facets:
        return f"{one.facets} / {other.facets}"
    scores = [[hit.score for hit in page.hits] for page in (one, other)]
    if scores[0] != pytest.approx(scores[1], rel=1e-3):
        return f"scores {scores[0]} / {scores[1]}"
    if _ranks(one) != _ranks(other):
        return f"{_ranks(one)} / {_ranks(other)}"
    return None


def _completions(engine: Engine, typed: str) -> set[str]:
    return {completion.text for completion in engine.reader.suggest(typed, 50)}


def _ranks(page: SearchPage) -> list[set[tuple[str, int]]]:
    """The hits with their copies, in groups of scores that cannot be told apart; the last group may be cut off."""
    groups: list[set[tuple[str, int]]] = []
    last: tuple[float, int] | None = None
    for hit in page.hits:
        published = int(hit.stored.article.published_at.timestamp())
        if last is None or hit.score < last[0] * (1 - 1e-4) or (hit.score == 0 and published != last[1]):
            groups.append(set())
        last = (hit.score, published)
        groups[-1].add((hit.stored.article.id, hit.stored.copies))
    return groups[:-1] if page.next_cursor else groups
