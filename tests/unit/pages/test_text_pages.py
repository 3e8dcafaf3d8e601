"""Pages saved as plain text."""

import pytest

from services.ingest.pages import parse_page
from tests.support.sample_pages import DEMO_PAGE, parse_text, read_page


def test_the_demo_page_has_every_part() -> None:
    draft = parse_page(DEMO_PAGE.read_bytes(), "text/plain")
    assert draft.title == "মেঘনার চরে নতুন ফেরি, দুই ঘণ্টার পথ এখন চল্লিশ মিনিটে"
    assert draft.byline == "ডেস্ক নিউজ"
    assert draft.published_at.isoformat() == "2026-11-18T08:30:00+06:00"
    assert draft.updated_at is None
    assert draft.page_views == 212
    assert draft.sources == ("চরবার্তা", "নদীকথা")
    assert draft.lead is None
    assert draft.body.startswith("মেঘনার মাঝখানের চর আলোকদিয়ার সঙ্গে")
    assert draft.body.endswith("যাত্রীদের জানানো হয়েছে।")


def test_a_paragraph_broken_in_mid_sentence_is_whole_again() -> None:
    draft = parse_page(DEMO_PAGE.read_bytes(), "text/plain")
    assert "ফেরি ছাড়বে, ভাড়া জনপ্রতি ত্রিশ টাকা।" in draft.body
    assert "ডুবোচর খনন না করলে বড় ফেরি" in draft.body
    assert "\n" not in draft.body


def test_headlines_run_together_on_one_line_stay_one_text() -> None:
    draft = parse_page(DEMO_PAGE.read_bytes(), "text/plain")
    (related,) = draft.related
    assert related.startswith("কুয়াশায় ঢাকা উত্তরের জনপদ")
    assert related.endswith("বই পড়ার আয়োজন")
    assert "শীর্ষ সংবাদ" not in draft.body
    assert "নবান্ন" not in draft.body


def test_several_sources_tags_and_an_inline_list() -> None:
    draft = parse_text(read_page("winter_fair.txt"))
    assert draft.title == "নবান্নের মেলায় পিঠার ঘ্রাণ, তিন দিনে লাখো মানুষের ঢল"
    assert draft.byline == "নিজস্ব প্রতিবেদক, বগুড়া"
    assert draft.published_at.isoformat() == "2025-11-20T11:23:00+06:00"
    assert draft.page_views is None
    assert draft.sources == ("উত্তরের খবর", "নমুনা বার্তা", "মেলা কমিটি")
    assert draft.tags == ("নবান্ন", "পিঠা", "মেলা")
    assert draft.related == (
        "হাওরে অতিথি পাখির প্রথম ঝাঁক",
        "আলুর দাম কমলেও স্বস্তি ফেরেনি কাঁচাবাজারে",
        "গ্রন্থাগারে রাত জেগে বই পড়ার আয়োজন",
    )
    paragraphs = draft.body.split("\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["করতোয়ার", "মেলায়", "যা", "মেলা"]
    assert paragraphs[2] == "যা বললেন আয়োজকেরা"


def test_menu_breadcrumb_two_dates_and_a_name_without_a_title_line() -> None:
    draft = parse_text(read_page("rain_forecast.txt"))
    assert draft.title == "উপকূলে তিন দিন ভারী বৃষ্টির আভাস, নদীবন্দরে সতর্কতা"
    assert draft.byline == "সালমা খাতুন"
    assert draft.category == "আবহাওয়া"
    assert draft.published_at.isoformat() == "2025-12-28T23:29:00+06:00"
    assert draft.updated_at is not None
    assert draft.updated_at.isoformat() == "2025-12-29T00:15:00+06:00"
    assert draft.sources == ()
    assert draft.related == ("ঘাটে বাঁধা পড়ে আছে শতাধিক ট্রলার", "শীতের বৃষ্টিতে রবিশস্যের লাভ না ক্ষতি?")
    assert draft.body.startswith("দক্ষিণ উপকূলে")
    assert draft.body.endswith("বৃষ্টি থামলে তাপমাত্রা কমবে।")
    assert draft.body.count("\n") == 2


def test_todays_date_in_the_head_of_the_site_is_not_the_articles() -> None:
    draft = parse_text(read_page("boat_race.txt"))
    assert draft.title == "পৌষে ফিরছে দুই শ বছরের পুরোনো নৌকাবাইচ"
    assert draft.published_at.isoformat() == "2026-11-22T19:00:00+06:00"
    assert draft.page_views == 1234
    assert draft.byline is None
    assert "আটষট্টি হাতের বলে জানিয়েছেন" in draft.body
    assert draft.related == (
        "মেঘনার চরে নতুন ফেরি",
        "নদী খননে গতি, কমছে চরের দুর্ভোগ",
        "কুয়াশায় ঢাকা উত্তরের জনপদ",
    )
    assert "ফোন" not in repr(draft)


def test_hard_wrapped_lines_and_everything_on_the_date_line() -> None:
    draft = parse_text(read_page("library_night.txt"))
    assert draft.title == "গ্রন্থাগারে রাত জেগে বই পড়া"
    assert draft.byline == "অনলাইন ডেস্ক"
    assert draft.published_at.isoformat() == "2025-03-12T18:45:00+06:00"
    assert draft.page_views == 58
    assert draft.body.split("\n")[0].endswith("সবাই মিলে পড়েছেন কবিতা।")
    assert draft.body.count("\n") == 1


def test_a_date_below_the_text_in_the_bangladeshi_calendar() -> None:
    draft = parse_text(read_page("bird_census.txt"))
    assert draft.title == "হাওরে পাখিশুমারি: এক দিনে গোনা হলো বিয়াল্লিশ হাজার জলচর পাখি"
    assert draft.category == "জাতীয়"
    assert draft.published_at.isoformat() == "2024-11-07T16:10:00+06:00"
    assert draft.sources == ("পাখি দেখা দল", "নমুনা বার্তা")
    assert draft.body.endswith("জাল কমায় পাখি বেড়েছে।")
    assert draft.related == ("নবান্নের মেলায় পিঠার ঘ্রাণ পৌষে ফিরছে নৌকাবাইচ",)


def test_a_byline_that_is_repeated_below_is_no_headline() -> None:
    draft = parse_text("হাওরে ধান কাটা শুরু\nনিজস্ব প্রতিবেদক\nপ্রকাশ: ৭ মে ২০২৪\nহাওরে আগাম ধান কাটা শুরু হয়েছে আজ।\nনিজস্ব প্রতিবেদক")
    assert draft.title == "হাওরে ধান কাটা শুরু"
    assert draft.body.startswith("হাওরে আগাম")


def test_a_headline_may_speak_of_reporters_and_dates() -> None:
    headline = "৭ মে ২০২৪: নদী নিয়ে প্রতিবেদন দিল প্রতিনিধি দল"
    draft = parse_text(f"{headline} – নমুনা নিউজ\n{headline}\nপ্রকাশ: ৮ মে ২০২৪\nনদী নিয়ে প্রতিবেদন জমা পড়েছে আজ।")
    assert draft.title == headline
    assert draft.published_at.day == 8


def test_what_follows_the_imprint_is_dropped_but_for_other_headlines() -> None:
    draft = parse_text(
        "হাওরে ধান কাটা শুরু হয়েছে\nপ্রকাশ: ৭ মে ২০২৪\nহাওরে আগাম ধান কাটা শুরু হয়েছে আজ।\n"
        "মন্তব্য (২)\nখুব ভালো খবর, সবাইকে অভিনন্দন।\nশীর্ষ সংবাদ:\nনবান্নের মেলায় পিঠার ঘ্রাণ\nসম্পাদক: নমুনা ব্যক্তি\nঠিকানা: নমুনা সড়ক"
    )
    assert draft.body == "হাওরে আগাম ধান কাটা শুরু হয়েছে আজ।"
    assert draft.related == ("নবান্নের মেলায় পিঠার ঘ্রাণ",)


@pytest.mark.parametrize("title_line", ["হাওরে ধান কাটা শুরু | নমুনা নিউজ\n", ""])
def test_a_long_menu_before_the_headline(title_line: str) -> None:
    menu = "\n".join(f"জেলা সংবাদ {number}" for number in range(90))
    text = "হাওরে আগাম ধান কাটা শুরু হয়েছে আজ।"
    draft = parse_text(
        f"{title_line}{menu}\nহাওরে ধান কাটা শুরু\nকৃষি প্রতিবেদক\nপ্রকাশ: ৭ মে ২০২৪\n{text}\nশীর্ষ খবর\nহাওরে ধান কাটা শুরু"
    )
    assert draft.title == "হাওরে ধান কাটা শুরু"
    assert draft.byline == "কৃষি প্রতিবেদক"
    assert draft.body == text


def test_text_that_begins_on_the_date_line() -> None:
    draft = parse_text(
        "সেতুতে বাতি জ্বলল প্রথমবার\n"
        "প্রকাশ: ২৯ ডিসেম্বর ২০২৫ | ১৩:৪৮ কর্ণফুলীর ওপর নতুন সেতুতে সন্ধ্যায় বাতি জ্বালানো হয়েছে। দুই পাড়ে ছিল মানুষের ভিড়।\n"
        "সেতু খুলবে আগামী মাসে।"
    )
    assert draft.published_at.isoformat() == "2025-12-29T13:48:00+06:00"
    assert draft.body.split("\n") == [
        "কর্ণফুলীর ওপর নতুন সেতুতে সন্ধ্যায় বাতি জ্বালানো হয়েছে। দুই পাড়ে ছিল মানুষের ভিড়।",
        "সেতু খুলবে আগামী মাসে।",
    ]


def test_a_title_line_that_no_other_line_repeats_loses_the_name_of_the_site() -> None:
    draft = parse_text("হাওরে ধান কাটা শুরু – নমুনা নিউজ\nপ্রকাশ: ৭ মে ২০২৪\nহাওরে আগাম ধান কাটা শুরু হয়েছে আজ।")
    assert draft.title == "হাওরে ধান কাটা শুরু"


def test_a_dash_in_a_headline_stays() -> None:
    draft = parse_text("বন্যার পানি নামছে – ঘরে ফিরছে মানুষ\nপ্রকাশ: ৭ মে ২০২৪\nবন্যার পানি নামতে শুরু করেছে আজ সকাল থেকে।")
    assert draft.title == "বন্যার পানি নামছে – ঘরে ফিরছে মানুষ"


@pytest.mark.parametrize(
    ("line", "sources"),
    [
        ("সূত্র: তাস ও আনাদোলু", ("তাস", "আনাদোলু")),
        ("সূত্রঃ বাসস।", ("বাসস",)),
        ("(সূত্র : বিবিসি বাংলা, রয়টার্স ও এএফপি)", ("বিবিসি বাংলা", "রয়টার্স", "এএফপি")),
        ("তথ্যসূত্র: ডন/আল-জাজিরা এবং রয়টার্স", ("ডন", "আল-জাজিরা", "রয়টার্স")),
        ("সুত্র- ইউএনবি, ৮ জুন ২০২৪", ("ইউএনবি",)),
        ("Source: BSS and UNB", ("BSS", "UNB")),
    ],
)
@pytest.mark.parametrize("join", [" ", "\n", "\n\n"])
def test_source_lines(line: str, sources: tuple[str, ...], join: str) -> None:
    text = "নদীতে বেড়েছে পানি, সতর্ক মানুষ\nপ্রকাশ: ৭ মে ২০২৪\nনদীর পানি বেড়েছে দুই হাত। মানুষ সতর্ক আছে।"
    draft = parse_text(text + join + line)
    assert draft.sources == sources
    assert draft.body == "নদীর পানি বেড়েছে দুই হাত। মানুষ সতর্ক আছে।"


@pytest.mark.parametrize(
    "prose",
    [
        "পুলিশ সূত্র জানায়, উদ্ধারকাজ এখনো চলছে।",
        "একটি সূত্র: উদ্ধারকাজ চলছে। আরেকটি সূত্র বলছে, কাজ শেষ।",
        "তদন্তের সূত্র খুঁজে পেয়েছেন বলে তাঁরা জানিয়েছেন।",
    ],
)
def test_sources_spoken_of_in_prose_stay_there(prose: str) -> None:
    draft = parse_text(f"নদীতে বেড়েছে পানি, সতর্ক মানুষ\nপ্রকাশ: ৭ মে ২০২৪\nনদীর পানি বেড়েছে দুই হাত।\n{prose}")
    assert draft.sources == ()
    assert draft.body.endswith(prose)


@pytest.mark.parametrize(
    ("counter", "views"),
    [
        ("104 ভিউ", 104),
        ("১০৪ ভিউ", 104),
        ("ভিউ: ১,০৪,২৩৪", 104_234),
        ("৩৭ বার পঠিত", 37),
        ("Views: 12", 12),
        ("1.2K views", None),
    ],
)
def test_page_counters(counter: str, views: int | None) -> None:
    draft = parse_text(f"নদীতে বেড়েছে পানি, সতর্ক মানুষ\nপ্রকাশ: ৭ মে ২০২৪\n{counter}\nনদীর পানি বেড়েছে দুই হাত আজ।")
    assert draft.page_views == views


@pytest.mark.parametrize(
    ("header", "published"),
    [
        ("নিজস্ব প্রতিবেদক\nপ্রকাশিত: ০৮:৪৯ পিএম, ০৭ মে ২০২৪", "2024-05-07T20:49"),
        ("০৭ মে ২০২৪, ১৮:১০আপডেট : ০৭ মে ২০২৪, ১৯:২০", "2024-05-07T18:10"),
        ("প্রকাশ: ০৭ মে ২০২৪, ১৪: ৩০", "2024-05-07T14:30"),
        ("Reporter Name\nUpdate Time : মঙ্গলবার, ৭ মে, ২০২৪\n৫৬ Time View", "2024-05-07T00:00"),
        ("প্রকাশিত:\n৭ মে ২০২৪\nসকাল ৭:১৫", "2024-05-07T07:15"),
        ("প্রকাশের সময়\nমে ৭, ২০২৪", "2024-05-07T00:00"),
        ("শেষ আপডেট: ০৭ মে ২০২৪ ২১:০৭", "2024-05-07T21:07"),
        ("৭ মে ২০২৪\nআপডেট হয়েছে ৮ মে ২০২৪", "2024-05-07T00:00"),
        ("| ঢাকা, ৭ মে ২০২৪ |", "2024-05-07T00:00"),
        ("May 7, 2024 9:05 pm", "2024-05-07T21:05"),
    ],
)
def test_headers_of_other_sites(header: str, published: str) -> None:
    draft = parse_text(f"নদীতে বেড়েছে পানি, সতর্ক মানুষ\n{header}\nনদীর পানি বেড়েছে দুই হাত আজ।")
    assert draft.published_at.isoformat(timespec="minutes") == f"{published}+06:00"
    assert draft.title == "নদীতে বেড়েছে পানি, সতর্ক মানুষ"
    assert draft.body == "নদীর পানি বেড়েছে দুই হাত আজ।"
    assert draft.byline in {None, "নিজস্ব প্রতিবেদক"}


@pytest.mark.parametrize(
    "header",
    [
        "প্রকাশ: ৭ মে ২০২৪, ১০:৩০\nআপডেট: ৮ মে ২০২৪, ১১:০০",
        "আপডেট: ৮ মে ২০২৪, ১১:০০\nপ্রকাশ: ৭ মে ২০২৪, ১০:৩০",
        "৭ মে ২০২৪, ১০:৩০\nআপডেট: ৮ মে ২০২৪, ১১:০০",
    ],
)
def test_publication_and_update_on_lines_of_their_own(header: str) -> None:
    draft = parse_text(f"নদীতে বেড়েছে পানি, সতর্ক মানুষ\n{header}\nনদীর পানি বেড়েছে দুই হাত আজ।")
    assert draft.published_at.isoformat(timespec="minutes") == "2024-05-07T10:30+06:00"
    assert draft.updated_at is not None
    assert draft.updated_at.isoformat(timespec="minutes") == "2024-05-08T11:00+06:00"
    assert draft.body == "নদীর পানি বেড়েছে দুই হাত আজ।"
