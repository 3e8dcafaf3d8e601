"""The sample articles and the judged queries over them are what their READMEs say."""

import json
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo.articles import SampleArticle, load_sample_articles, read_sample_records
from shared.events import Article, ArticlePublished, article_event_from_journal, encode_event

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
JUDGMENTS = Path(__file__).parents[2] / "relevance" / "judgments.jsonl"
KINDS = {
    "words",
    "inflected",
    "base_form",
    "other_keyboard",
    "banglish",
    "english_acronym",
    "phrase",
    "question",
    "long",
    "spelling",
    "date",
    "category",
}
ACRONYMS = {"AQI", "COVID", "FIDE", "GPS", "HPV", "OCR", "WHO"}
WORD = re.compile(r"[\u0980-\u09f6\u09f8-\u09ff\u200c\u200d]+|[A-Za-z0-9]+")  # without ৷, U+09F7


@cache
def records() -> dict[str, dict[str, Any]]:
    return {record["slug"]: record for record in read_sample_records()}


@cache
def judgments() -> list[dict[str, Any]]:
    return [json.loads(line) for line in JUDGMENTS.read_text(encoding="utf-8").splitlines()]


def text_of(record: dict[str, Any]) -> str:
    return "\n".join(record.get(field, "") for field in ("title", "lead", "body"))


def words_of(record: dict[str, Any]) -> frozenset[str]:
    return frozenset(WORD.findall(unicodedata.normalize("NFC", record["body"])))


def similarity(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right)


def test_there_are_enough_articles_and_categories_over_four_weeks() -> None:
    ages = [record["age_hours"] for record in records().values()]
    categories = Counter(record["category"] for record in records().values())
    assert len(ages) == sum(1 for _ in read_sample_records()), "a slug stands twice"
    assert len(ages) >= 165
    assert len(categories) >= 10
    assert min(categories.values()) >= 8
    assert min(ages) < 3
    assert max(ages) > 26 * 24
    assert min(Counter(int(age // 168) for age in ages if age < 4 * 168).values()) >= 15
    assert max(ages) < 4 * 168


def test_most_views_go_to_a_few_articles() -> None:
    weights = sorted((record["popularity"] for record in records().values()), reverse=True)
    assert sum(weights[: len(weights) // 10]) > 0.33 * sum(weights)
    assert weights[len(weights) // 2] < weights[0] / 8


def test_articles_load_as_events_that_the_doors_take() -> None:
    articles = load_sample_articles(NOW)
    assert [article.id for article in articles] == list(records())
    assert all(NOW - timedelta(weeks=4) < article.published_at < NOW for article in articles)
    assert articles == sorted(articles, key=lambda article: article.published_at)
    for article in articles:
        assert article.version == article.published_at.timestamp() * 1000
        event = ArticlePublished(id="1", source="urn:test", subject=article.id, data=article)
        stored = json.loads(encode_event(event))["data"]
        assert not stored.keys() & {"popularity", "copy_of"}
        assert Article.model_validate(stored) == article_event_from_journal(encode_event(event)).data


def test_loading_later_gives_newer_versions() -> None:
    later = load_sample_articles(NOW + timedelta(hours=1))
    assert all(new.version > old.version for old, new in zip(load_sample_articles(NOW), later, strict=True))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        load_sample_articles(NOW.replace(tzinfo=None))


def test_popularity_must_be_positive() -> None:
    article = load_sample_articles(NOW)[0]
    with pytest.raises(ValueError, match="popularity"):
        SampleArticle(**article.model_dump(), popularity=0)


def test_bodies_have_the_length_and_the_paragraphs_of_short_news() -> None:
    for slug, record in records().items():
        assert 60 <= len(record["body"].split()) <= 180, slug
        paragraphs = record["body"].split("\n")
        assert 2 <= len(paragraphs) <= 4, slug
        assert all(re.search(r"[।৷?!’'][’']?$", paragraph) for paragraph in paragraphs), slug
        assert not re.search(r"  |^\s|\s$|\s[।,;?]|[।,;][\u0985-\u09b9]", text_of(record)), slug
    assert sum("lead" in record for record in records().values()) > 0.75 * len(records())


def test_the_language_is_bengali_with_a_few_acronyms() -> None:
    for slug, record in records().items():
        letters = [c for c in text_of(record) if unicodedata.category(c)[0] in "LM"]
        bengali = sum("\u0980" <= letter <= "\u09ff" for letter in letters)
        assert bengali > 0.97 * len(letters), slug
        assert set(re.findall(r"[A-Za-z]+", text_of(record))) <= ACRONYMS, slug
        allowed = set(" \n,.;:?-'()‘’—।\u200c\u200d")
        others = {c for c in text_of(record) if not ("\u0980" <= c <= "\u09ff" or (c.isascii() and c.isalnum()))}
        assert others <= allowed, slug


def test_declared_copies_are_near_duplicates_and_nothing_else_is() -> None:
    words = {slug: words_of(record) for slug, record in records().items()}
    copies = {(slug, record["copy_of"]) for slug, record in records().items() if "copy_of" in record}
    assert len(copies) >= 6
    for copy, original in copies:
        assert 0.7 < similarity(words[copy], words[original]) < 1, copy
        assert records()[copy]["sources"] != records()[original]["sources"]
        assert records()[copy]["title"] != records()[original]["title"]
        assert records()[copy]["age_hours"] < records()[original]["age_hours"]
    for left, right in combinations(words, 2):
        if not {(left, right), (right, left)} & copies:
            assert similarity(words[left], words[right]) < 0.2, (left, right)


def test_bodies_do_not_share_sentences_or_openings() -> None:
    openings: Counter[str] = Counter()
    runs: Counter[tuple[str, ...]] = Counter()
    for record in records().values():
        if "copy_of" in record:
            continue
        words = WORD.findall(record["body"])
        openings[" ".join(words[:2])] += 1
        runs.update({tuple(words[i : i + 5]) for i in range(len(words) - 4)})
    assert max(openings.values()) <= 2
    assert max(runs.values()) <= 2


def test_follow_ups_come_later_and_in_other_words() -> None:
    follow_ups = {slug: record["follows"] for slug, record in records().items() if "follows" in record}
    assert len(follow_ups) >= 6
    for slug, earlier in follow_ups.items():
        assert records()[slug]["age_hours"] < records()[earlier]["age_hours"], slug
        assert similarity(words_of(records()[slug]), words_of(records()[earlier])) < 0.2, slug


@pytest.mark.parametrize(
    ("variant", "slug", "needed", "absent"),
    [
        ("composed letters", "dengue-cases-fall-november", "\u09df", "\u09bc"),
        ("decomposed letters", "new-train-timetable-winter", "\u09af\u09bc", "\u09df"),
        ("split vowels", "cycling-teknaf-tetulia-52-hours", "\u09c7\u09be", "\u09cb"),
        ("ZWNJ", "victory-day-preparation-savar", "উদ\u09cd\u200cযাপন", "উদযাপন"),
        ("ZWJ", "badminton-night-lights-comilla", "\u09b0\u200d\u09cd\u09afা", "\u200c"),
        ("no ZWJ", "university-admission-cluster-seat", "\u09b0\u09cd\u09afাংকিং", "\u200d"),
        ("ASCII digits", "ferry-halted-seven-hours-fog-agency", "রাত 1টা", "১"),
        ("currency numerator as danda", "tetulia-lowest-temperature-agency", "\u09f7", "\u0964"),
        ("quote and suffix", "new-textbooks-january-first", "এনসিটিবি’র", "এনসিটিবির"),
        ("ASCII quote and suffix", "new-books-eighty-three-percent-agency", "এনসিটিবি'র", "’র"),
        ("colon for visarga", "opinion-old-age-loneliness-village", "দু:খ", "অতঃপর"),
        ("taka sign", "shital-pati-export-sylhet", "৳২,৮০০", "$"),
        ("time", "new-train-timetable-winter", "৭:৩০", "7:30"),
        ("hyphen and suffix", "covid-19-oxygen-plant-reuse", "করোনাভাইরাস-এর", "কোভিড"),
    ],
)
def test_spelling_variants_are_kept(variant: str, slug: str, needed: str, absent: str) -> None:
    text = text_of(records()[slug])
    assert needed in text, variant
    assert absent not in text, variant


def test_some_texts_mix_both_encodings() -> None:
    mixed = [slug for slug, r in records().items() if "\u09bc" in text_of(r) and re.search("[ড়ঢ়য়]", text_of(r))]
    assert {"rice-wholesale-price-naogaon", "bangla-keyboard-two-encodings"} <= set(mixed)


def test_judged_queries_cover_every_kind() -> None:
    kinds = Counter(judgment["kind"] for judgment in judgments())
    assert len(judgments()) >= 130
    assert len({judgment["query"] for judgment in judgments()}) == len(judgments())
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 6


def test_judgments_name_articles_with_honest_grades() -> None:
    for judgment in judgments():
        relevant: dict[str, int] = judgment["relevant"]
        assert relevant.keys() <= records().keys(), judgment
        assert set(relevant.values()) <= {1, 2, 3}, judgment
        assert 3 in relevant.values(), judgment
        assert len(relevant) <= 8, judgment


def test_a_copy_is_as_relevant_as_its_original() -> None:
    for judgment in judgments():
        relevant = judgment["relevant"]
        for slug, record in records().items():
            if original := record.get("copy_of"):
                assert relevant.get(slug) == relevant.get(original), (judgment["query"], slug)


def test_queries_are_of_their_kind() -> None:
    for judgment in judgments():
        query, kind = judgment["query"], judgment["kind"]
        texts = " ".join(text_of(records()[slug]) for slug in judgment["relevant"])
        match kind:
            case "banglish":
                assert re.fullmatch(r"[a-z0-9 ]+", query), query
            case "english_acronym":
                assert re.search(r"[A-Za-z]", query), query
            case "phrase":
                assert re.search(r'"[^"]+"', query), query
            case "category":
                assert re.match(r"category:\S+ \S", query), query
            case "long":
                words = WORD.findall(query)
                assert len(words) >= 10, query
                assert not all(word in texts for word in words), query
            case "date":
                assert re.search(r"\d", query), query
            case "other_keyboard":
                typed = WORD.findall(query)
                assert not all(word in WORD.findall(texts) for word in typed), query
                composed = unicodedata.normalize("NFC", texts)
                assert any(unicodedata.normalize("NFC", word) in composed for word in typed), query
            case "inflected" | "base_form" | "spelling":
                assert not all(word in WORD.findall(texts) for word in WORD.findall(query)), query
            case _:
                pass
