"""The real page that the project was asked to read first, where it lies beside the checkout; it is never copied."""

from pathlib import Path

import pytest

from services.ingest.pages import DraftArticle, parse_page

SEED = Path(__file__).parents[4] / "shared" / "seed"


@pytest.fixture(scope="module")
def draft() -> DraftArticle:
    pages = sorted(SEED.glob("*.txt"))
    if not pages:
        pytest.skip(f"the seed's page is not here: {SEED}")
    return parse_page(pages[0].read_bytes(), "text/plain; charset=utf-8")


def test_headline_byline_date_counter_sources(draft: DraftArticle) -> None:
    assert draft.title.startswith("যুক্তরাষ্ট্র-রাশিয়া")
    assert draft.title.endswith("ল্যাভরভ")
    assert draft.byline == "ডেস্ক নিউজ"
    assert draft.published_at.isoformat() == "2024-11-07T07:00:00+06:00"
    assert draft.page_views == 104
    assert draft.sources == ("তাস", "আনাদোলু এজেন্সি")


def test_the_text_is_the_articles_alone_and_whole(draft: DraftArticle) -> None:
    for foreign in ("সূত্র", "সংশ্লিষ্ট সংবাদ", "শীর্ষ সংবাদ", "ভিউ", "আপডেট", draft.title):
        assert foreign not in draft.body
    assert all(paragraph.endswith("।") for paragraph in draft.body.split("\n"))
    assert "রাশিয়ার নতুন রাষ্ট্রদূত" in draft.body


def test_the_other_headlines_are_one_text(draft: DraftArticle) -> None:
    assert len(draft.related) == 1
    assert len(draft.related[0]) > 500


def test_it_is_an_article_that_can_be_published(draft: DraftArticle) -> None:
    article = draft.to_article()
    assert article.version == draft.published_at.timestamp() * 1000
    assert article.id.startswith("page-")
