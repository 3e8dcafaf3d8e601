"""Whatever arrives is answered with an article or a refusal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.pages import DraftArticle, PageError, parse_page
from services.ingest.pages.html_markup import MAX_DEPTH, read_markup
from services.ingest.pages.html_tree import build_tree
from tests.support.sample_pages import PAGES

SAMPLES = tuple(path.read_bytes() for path in sorted(PAGES.iterdir()))
TYPES = st.sampled_from(
    ["text/html", "text/plain", "", "text/html; charset=latin1", "text/plain;charset=utf-16", "image/gif"]
)
SNIPPETS = st.sampled_from(
    [
        "<h1>", "</h1>", "<p>", "</p>", "<div class=related-news>", "</div>", "<br>", "<a href=/x>", "</a>", "<b",
        "<li>", "<article>", "</article>", "<time datetime=2024-05-07>", "<meta property=og:title content='নদী'>",
        "<!--", "-->", "<script type='application/ld+json'>", '{"@type":"NewsArticle","headline":"ক"}', "</script>",
        "<table><tr><td>", "<title>", "</title>", "<svg>", "&lt;", "&#0;", "&#xD800;", "'", '"', ">", "<",
        "\n", " ", "।", "\u200d",
        "\u09bc", "প্রকাশ: ৭ মে ২০২৪ | ১০:৩০", "৭ মে ২০২৪", "সকাল ১০:৩০", "প্রকাশিত:", "ডেস্ক নিউজ", "১০৪ ভিউ",
        "প্রচ্ছদ / জাতীয়", "সূত্র: বাসস ও ইউএনবি", "আরও পড়ুন", "শীর্ষ সংবাদ:", "ট্যাগ: ক, খ", "নদীতে পানি বেড়েছে",
        "নদীর পানি বেড়েছে দুই হাত, মানুষ সতর্ক আছে।",
    ]
)  # fmt: skip


def draft_or_refusal(body: bytes, content_type: str) -> DraftArticle | PageError:
    try:
        return parse_page(body, content_type)
    except PageError as error:
        return error


def answer(body: bytes, content_type: str) -> None:
    result = draft_or_refusal(body, content_type)
    if isinstance(result, PageError):
        assert str(result)
        assert result.place
        return
    article = result.to_article()
    assert article.model_dump_json().encode()
    assert article.published_at.utcoffset() is not None
    assert draft_or_refusal(body, content_type) == result


@given(st.binary(max_size=2_000), TYPES)
def test_any_bytes(body: bytes, content_type: str) -> None:
    answer(body, content_type)


@given(st.text(max_size=2_000), TYPES)
@example("<title>\x85", "text/html")
def test_any_text(text: str, content_type: str) -> None:
    answer(text.encode("utf-8", "surrogatepass"), content_type)


@given(st.lists(SNIPPETS, max_size=60), TYPES)
def test_any_mixture_of_what_pages_are_made_of(snippets: list[str], content_type: str) -> None:
    answer("".join(snippets).encode(), content_type)


@given(st.lists(SNIPPETS, min_size=3, max_size=20))
def test_any_lines(snippets: list[str]) -> None:
    answer("\n".join(["নদীতে বেড়েছে পানি, সতর্ক মানুষ", "প্রকাশ: ৭ মে ২০২৪", *snippets]).encode(), "text/plain")


@given(st.sampled_from(SAMPLES), st.data(), TYPES)
def test_any_damage_to_a_page(page: bytes, data: st.DataObject, content_type: str) -> None:
    begin = data.draw(st.integers(0, len(page)))
    end = data.draw(st.integers(begin, min(len(page), begin + 300)))
    answer(page[:begin] + data.draw(st.binary(max_size=20)) + page[end:], content_type)


@given(st.text(st.sampled_from("<>/!-='\" abdivptsc\n"), max_size=400))
def test_simplified_markup_is_shallow_and_simple(html: str) -> None:
    simplified = read_markup(html).html
    depth = deepest = 0
    for element in build_tree(simplified).elements:
        depth, parent = 0, element.parent
        while parent is not None:
            depth, parent = depth + 1, parent.parent
        deepest = max(deepest, depth)
    assert deepest <= 2 * MAX_DEPTH
    assert read_markup(simplified).html == simplified


@pytest.mark.parametrize("page", SAMPLES[:4])
def test_a_page_cut_off_anywhere(page: bytes) -> None:
    for length in range(0, len(page), 97):
        answer(page[:length], "text/html" if page.startswith(b"<") else "text/plain")
