"""However a page was saved, its article is the same."""

import unicodedata

import pytest

from services.ingest.pages import DraftArticle, parse_page
from tests.support.sample_pages import PAGES, parse_text, read_page


def same_but_for_encoding(one: DraftArticle, other: DraftArticle) -> bool:
    return unicodedata.normalize("NFC", repr(one)) == unicodedata.normalize("NFC", repr(other))


@pytest.mark.parametrize("page", sorted(path.name for path in PAGES.glob("*.txt")))
class TestEncodings:
    """However the file was saved, the article is the same."""

    def test_carriage_returns(self, page: str) -> None:
        text = read_page(page)
        assert parse_text(text.replace("\n", "\r\n")) == parse_text(text)
        assert parse_text(text.replace("\n", "\r")) == parse_text(text)

    def test_byte_order_mark(self, page: str) -> None:
        text = read_page(page)
        assert parse_page(text.encode("utf-8-sig"), "text/plain") == parse_text(text)

    def test_utf_16(self, page: str) -> None:
        text = read_page(page)
        assert parse_page(b"\xff\xfe" + text.encode("utf-16-le"), "text/plain") == parse_text(text)

    def test_spaces_of_other_kinds_and_invisible_characters(self, page: str) -> None:
        text = read_page(page)
        spoiled = text.replace(" ", "\u00a0 \u200b").replace("।", "\u2060।").replace("\n", " \t\n")
        assert parse_text(spoiled) == parse_text(text)

    def test_the_other_encoding_of_nukta_letters(self, page: str) -> None:
        text = read_page(page)
        composed = (
            text.replace("\u09af\u09bc", "\u09df").replace("\u09a1\u09bc", "\u09dc").replace("\u09a2\u09bc", "\u09dd")
        )
        decomposed = unicodedata.normalize("NFD", composed)
        assert composed != decomposed
        assert same_but_for_encoding(parse_text(composed), parse_text(decomposed))
        assert parse_text(composed).id == parse_text(decomposed).id

    def test_digits_of_the_other_script(self, page: str) -> None:
        text = read_page(page)
        latin = parse_text(text.translate(str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")))
        assert latin.published_at == parse_text(text).published_at
        assert latin.page_views == parse_text(text).page_views
