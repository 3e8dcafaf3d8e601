import html
import re
from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.search.highlight import FRAGMENT_CHARACTERS, MOST_FRAGMENTS, Highlights, highlight, highlight_terms
from shared.search.query_language import parse_query
from tests.support.articles import article

FILLER = "সেদিন আর কোনো ঘটনা ঘটেনি। " * 20


def marked(query: str, title: str = "শিরোনাম", body: str = "কিছু নেই", lead: str | None = None) -> Highlights:
    return highlight(article("a", title, body, lead=lead), highlight_terms(parse_query(query)))


@pytest.mark.parametrize(
    ("query", "title", "expected"),
    [
        ("ঢাকা", "ঢাকায় বৃষ্টি", "<mark>ঢাকায়</mark> বৃষ্টি"),
        ("বিএনপি", "বিএনপি’র সমাবেশ", "<mark>বিএনপি’র</mark> সমাবেশ"),
        ("সময়", "সম\u09af\u09bcের দাবি", "<mark>সম\u09af\u09bcের</mark> দাবি"),
        ("র্যাব", "র‍্যাবের অভিযান", "<mark>র‍্যাবের</mark> অভিযান"),
        ("2024", "২০২৪ সালের বাজেট", "<mark>২০২৪</mark> সালের বাজেট"),
        ("মাদক", "মাদক–বাণিজ্য বন্ধ", "<mark>মাদক</mark>–বাণিজ্য বন্ধ"),
        ("মাদকবাণিজ্য", "মাদক–বাণিজ্য বন্ধ", "<mark>মাদক–বাণিজ্য</mark> বন্ধ"),
        ("মাদক-বাণিজ্য", "মাদক–বাণিজ্য বন্ধ", "<mark>মাদক–বাণিজ্য</mark> বন্ধ"),
        ('"নতুন বাজেট"', "নতুন বাজেট, নতুন আশা", "<mark>নতুন</mark> <mark>বাজেট</mark>, নতুন আশা"),
        ("চাল OR ডাল", "ডাল ও চালের দাম", "<mark>ডাল</mark> ও <mark>চালের</mark> দাম"),
        ("বাজেট -দাম", "বাজেটে দাম", "<mark>বাজেটে</mark> দাম"),
        ("ডাল", '<b>ডাল</b> & "চাল"', "&lt;b&gt;<mark>ডাল</mark>&lt;/b&gt; &amp; &quot;চাল&quot;"),
        ("mark", "mark & <mark>", "<mark>mark</mark> &amp; &lt;<mark>mark</mark>&gt;"),
        ("নদী", "কোনো মিল নেই", "কোনো মিল নেই"),
    ],
)
def test_whole_original_words_are_marked(query: str, title: str, expected: str) -> None:
    assert marked(query, title).title == expected


def test_a_title_term_is_not_marked_in_the_body() -> None:
    found = marked("title:ঢাকা", "ঢাকার খবর", "ঢাকায় বৃষ্টি")
    assert found == Highlights("<mark>ঢাকার</mark> খবর", ("ঢাকায় বৃষ্টি",))


def test_readings_are_marked() -> None:
    terms = highlight_terms(parse_query("dhaka"), {"dhaka": ("ঢাকা",)})
    assert highlight(article("a", "ঢাকার খবর"), terms).title == "<mark>ঢাকার</mark> খবর"


def test_excerpts_come_from_where_the_words_are_dense() -> None:
    body = f"{FILLER}একবার বৃষ্টি। {FILLER}ঢাকায় বৃষ্টি, ঢাকায় যানজট। {FILLER}শেষে যানজট। {FILLER}"
    found = marked("ঢাকা বৃষ্টি যানজট", body=body).body
    assert len(found) == MOST_FRAGMENTS
    assert "<mark>ঢাকায়</mark> <mark>বৃষ্টি</mark>, <mark>ঢাকায়</mark> <mark>যানজট</mark>" in found[1]
    assert "একবার <mark>বৃষ্টি</mark>" in found[0]
    assert all(fragment.startswith("…") and fragment.endswith("…") for fragment in found)


def test_a_word_of_the_lead_is_shown() -> None:
    assert "<mark>নদীর</mark>" in marked("নদী", body=FILLER, lead="নদীর পাড়ে মেলা।").body[0]
    assert marked("মেলা", body=f"নদীর পাড়ে মেলা। {FILLER}", lead="নদীর পাড়ে মেলা।").body[0].count("<mark>") == 1


def test_without_a_match_the_opening_is_shown() -> None:
    [opening] = marked("নদী", body=FILLER).body
    assert opening.startswith("সেদিন আর কোনো")
    assert opening.endswith("…")
    assert "<mark>" not in opening
    assert marked("নদী", body="ছোট খবর").body == ("ছোট খবর",)


def test_text_without_spaces_is_cut_between_clusters() -> None:
    cluster = "ক্ষ্ম্যা"
    [opening] = marked("নদী", body=cluster * 100).body
    assert re.fullmatch(f"(?:{cluster})+…", opening)


WORDS = st.sampled_from(
    [
        "ঢাকায়",
        "বৃষ্টি",
        "ক্ষ্ম",
        "র‍্যাব",
        "<b>",
        "&amp;",
        "👨‍👩‍👧",
        "e\u0301",
        " ",
        "\n",
        "\u200d",
        "়",
        "্",
        "্য",
        "।",
        "মাদক-বাণিজ্য",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
    st.lists(WORDS, min_size=1, max_size=200).map("".join),
).filter(str.strip)


def plain(fragment: str) -> str:
    return html.unescape(fragment.replace("<mark>", "").replace("</mark>", ""))


@given(text=TEXTS, query=st.sampled_from(["ঢাকা বৃষ্টি", "মাদক", '"ঢাকা বৃষ্টি"', "র্যাব b", "e"]))
def test_excerpts_are_pieces_of_the_text_cut_between_clusters(text: str, query: str) -> None:
    found = marked(query, title=text[:1_000], body=text)
    assert plain(found.title) == text[:1_000]
    spaced = regex.sub(r"\s+", " ", text)
    for fragment in found.body:
        assert not re.sub("</?mark>", "", fragment).count("<")
        assert fragment.count("<mark>") == fragment.count("</mark>")
        shown = plain(fragment)
        if not text.startswith(shown[:1]):
            shown = shown.removeprefix("…")
        assert len(shown) <= FRAGMENT_CHARACTERS + 150 or " " not in shown.strip()
        assert shown.removesuffix("…").strip() in spaced or shown.strip() in spaced


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=60, max_size=250).map("".join).map(lambda text: " ".join(text.split())).filter(bool))
def test_no_cluster_is_torn_apart(text: str) -> None:
    borders = {0, *accumulate(map(len, regex.findall(r"\X", text)))}
    for fragment in marked("ঢাকা বৃষ্টি মাদক", body=text).body:
        shown = plain(fragment).strip("…")
        starts = [match.start() for match in re.finditer(f"(?={re.escape(shown)})", text)]
        assert any(start in borders and start + len(shown) in borders for start in starts)
