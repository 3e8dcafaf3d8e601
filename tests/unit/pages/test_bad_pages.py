"""Pages that are refused: what is wrong, and where."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from services.ingest.pages import (
    IncompletePageError,
    PageError,
    PageTooLargeError,
    UnreadablePageError,
    UnsupportedPageTypeError,
    parse_page,
)
from tests.support.sample_pages import read_page

HEADLINE = "নদীতে বেড়েছে পানি, সতর্ক মানুষ"
DATE = "প্রকাশ: ৭ মে ২০২৪"
TEXT = "নদীর পানি বেড়েছে দুই হাত। মানুষ সতর্ক আছে।"


def refusal(body: bytes, content_type: str = "text/plain", **options: int) -> PageError:
    with pytest.raises(PageError) as refused:
        parse_page(body, content_type, max_bytes=options.get("max_bytes", 5_000_000))
    return refused.value


@pytest.mark.parametrize("body", [b"", b" \n\t ", b"\xef\xbb\xbf", b"\xff\xfe", "\u200b \u00a0".encode()])
def test_an_empty_page(body: bytes) -> None:
    error = refusal(body)
    assert isinstance(error, UnreadablePageError | IncompletePageError)
    assert "empty" in str(error) or error.place == "headline"


def test_a_binary_file_names_the_first_byte_that_is_no_text() -> None:
    error = refusal(b"GIF89a\x01\x00\x01\x00\x80\xff\xff")
    assert isinstance(error, UnreadablePageError)
    assert "binary" in str(error)
    assert error.place == "byte 7"


def test_a_binary_file_of_valid_utf_8() -> None:
    page = f"{HEADLINE}\n{DATE}\n{TEXT}".encode()
    error = refusal(page + b"\x00")
    assert "U+0000" in str(error)
    assert error.place == f"byte {len(page)}"


def test_a_stray_control_character_is_no_binary_file() -> None:
    draft = parse_page(f"{HEADLINE}\n{DATE}\n{TEXT}\x02{TEXT * 5}".encode(), "text/plain")
    assert "\x02" not in draft.body


def test_invalid_utf_8_names_the_byte() -> None:
    page = f"{HEADLINE}\n{DATE}\n".encode()
    error = refusal(page + b"\xe0\xa6" + TEXT.encode())
    assert isinstance(error, UnreadablePageError)
    assert "not valid UTF-8" in str(error)
    assert error.place == f"byte {len(page)}"


def test_an_unknown_character_set_is_refused_by_name() -> None:
    error = refusal(b"\x82\xa0" * 20, "text/html; charset=shift_jis")
    assert "shift_jis" in str(error)
    assert error.place == "charset"


@pytest.mark.parametrize("content_type", ["application/json", "image/png", "multipart/form-data; boundary=x"])
def test_other_media_types(content_type: str) -> None:
    error = refusal(b"{}", content_type)
    assert isinstance(error, UnsupportedPageTypeError)
    assert content_type.partition(";")[0] in str(error)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{DATE}\n{TEXT}", "headline"),
        (f"ডেস্ক নিউজ\n{DATE}\n{TEXT}", "headline"),
        (f"{TEXT}\n{TEXT}", "headline"),
        ("৭\n৮\n৯", "headline"),
        (f"{HEADLINE}\n{TEXT}", "date"),
        (f"{HEADLINE}\nপ্রকাশ: শিগগিরই\n{TEXT}", "date"),
        (f"{HEADLINE}\nপ্রকাশ: ২ ঘণ্টা আগে\n{TEXT}", "date"),
        (f"{HEADLINE}\n{TEXT} গত ৭ মে ২০২৪ তারিখে শহরের সব মানুষ সারা দিন নদীর দিকে তাকিয়ে ছিল বলে জানা গেছে।", "date"),
        (f"{HEADLINE}\n{DATE}", "body"),
        (f"{HEADLINE}\n{DATE}\nহ্যাঁ।", "body"),
        (f"{HEADLINE}\n{DATE}\nশীর্ষ সংবাদ:\n{TEXT}", "body"),
        (f"{HEADLINE}\n{DATE}\nসূত্র: তাস ও আনাদোলু এজেন্সি", "body"),
    ],
)
def test_a_part_that_is_missing_is_named(text: str, place: str) -> None:
    error = refusal(text.encode())
    assert isinstance(error, IncompletePageError)
    assert error.place == place
    assert str(error)


@pytest.mark.parametrize(
    ("html", "place"),
    [
        (f"<html><body><p>{DATE}</p><p>{TEXT}</p></body></html>", "headline"),
        (f"<html><body><h1>{HEADLINE}</h1><p>{TEXT}</p></body></html>", "date"),
        (f"<html><body><h1>{HEADLINE}</h1><p>{DATE}</p></body></html>", "body"),
        (f"<html><body><h1>{HEADLINE}</h1><p>{DATE}</p><nav>{TEXT}</nav></body></html>", "body"),
        ("<html></html>", "headline"),
        ("<html><body><script>", "headline"),
    ],
)
def test_the_same_in_html(html: str, place: str) -> None:
    error = refusal(html.encode(), "text/html")
    assert isinstance(error, IncompletePageError)
    assert error.place == place


def test_too_many_bytes() -> None:
    assert isinstance(refusal(b"x" * 101, max_bytes=100), PageTooLargeError)
    assert isinstance(refusal(b"x" * 50_000_000), PageTooLargeError)


def test_a_headline_and_a_text_beyond_what_an_article_may_have() -> None:
    assert refusal(f"<h1>{'ক' * 1_001}</h1><p>{DATE}</p><p>{TEXT}</p>".encode(), "text/html").place == "headline"
    assert refusal(f"{HEADLINE}\n{DATE}\n{TEXT * 20_000}".encode()).place == "body"


def html(unit: str, times: int) -> bytes:
    """A page of about a megabyte in which the unit stands many times; `{}` in it is a running number."""
    repeated = "".join(unit.replace("{}", str(i)) for i in range(times)) if "{}" in unit else unit * times
    return f"<h1>{HEADLINE}</h1><p>{DATE}</p>{repeated}<p>{TEXT}</p>".encode()


def text(unit: str, times: int) -> bytes:
    return f"{HEADLINE}\n{DATE}\n{unit * times}\n{TEXT}".encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested elements": partial(html, "<div>", 200_000),
    "nested elements within the limit": partial(html, "<div>", 20_000),
    "nested tables": partial(html, "<table><tr><td>", 4_000),
    "misnested formatting": partial(html, "<p><b id={}><i id={}></p>", 10_000),
    "one long tag": partial(html, f'<div title="{"x" * 1_000_000}">', 1),
    "a tag of many attributes": partial(html, "<div a{}=1 ", 100_000),
    "a tag that never ends": partial(html, "<div a ", 150_000),
    "quotation marks that never close": partial(html, "<div a=\"<div b='", 70_000),
    "entities": partial(html, "&amp;", 200_000),
    "comments that never end": partial(html, "<!--", 200_000),
    "scripts that never end": partial(html, "<script>", 120_000),
    "drawings that never end": partial(html, "<svg>", 70_000),
    "angle brackets": partial(html, "<", 1_000_000),
    "boxes of links": partial(html, "<div class=related><a href=x>ক খ গ ঘ ঙ চ</a>", 8_000),
    "links": partial(html, "<a href=x>ক খ গ ঘ ঙ চ</a>", 10_000),
    "nested data": partial(html, f'<script type="application/ld+json">{"[" * 300_000}</script>', 1),
    "lines": partial(text, "ক\n", 300_000),
    "date lines": partial(text, f"{f'{DATE} | ৭:০০ ' * 9}\n", 500),
    "one word": partial(text, "নদী", 100_000),
    "marks": partial(text, "\u09bc", 300_000),
    "joiners": partial(text, "\u200d", 300_000),
    "spaces": partial(text, " ", 1_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_little_time(name: str) -> None:
    body = HOSTILE[name]()
    begin = time.process_time()
    with suppress(PageError):
        parse_page(body, "text/html" if body.startswith(b"<h1>") else "text/plain")
    # Most take a twentieth of a second; handled in quadratic time each of these takes many.
    assert time.process_time() - begin < 2


def test_the_samples_are_sound() -> None:
    for name in ("winter_fair.txt", "rain_forecast.txt"):
        parse_page(read_page(name).encode(), "text/plain").to_article()
