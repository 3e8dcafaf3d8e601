"""The id and version of a page's article, and what overrides the page."""

import pytest

from services.ingest.pages import IncompletePageError, parse_page
from tests.support.sample_pages import parse_text, read_page


def test_the_same_page_has_the_same_id_and_version() -> None:
    first, again = parse_text(read_page("boat_race.txt")), parse_text(read_page("boat_race.txt"))
    other = parse_text(read_page("bird_census.txt"))
    assert (first.id, first.version) == (again.id, again.version)
    assert first.id != other.id
    assert first.version == first.published_at.timestamp() * 1000


def test_an_edit_with_a_later_time_is_a_later_version_of_the_same_article() -> None:
    page = read_page("rain_forecast.txt")
    edited = page.replace("| ০০:১৫", "| ০২:১৫")
    assert parse_text(edited).id == parse_text(page).id
    assert parse_text(edited).version == parse_text(page).version + 2 * 60 * 60 * 1000


@pytest.mark.parametrize(
    "address",
    [
        "https://khobor.example/news/12?utm_source=x&fbclid=1#top",
        "http://www.khobor.example/news/12/",
        "https://KHOBOR.example/news/12",
    ],
)
def test_an_address_names_one_article_however_it_was_shared(address: str) -> None:
    page = read_page("boat_race.txt")
    assert parse_text(page, url=address).id == parse_text(page, url="https://khobor.example/news/12").id


def test_addresses_in_bengali_may_be_escaped() -> None:
    page = read_page("boat_race.txt")
    plain = parse_text(page, url="https://khobor.example/খবর/১২")
    escaped = parse_text(page, url="https://khobor.example/%E0%A6%96%E0%A6%AC%E0%A6%B0/%E0%A7%A7%E0%A7%A8")
    assert plain.id == escaped.id


def test_what_is_given_overrides_the_page() -> None:
    draft = parse_page(
        read_page("rain_forecast.txt").encode(),
        "text/plain",
        url="https://khobor.example/rain",
        article_id="rain-2025",
        version=7,
        category="জলবায়ু",
    )
    article = draft.to_article()
    assert (article.id, article.version, article.category) == ("rain-2025", 7, "জলবায়ু")
    assert article.url == "https://khobor.example/rain"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"article_id": "a/b"}, "id"),
        ({"version": 0}, "version"),
        ({"url": "ftp://x/y"}, "url"),
        ({"category": " "}, "category"),
    ],
)
def test_unsound_overrides_are_refused_by_name(given: dict[str, str], place: str) -> None:
    with pytest.raises(IncompletePageError) as refused:
        parse_page(read_page("boat_race.txt").encode(), "text/plain", **given)  # type: ignore[arg-type]
    assert refused.value.place == place
