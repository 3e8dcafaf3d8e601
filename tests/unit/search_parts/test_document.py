from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.analyzer import analyze
from shared.search.document import LONGEST_TOKEN, build_document, opening_of
from shared.search.labels import canonical_label
from tests.support.articles import article


def stems(words: str) -> list[str]:
    """Of words in their dictionary form, as the analyzer writes them."""
    return list(analyze(words).stems)


def test_title_lead_and_body_count_three_two_and_one_times() -> None:
    document = build_document(article("a", "নদীর পানি", "মাঠে ফসল", lead="বন্যার আশঙ্কা"))
    assert document.stem.split() == stems("নদী পানি") * 3 + stems("বন্যা আশঙ্কা") * 2 + stems("মাঠ ফসল")
    assert [document.gram.split().count(word) for word in ("নদীর", "পানি", "ফসল")] == [3, 3, 1]
    assert document.opening.split() == stems("বন্যা আশঙ্কা")
    assert document.headline.split() == ["নদীর", "পানি"]
    assert len(document.pairs.split()) == 3
    assert document.surface.split() == ["নদীর", "পানি", "বন্যার", "আশঙ্কা", "মাঠে", "ফসল"]
    assert document.title.split() == stems("নদী পানি")
    assert [part.split() for part in document.text] == [stems("নদী পানি"), stems("বন্যা আশঙ্কা"), stems("মাঠ ফসল")]


def test_the_opening_stands_in_for_a_lead() -> None:
    opening = "শহরের দক্ষিণে নতুন হাসপাতাল হচ্ছে।"
    document = build_document(article("a", "শিরোনাম", f"{opening} " + "পরের বাক্যে অনেক কথা আছে। " * 30))
    hospital = stems("হাসপাতাল")[0]
    assert document.stem.split().count(hospital) == 3
    assert hospital in document.opening.split()
    # What follows the first sentences closely is opening as well, and counts no more than the body elsewhere.
    [later] = stems("অনেক")
    assert 1 < document.opening.split().count(later) < 30
    assert document.surface.split().count("হাসপাতাল") == 1
    # For phrases the opening is there once, as part of the body.
    assert len(document.text) == 2


@pytest.mark.parametrize(
    ("body", "opening"),
    [
        ("একটি বাক্য।", "একটি বাক্য।"),
        ("ছোট বাক্য। " + "এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ " * 4 + "শেষ। আরও আছে।", None),
        ("কথা " * 500, "কথা " * 89 + "কথা"),
        ("মূল্য ১২.৫০ টাকা।\nপরের লাইন", "মূল্য ১২.৫০ টাকা। পরের লাইন"),
    ],
)
def test_an_opening_is_whole_sentences_of_some_forty_words(body: str, opening: str | None) -> None:
    found = opening_of(body, 40)
    if opening is None:
        assert found.startswith("ছোট বাক্য।")
        assert found.endswith("শেষ।")
    else:
        assert found == opening


def test_compounds_keep_their_parts_apart_in_positional_fields() -> None:
    document = build_document(article("a", "মাদক-বাণিজ্য বন্ধ"))
    assert document.title.split() == stems("মাদক বাণিজ্য বন্ধ")
    assert stems("মাদকবাণিজ্য")[0] in document.stem.split()


def test_the_day_is_the_one_in_dhaka() -> None:
    document = build_document(article("a", "ভোর", published_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC)))
    assert document.day == date(2026, 11, 21)
    assert document.published == 1_795_199_400


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+06:00", "9999-12-31T23:59:59-06:00"])
def test_the_ends_of_the_calendar_are_dates_too(moment: str) -> None:
    assert build_document(article("a", "দিন", published_at=moment)).day.year in {1, 9999}


def test_encoded_data_in_a_text_is_no_word() -> None:
    document = build_document(article("a", "খবর", f"আগে {'x' * (LONGEST_TOKEN + 1)} পরে"))
    assert max(map(len, document.stem.split())) <= LONGEST_TOKEN


def test_labels_are_in_canonical_spelling() -> None:
    document = build_document(article("a", "খবর", category=" জাতী\u09af\u09bc  খবর ", sources=("তাস", "তাস ", "বাসস")))
    assert document.category == "জাতী\u09df খবর"
    assert document.sources == ("তাস", "বাসস")


@given(st.text(st.characters(codec="utf-8")))
def test_a_canonical_label_is_canonical(text: str) -> None:
    label = canonical_label(text)
    assert canonical_label(label) == label


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip), st.text(st.characters(codec="utf-8")))
def test_any_text_makes_a_document(title: str, body: str) -> None:
    text = (body.replace("\0", "").strip() or "ক") + " ক"
    document = build_document(article("a", title.replace("\0", "").strip() or "ক", text))
    assert document.stem.split().count("ক") >= 1
