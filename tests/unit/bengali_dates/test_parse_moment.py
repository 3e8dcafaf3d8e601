"""Date lines as Bengali newsrooms write them."""

import time
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bengali.date_lines import DHAKA, MAX_DATE_TEXT, DateRole, find_moments
from shared.bengali.dates import parse_moment

NOW = datetime(2024, 11, 7, 12, 0, tzinfo=DHAKA)
BENGALI_DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
MONTHS = ["জানুয়ারি", "ফেব্রুয়ারি", "মার্চ", "এপ্রিল", "মে", "জুন", "জুলাই", "আগস্ট", "সেপ্টেম্বর", "অক্টোবর", "নভেম্বর", "ডিসেম্বর"]

ABSOLUTE = {
    "আপডেটঃ ৭ নভেম্বর, ২০২৪ | ৭:০০": "2024-11-07T07:00",
    "আপডেটঃ ৭ নভেম্বর, ২০২৪ | ৭:০০ 104 ভিউ": "2024-11-07T07:00",
    "প্রকাশ : ৭ নভেম্বর ২০২৪": "2024-11-07T00:00",
    "প্রকাশ: ৭ নভেম্বর ২০২৪, ০৭:০৫": "2024-11-07T07:05",
    "প্রকাশিত: ১১:২৩, ২০ নভেম্বর ২০২৫": "2025-11-20T11:23",
    "প্রকাশের সময়: বুধবার, ১২ মার্চ, ২০২৫, ৬:৪৫ অপরাহ্ন": "2025-03-12T18:45",
    "প্রকাশের তারিখ: ৭ নভেম্বর ২০২৪ প্রকাশের সময়: ৭:০০": "2024-11-07T07:00",
    "পোস্ট করা হয়েছে: ৭ নভেম্বর, ২০২৪": "2024-11-07T00:00",
    "Published: 7 Nov 2024, 10:05 p.m.": "2024-11-07T22:05",
    "Last updated on: November 7, 2024 7:00 AM": "2024-11-07T07:00",
    # digits
    "7 নভেম্বর 2024 | 07:00": "2024-11-07T07:00",
    "०७ নভেম্বর २०२४": "2024-11-07T00:00",
    # months
    "১০ অগস্ট ২০২৪": "2024-08-10T00:00",
    "১০ আগষ্ট, ২০২৪": "2024-08-10T00:00",
    "১৪ ফেব্রুয়ারী ২০২৪": "2024-02-14T00:00",
    "১৪ ফেব্রুয়ারি ২০২৪": "2024-02-14T00:00",
    "১৪ জানুয়ারী ২০২৪": "2024-01-14T00:00",
    "২ সেপ্টেম্বরে ২০২৪": "2024-09-02T00:00",
    "০৭-নভে-২০২৪ ১২:১৫ এএম": "2024-11-07T00:15",
    "২৩ নভেঃ ২০২৪": "2024-11-23T00:00",
    # orders
    "২০২৪ সালের ৭ই নভেম্বর": "2024-11-07T00:00",
    "নভেম্বর ৭, ২০২৪": "2024-11-07T00:00",
    "১২ ডিসেম্বর, বৃহস্পতিবার, ২০২৪, ৯:০৫ এএম": "2024-12-12T09:05",
    "৭নভেম্বর২০২৪": "2024-11-07T00:00",
    "৭ নভেম্বর ’২৪": "2024-11-07T00:00",
    "০৭/১১/২০২৪": "2024-11-07T00:00",
    "07.11.24": "2024-11-07T00:00",
    "11/27/2024": "2024-11-27T00:00",
    # ordinals
    "১লা জানুয়ারি, ২০২৫": "2025-01-01T00:00",
    "৩রা মে ২০২৪": "2024-05-03T00:00",
    "২১শে ফেব্রুয়ারি ২০২৪": "2024-02-21T00:00",
    "7th November 2024": "2024-11-07T00:00",
    # parts of the day
    "৭ নভেম্বর ২০২৪, ১০:৩০ পিএম": "2024-11-07T22:30",
    "৭ নভেম্বর ২০২৪, ১০:৩০ রাত": "2024-11-07T22:30",
    "রাত ১০টা ৩০ মিনিট, ৭ নভেম্বর ২০২৪": "2024-11-07T22:30",
    "৭ নভেম্বর ২০২৪ রাত ১২:১৫": "2024-11-07T00:15",
    "৭ নভেম্বর ২০২৪ রাত ২ টা": "2024-11-07T02:00",
    "৭ নভেম্বর ২০২৪ দিবাগত রাত ১১টায়": "2024-11-07T23:00",
    "৭ নভেম্বর ২০২৪ ভোর ৫টা": "2024-11-07T05:00",
    "৭ নভেম্বর ২০২৪ সকাল ৯.১৫ মিনিট": "2024-11-07T09:15",
    "৭ নভেম্বর ২০২৪ দুপুর ১২টা": "2024-11-07T12:00",
    "৭ নভেম্বর ২০২৪ দুপুর ১:২০": "2024-11-07T13:20",
    "৭ নভেম্বর ২০২৪ দুপুর পৌনে ১টায়": "2024-11-07T12:45",
    "৭ নভেম্বর ২০২৪ বিকেল ৪:০৫": "2024-11-07T16:05",
    "৭ নভেম্বর ২০২৪ বিকাল সোয়া ৫টা": "2024-11-07T17:15",
    "৭ নভেম্বর ২০২৪ সন্ধ্যা সাড়ে ৭টা": "2024-11-07T19:30",
    "৭ নভেম্বর ২০২৪ ১০:৩০ ঘটিকা": "2024-11-07T10:30",
    "৭ নভেম্বর ২০২৪ রাত ২২:৩০": "2024-11-07T22:30",
    "৯ঃ০৫ পি.এম. ১২ ডিসেম্বর ২০২৪ইং": "2024-12-12T21:05",
    # machines
    "2024-11-07T07:00:00+06:00": "2024-11-07T07:00",
    "2024-11-07T01:00:00Z": "2024-11-07T07:00",
    "2024-11-07T01:00:00.123Z": "2024-11-07T07:00",
    "2024-11-07 07:00": "2024-11-07T07:00",
    "Thu, 07 Nov 2024 01:00:00 GMT": "2024-11-07T07:00",
    "Thu, 07 Nov 2024 07:00:00 +0600": "2024-11-07T07:00",
    "৭ নভেম্বর ২০২৪ ০৭:০০ IST": "2024-11-07T07:30",
    # the Bangladeshi calendar, alone and beside the Gregorian one
    "২২ কার্তিক ১৪৩১": "2024-11-07T00:00",
    "২২শে কার্তিক, ১৪৩১ বঙ্গাব্দ, সকাল ৭:০০": "2024-11-07T07:00",
    "ঢাকা, বৃহস্পতিবার, ৭ নভেম্বর ২০২৪, ২২ কার্তিক ১৪৩১, ৪ জমাদিউল আউয়াল ১৪৪৬": "2024-11-07T00:00",
    "২৩ কার্তিক ১৪৩১, ৭ নভেম্বর ২০২৪": "2024-11-07T00:00",
}

RELATIVE = {
    "২ ঘণ্টা আগে": "2024-11-07T10:00",
    "২ ঘন্টা আগে": "2024-11-07T10:00",
    "এক ঘণ্টা ৩০ মিনিট আগে": "2024-11-07T10:30",
    "আধা ঘণ্টা আগে": "2024-11-07T11:30",
    "৩ দিন আগে": "2024-11-04T12:00",
    "২ সপ্তাহ আগে": "2024-10-24T12:00",
    "৯ মাস আগে": "2024-02-07T12:00",
    "১ বছর আগে": "2023-11-07T12:00",
    "5 minutes ago": "2024-11-07T11:55",
    "এইমাত্র": "2024-11-07T12:00",
    "গতকাল": "2024-11-06T00:00",
    "গতকাল রাত ১০:৩০": "2024-11-06T22:30",
    "আজ ১০:৩০": "2024-11-07T10:30",
    "৭ নভেম্বর": "2024-11-07T00:00",
    "৯ নভেম্বর, সকাল ৮টা": "2023-11-09T08:00",
    "২৯ ফেব্রুয়ারি": "2024-02-29T00:00",
    "৭ নভেম্বর ১০৪ ভিউ": "2024-11-07T00:00",
}

NO_DATE = (
    "",
    "ডেস্ক নিউজ",
    "যুক্তরাষ্ট্র ও রাশিয়া",
    "১০৪ ভিউ",
    "সকাল ১০:৩০",
    "৩১ নভেম্বর ২০২৪",
    "৩১ চৈত্র ১৪৩১",
    "৩০ ফাল্গুন ১৪৩১",
    "নভেম্বর ২০২৪",
    "২০২৪",
    "৭ জমাদিউল আউয়াল ১৪৪৬",
    "০১৭১২-৩৪৫৬৭৮",
    "192.168.10.12",
    "৭ মেট্রিক টন ২০২৪",
)


def local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes").removesuffix("+06:00")


@pytest.mark.parametrize(("text", "expected"), ABSOLUTE.items())
def test_reads_a_written_date(text: str, expected: str) -> None:
    moment = parse_moment(text)
    assert local(moment) == expected
    assert moment is not None
    assert moment.tzinfo is DHAKA


@pytest.mark.parametrize("text", ABSOLUTE)
def test_both_encodings_of_nukta_letters_read_alike(text: str) -> None:
    assert parse_moment(unicodedata.normalize("NFD", text)) == parse_moment(text)


@pytest.mark.parametrize("text", ABSOLUTE)
def test_invisible_characters_and_wide_spaces_do_not_matter(text: str) -> None:
    assert parse_moment("\ufeff" + text.replace(" ", "\u00a0\u200b")) == parse_moment(text)


@pytest.mark.parametrize("text", ABSOLUTE)
def test_a_written_date_does_not_depend_on_now(text: str) -> None:
    assert parse_moment(text, now=NOW) == parse_moment(text)


@pytest.mark.parametrize(("text", "expected"), RELATIVE.items())
def test_reads_a_relative_date_only_with_now(text: str, expected: str) -> None:
    assert local(parse_moment(text, now=NOW)) == expected
    assert parse_moment(text) is None


@pytest.mark.parametrize("text", NO_DATE)
def test_what_is_no_date_is_none_and_never_now(text: str) -> None:
    assert parse_moment(text) is None
    assert parse_moment(text, now=NOW) is None


def test_now_counts_days_in_dhaka() -> None:
    late_in_utc = datetime(2024, 11, 6, 20, 0, tzinfo=timezone.utc)  # noqa: UP017 - 02:00 on the 7th in Dhaka
    assert local(parse_moment("আজ", now=late_in_utc)) == "2024-11-07T00:00"


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        parse_moment("আজ", now=datetime(2024, 11, 7))  # noqa: DTZ001


def test_labels_and_times_go_to_their_own_dates() -> None:
    line = "প্রকাশ: ২৮ ডিসেম্বর ২০২৫ | ২৩:২৯ | আপডেট: ২৯ ডিসেম্বর ২০২৫ | ০০:১৫"
    first, second = find_moments(line)
    assert (first.role, local(first.moment)) == (DateRole.PUBLISHED, "2025-12-28T23:29")
    assert (second.role, local(second.moment)) == (DateRole.UPDATED, "2025-12-29T00:15")
    assert line[first.start : first.end] == "প্রকাশ: ২৮ ডিসেম্বর ২০২৫ | ২৩:২৯"
    assert line[second.start : second.end] == "আপডেট: ২৯ ডিসেম্বর ২০২৫ | ০০:১৫"


def test_times_that_stand_before_their_dates() -> None:
    first, second = find_moments("প্রকাশিত: ১১:২৩, ২০ নভেম্বর ২০২৫ আপডেট: ১২:১০, ২১ নভেম্বর ২০২৫")
    assert (local(first.moment), local(second.moment)) == ("2025-11-20T11:23", "2025-11-21T12:10")


def test_a_found_date_leaves_the_words_around_it() -> None:
    line = "ডেস্ক নিউজ প্রকাশিত: বৃহস্পতিবার, ৭ নভেম্বর ২০২৪ ১০৪ ভিউ"
    (found,) = find_moments(line)
    assert not found.has_time
    assert line[: found.start] + line[found.end :] == "ডেস্ক নিউজ  ১০৪ ভিউ"


@given(
    moment=st.datetimes(datetime(1900, 1, 1), datetime(2150, 1, 1)),  # noqa: DTZ001
    separator=st.sampled_from([" ", ", ", " | ", "  "]),
    time_first=st.booleans(),
    bengali=st.booleans(),
)
def test_what_is_written_is_read_back(moment: datetime, separator: str, time_first: bool, bengali: bool) -> None:
    day = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    clock = f"{moment:%H:%M}"
    line = separator.join([clock, day] if time_first else [day, clock])
    found = parse_moment("প্রকাশ: " + (line.translate(BENGALI_DIGITS) if bengali else line))
    assert found == moment.replace(second=0, microsecond=0, tzinfo=DHAKA)


@given(
    st.text(st.sampled_from("০১২৭৯0129:./-|, \u00a0আজগতকাল নভেম্বরমেরাতটাঘণ্টাআগেসাল'ঃ়\u09cd\u200dTZ+"), max_size=200),
    st.booleans(),
)
def test_any_text_is_answered(text: str, with_now: bool) -> None:
    found = find_moments(text, now=NOW if with_now else None)
    for each in found:
        assert 0 <= each.start < each.end <= len(text)
        assert each.moment.utcoffset() is not None
    assert parse_moment(text, now=NOW if with_now else None) == (found[0].moment if found else None)


@pytest.mark.parametrize(
    "unit", ["১ ", "১:", "১০ মে ", "রাত ", "২০২৪ ", " ", "১/", "আপডেটঃ ", "১ ঘণ্টা ", "\u09bc", "\ufdfa"]
)
def test_hostile_text_takes_little_time(unit: str) -> None:
    longest = (unit * MAX_DATE_TEXT)[:MAX_DATE_TEXT]
    begin = time.process_time()
    parse_moment(longest, now=NOW)
    parse_moment(unit * 1_000_000, now=NOW)
    assert time.process_time() - begin < 0.5


def test_moments_far_away_do_not_overflow() -> None:
    assert parse_moment("৯৯৯৯ বছর আগে", now=NOW) is None
    assert parse_moment("1800-01-01T00:00:00+23:59") is not None
    assert parse_moment("2199-12-31T23:59:59-23:59") == datetime(
        2199, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=23, minutes=59))
    )
