"""Pages in HTML of the usual kinds."""

import pytest

from services.ingest.pages import parse_page
from tests.support.sample_pages import parse_html, read_page

FOG = "কুয়াশায় ঢাকা উত্তরের জনপদ, ঘাটে আটকা ফেরি"


def page_with(body: str, head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>নদীতে নতুন ফেরি</title>{head}</head>"
        f"<body><h1>নদীতে নতুন ফেরি</h1><p>প্রকাশ: ৭ মে ২০২৪, ১০:৩০</p>{body}</body></html>"
    )


def test_json_ld_in_a_graph() -> None:
    draft = parse_html(read_page("json_ld_graph.html"))
    assert draft.title == FOG
    assert draft.published_at.isoformat() == "2026-11-20T09:15:00+06:00"
    assert draft.updated_at is not None
    assert draft.updated_at.isoformat() == "2026-11-20T11:40:00+06:00"
    assert draft.byline == "রাশেদা বেগম, তপন কুমার"
    assert draft.category == "পরিবেশ"
    assert draft.tags == ("কুয়াশা", "ফেরি", "শীত")
    assert draft.image == "https://khobor.example/images/fog.jpg"
    assert draft.page_views == 318
    assert draft.lead == "দুপুর পর্যন্ত সূর্যের দেখা মেলেনি, চলেছে শুধু জরুরি পরিবহন।"
    assert draft.id == parse_html(read_page("json_ld_graph.html"), url="https://khobor.example/environment/4021").id


def test_only_the_article_is_text() -> None:
    draft = parse_html(read_page("json_ld_graph.html"))
    assert [paragraph.split()[0] for paragraph in draft.body.split("\n")] == ["ঘন", "ঘাটের", "আবহাওয়া"]
    assert "আছে তিনটি ফেরি — যাত্রী প্রায় ছয় শ।" in draft.body
    for foreign in ("বিজ্ঞাপন", "দৃষ্টিসীমা", "শেয়ার", "রাজনীতি", "©", "নবান্ন", "color", "তপন", "২০২৬"):
        assert foreign not in draft.body
    assert draft.related == ("শীতের কাপড়ের বিক্রি বেড়েছে দ্বিগুণ",)


def test_meta_elements_and_a_box_of_other_headlines() -> None:
    draft = parse_html(read_page("meta_elements.html"))
    assert draft.title == "আলুর দাম কমলেও স্বস্তি ফেরেনি কাঁচাবাজারে"
    assert draft.published_at.isoformat() == "2026-11-19T13:05:00+06:00"
    assert draft.byline == "অর্থনীতি প্রতিবেদক"
    assert draft.category == "অর্থনীতি"
    assert draft.tags == ("আলু", "বাজারদর")
    assert draft.url == "https://www.khobor.example/economy/77"
    assert draft.sources == ("বাজার পর্যবেক্ষণ দল",)
    assert draft.related == (
        "সবজির চালানে নতুন রেলবগি",
        "পেঁয়াজের নতুন মৌসুমে ভালো ফলনের আশা",
        "চালের বাজারে নজরদারি বাড়ছে",
    )
    assert draft.body.split("\n")[1] == "ক্রেতার হিসাব"


def test_a_description_that_is_the_beginning_of_the_text_is_no_lead() -> None:
    assert parse_html(read_page("meta_elements.html")).lead is None


def test_heading_and_time_alone() -> None:
    draft = parse_html(read_page("time_element.html"))
    assert draft.title == "নতুন সেতুতে বাতি জ্বলল প্রথমবার"
    assert draft.published_at.isoformat() == "2026-11-21T18:30:00+06:00"
    assert draft.byline == "হাসিনা পারভীন"
    assert draft.body.startswith("কর্ণফুলীর ওপর")
    assert draft.body.endswith("আগামী মাসে।")


def test_broken_scripts_are_passed_over() -> None:
    draft = parse_html(read_page("broken_script.html"))
    assert draft.title == "পাহাড়ে কমলার বাম্পার ফলন"
    assert draft.published_at.isoformat() == "2026-11-22T10:45:00+06:00"
    assert draft.byline == "রাঙামাটি প্রতিনিধি"
    assert draft.page_views == 104
    assert draft.body.startswith("পাহাড়ের বাগানে")


def test_an_old_page_of_tables_forms_and_line_breaks() -> None:
    draft = parse_html(read_page("line_breaks.html"))
    assert draft.title == "সুন্দরবনে মধু আহরণ শুরু"
    assert draft.published_at.isoformat() == "2026-04-01T00:05:00+06:00"
    assert draft.byline == "খুলনা ব্যুরো"
    assert draft.page_views == 97
    assert draft.sources == ("বন কার্যালয়", "মৌয়াল সমিতি", "নমুনা বার্তা")
    assert draft.body.split("\n") == [
        "সুন্দরবনে মধু আহরণের মৌসুম শুরু হয়েছে। প্রথম দিনেই বনে ঢুকেছেন দুই হাজার মৌয়াল, তাঁদের সঙ্গে আছে তিন শ নৌকা।",
        "বন কর্মকর্তারা জানান, এবার মধুর লক্ষ্যমাত্রা আড়াই হাজার কুইন্টাল & মোম আট শ কুইন্টাল।",
    ]


def test_paragraphs_in_elements_of_their_own_broken_by_an_advertisement() -> None:
    draft = parse_html(read_page("wrapped_paragraphs.html"))
    assert draft.category == "সারাদেশ"
    assert draft.byline == "ডেস্ক নিউজ"
    assert draft.body.count("\n") == 2
    assert "আর বিকেলে বসে গল্প বলার আসর।" in draft.body
    assert "টেলিভিশন" not in draft.body
    assert "ধন্যবাদ" not in draft.body
    assert draft.related == ("পাহাড়ে কমলার বাম্পার ফলন", "সুন্দরবনে মধু আহরণ শুরু")


def test_text_that_only_a_script_holds() -> None:
    draft = parse_html(read_page("body_in_script.html"))
    assert draft.published_at.isoformat() == "2026-11-17T16:20:00+06:00"
    assert draft.body.split("\n")[0].startswith("শহরে শুরু হয়েছে")
    assert draft.body.endswith("সব বিভাগীয় শহরে।")
    assert draft.sources == ("নমুনা বার্তা",)
    assert draft.lead == "শিশুরা নিজের হাতে বানিয়েছে কাগজের রকেট।"


def test_microdata_and_a_heading_that_is_the_name_of_the_site() -> None:
    draft = parse_html(read_page("microdata.html"))
    assert draft.title == "মৃৎশিল্পীদের ব্যস্ততা বেড়েছে"
    assert draft.published_at.isoformat() == "2026-11-16T10:00:00+06:00"
    assert draft.byline == "শ্যামলী পাল"
    assert draft.tags == ("মৃৎশিল্প", "মেলা")
    assert draft.body.count("\n") == 2


def test_a_page_of_a_common_system_with_misleading_names_and_a_long_sidebar() -> None:
    draft = parse_html(read_page("wordpress.html"))
    assert draft.title == "পাহাড়ি ছড়ায় বাঁশের সাঁকো, স্কুলে যাওয়া সহজ হলো"
    assert draft.published_at.isoformat() == "2026-11-15T08:00:00+06:00"
    assert draft.byline == "মিতা চাকমা"
    assert draft.tags == ("সাঁকো", "পাহাড়")
    assert draft.body.split("\n") == [
        "বান্দরবানের একটি পাড়ায় ছড়ার ওপর বাঁশের সাঁকো বানিয়েছেন গ্রামবাসী। এখন আর বর্ষায় স্কুল কামাই হবে না।",
        "সাঁকো বানাতে সময় লেগেছে এগারো দিন, বাঁশ লেগেছে তিন শ।",
    ]


@pytest.mark.parametrize("name", ["sidebar", "related-news", "comments", "hidden-menu"])
def test_an_article_in_an_element_with_a_misleading_name(name: str) -> None:
    text = "নদীর পানি বেড়েছে দুই হাত। মানুষ সতর্ক আছে, ঘাটে নৌকা বাঁধা।"
    links = "".join(f"<li><a href=/{i}>জেলার খবর পড়তে এখানে দেখুন {i}</a></li>" for i in range(30))
    assert parse_html(page_with(f'<ul>{links}</ul><div class="{name}"><p>{text}</p></div>')).body == text


def test_entities_and_scripts_leave_no_trace() -> None:
    draft = parse_html(
        page_with(
            "<p>নদীর পানি &lt;দুই হাত&gt; বেড়েছে &#2453;&#x99A; &copy; আজ।<script>if (a < b) alert('</p>')</script></p>"
            "<!-- <p>লুকানো মন্তব্য</p> --><p hidden>লুকানো লেখা</p><p style='display: none'>আরও লুকানো</p>"
        )
    )
    assert draft.body == "নদীর পানি <দুই হাত> বেড়েছে কচ © আজ।"


def test_html_in_a_text_file_is_html() -> None:
    page = read_page("meta_elements.html").encode()
    assert parse_page(page, "text/plain") == parse_page(page, "text/html") == parse_page(page, "")


def test_a_declared_charset_counts_where_the_bytes_are_no_utf_8() -> None:
    head = '<meta property="article:published_time" content="2024-05-07T10:00:00Z">'
    latin = page_with("<p>Caf\u00e9 \u2013 the river rose by two feet, people are careful.</p>", head)
    escaped = "".join(c if ord(c) < 0x900 or ord(c) == 0x2013 else f"&#{ord(c)};" for c in latin).encode("cp1252")
    draft = parse_page(escaped, "text/html; charset=ISO-8859-1")
    assert draft.title == "নদীতে নতুন ফেরি"
    assert draft.body.startswith("Café – the river")


def test_utf_8_is_read_as_such_whatever_the_server_claims() -> None:
    page = read_page("time_element.html").encode()
    assert parse_page(page, "text/html; charset=iso-8859-1") == parse_page(page, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "canonical", ["https://khobor.example/", "https://khobor.example", "/news/12", "javascript:alert(1)", "https://[x"]
)
def test_a_canonical_link_that_names_no_article_is_ignored(canonical: str) -> None:
    text = "<p>নদীর পানি বেড়েছে দুই হাত।</p>"
    draft = parse_html(page_with(text, f'<link rel="canonical" href="{canonical}">'))
    assert draft.url is None
    assert draft.id == parse_html(page_with(text)).id


def test_an_image_address_is_completed_from_the_pages() -> None:
    page = page_with("<p>নদীর পানি বেড়েছে দুই হাত।</p>", '<meta property="og:image" content="../img/a.jpg">')
    assert parse_html(page, url="https://khobor.example/news/12").image == "https://khobor.example/img/a.jpg"
    assert parse_html(page).image is None


def test_a_date_without_time_is_completed_by_the_one_that_is_shown() -> None:
    page = page_with("<p>নদীর পানি বেড়েছে দুই হাত।</p>", '<meta name="pubdate" content="2024-05-07">')
    assert parse_html(page).published_at.isoformat() == "2024-05-07T10:30:00+06:00"


def test_an_update_before_the_publication_is_no_update() -> None:
    head = '<meta property="article:modified_time" content="2024-05-01T10:00:00+06:00">'
    assert parse_html(page_with("<p>নদীর পানি বেড়েছে দুই হাত।</p>", head)).updated_at is None


@pytest.mark.parametrize(
    "script",
    [
        r'{"@type": "NewsArticle", "headline": "ক\ud800খ\u0000গ ঘটনা", "keywords": {"a": [1]}}',
        '[[[[1, null, "x"]]], {"@type": 5, "headline": []}]',
        '{"a":' * 100_000,
        '{"@type": "NewsArticle", "headline": "নদীতে নতুন ফেরি", "author": [[], {}, 3], "image": [{}]}',
        '{"@type": "NewsArticle", "headline": "নদীতে নতুন ফেরি", "articleSection": {}}',
        '{"@type": "NewsArticle", "headline": "ক", "interactionStatistic": [{"interactionType": "ReadAction"}]}',
    ],
)
def test_odd_scripts_do_no_harm(script: str) -> None:
    head = f'<script type="application/ld+json">{script}</script>'
    article = parse_html(page_with("<p>নদীর পানি বেড়েছে দুই হাত।</p>", head)).to_article()
    assert article.body == "নদীর পানি বেড়েছে দুই হাত।"
    article.model_dump_json().encode()
