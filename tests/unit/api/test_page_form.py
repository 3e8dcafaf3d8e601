"""What a page's address says, and the addresses that a page links to."""

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from services.api.web.page_form import PageForm
from shared.views.model import Window


def test_an_empty_address_is_the_front_page() -> None:
    form = PageForm.read(QueryParams(""))
    assert form.is_front
    assert form.link() == "/"


def test_unknown_choices_are_the_default_ones() -> None:
    form = PageForm.read(QueryParams("window=99h&sort=best"))
    assert form.window is Window.DAY
    assert form.is_front


def test_a_change_begins_at_the_first_page() -> None:
    form = PageForm(q="নদী", cursor="abc", categories=("খেলা",))
    assert parse_qs(urlsplit(form.toggled_category("কৃষি")).query) == {"q": ["নদী"], "category": ["খেলা", "কৃষি"]}
    assert parse_qs(urlsplit(form.toggled_category("খেলা")).query) == {"q": ["নদী"]}


def test_another_window_of_the_list_leaves_the_page_where_it_is() -> None:
    form = PageForm(q="নদী", cursor="abc")
    link = urlsplit(form.window_link(Window.HOUR))
    assert parse_qs(link.query) == {"q": ["নদী"], "cursor": ["abc"], "window": ["1h"]}
    assert link.fragment == "most-read"


def test_a_category_is_the_same_from_both_keyboards() -> None:
    assert PageForm.read(QueryParams({"category": "জাতী\u09af\u09bc"})) == PageForm.read(
        QueryParams({"category": "জাতী\u09df"})
    )


def test_every_filter_has_a_chip_that_takes_it_off() -> None:
    form = PageForm(categories=("খেলা",), sources=("শালিক সংবাদ",), start="2026-11-01", end="2026-11", sort="newest")
    assert [chip.name for chip in form.chips] == [
        "খেলা",
        "সূত্র: শালিক সংবাদ",
        "১ নভেম্বর ২০২৬ থেকে",
        "৩০ নভেম্বর ২০২৬ পর্যন্ত",
        "ক্রম: নতুন আগে",
    ]
    for chip in form.chips:
        taken_off = PageForm.read(QueryParams(urlsplit(chip.without).query))
        assert len(taken_off.chips) == len(form.chips) - 1


@given(
    st.builds(
        PageForm,
        q=st.text(max_size=20).map(str.strip),
        start=st.sampled_from(["", "2026-11-01"]),
        sort=st.sampled_from(["", "newest", "views"]),
        window=st.sampled_from(Window),
    )
)
def test_a_form_survives_its_own_link(form: PageForm) -> None:
    assert PageForm.read(QueryParams(urlsplit(form.link()).query)) == form
