"""The labels by which the parts below a headline are known: other headlines, tags, buttons, captions, imprint."""

import re
from enum import Enum
from typing import Final, NamedTuple

from services.ingest.pages.clean_text import clean
from services.ingest.pages.header_labels import page_views_in
from shared.bengali.label_text import any_of, fold_label

# No label is longer; only so much of a line is looked at.
_LABEL_CHARACTERS: Final = 200
_FURNITURE_CHARACTERS: Final = 120


class SectionKind(Enum):
    """How far a list of other headlines reaches."""

    # "আরও পড়ুন" between two paragraphs: the next headlines, then the text goes on.
    INLINE = "inline"
    # "সংশ্লিষ্ট সংবাদ": mostly after the text, sometimes in a box amid it.
    BOX = "box"
    # "শীর্ষ সংবাদ": the rest of the page is about other articles.
    END = "end"


class Section(NamedTuple):
    """A list of other headlines; `rest` is what stands behind the label on its own line."""

    kind: SectionKind
    rest: str


_NEWS: Final = any_of("সংবাদ", "খবর", "নিউজ", "পোস্ট", "লেখা", "প্রতিবেদন", "news", "stories", "posts", "articles", "story")
_MORE: Final = any_of("আরও", "আরো", "more")
_THIS: Final = any_of("এ", "এই", "একই")
_READ: Final = any_of("পড়ুন", "পড়তে পারেন", "দেখুন", "জানুন")
_ABOUT: Final = any_of("সংক্রান্ত", "জাতীয়", "ধরনের", "বিষয়ে", "বিষয়ের")
_NEAR: Final = any_of("সংশ্লিষ্ট", "সম্পর্কিত", "প্রাসঙ্গিক", "related")
_BEST: Final = any_of(
    "শীর্ষ", "সর্বশেষ", "জনপ্রিয়", "আলোচিত", "নির্বাচিত", "প্রধান", "অন্যান্য", "latest", "top", "popular", "trending"
)
_PLACE: Final = any_of("বিভাগের", "ক্যাটাগরির", "পাতার", "সপ্তাহের")
_PLACE_NEWS: Final = any_of("আরও", "আরো", "সর্বশেষ", "সব", "অন্যান্য", "জনপ্রিয়", "পাঠকপ্রিয়")
_MOST_READ: Final = any_of(
    "সর্বাধিক পঠিত", "সবচেয়ে পঠিত", "সর্বোচ্চ পঠিত", "পাঠকপ্রিয়", "ট্রেন্ডিং", "most read", "trending", "recommended"
)
_PATTERNS: Final = (
    (SectionKind.INLINE, rf"(?:{_MORE}|{any_of('এছাড়াও', 'এ ছাড়াও')})\s?{_READ}"),
    (SectionKind.INLINE, any_of("পড়ুন", "read more", "also read", "read also", "see also")),
    (SectionKind.BOX, rf"(?:{_THIS}\s)?{_NEAR}\s?(?:{_MORE}\s)?{_NEWS}?"),
    (SectionKind.BOX, rf"{_THIS}\s{_ABOUT}\s?{_MORE}?\s?{_NEWS}"),
    (SectionKind.END, rf"(?:{_BEST}|{_MORE})\s?{_NEWS}"),
    (SectionKind.END, rf"{_THIS}\s{_PLACE}\s?{_PLACE_NEWS}?\s?{_NEWS}"),
    (SectionKind.END, _MOST_READ),
)
# A label is a line of its own, or a sign sets it off from what follows: "সর্বশেষ খবর অনুযায়ী" is no label.
_SECTIONS: Final = tuple((kind, re.compile(rf"[\s*•»>|-]{{0,4}}{label}\s?(?:[:|»>-]|$)")) for kind, label in _PATTERNS)

_TAGS: Final = re.compile(
    rf"{any_of('ট্যাগ', 'ট্যাগস', 'ট্যাগসমূহ', 'বিষয়', 'বিষয়সমূহ', 'কীওয়ার্ড', 'tags', 'tag', 'topics')}\s?[:|]"
)
_BUTTON: Final = any_of(
    "শেয়ার", "শেয়ার করুন", "প্রিন্ট", "প্রিন্ট করুন", "ফেসবুক", "টুইটার", "হোয়াটসঅ্যাপ", "মেসেঞ্জার", "ইমেইল", "কপি লিংক",
    "লিংক কপি", "লিংক কপি করুন", "কপি করুন", "বিজ্ঞাপন", "শুনুন", "অডিও শুনুন", "অনুসরণ করুন", "ফলো করুন", "গুগল নিউজ",
    "সংরক্ষণ", "প্রচ্ছদ", "হোম", "মূলপাতা", "facebook", "twitter", "x", "whatsapp", "messenger", "linkedin", "telegram",
    "pinterest", "viber", "email", "print", "share", "tweet", "save", "copy link", "advertisement", "listen", "home",
    "google news", "reporter name", "রিপোর্টার নাম", "রিপোর্টারের নাম",
)  # fmt: skip
_FURNITURE: Final = re.compile(rf"(?>(?>{_BUTTON}(?![a-z\u0980-\u09e5])|[অa]\s?[-+]|[^a-z\u0980-\u09e5])+)")
_CAPTION: Final = re.compile(
    rf"{any_of('ছবি', 'ফাইল ছবি', 'প্রতীকী ছবি', 'photo', 'file photo')}\s?(?:[:|-]|$)"
    rf"|{any_of('সংগৃহীত', 'সংগৃহীত ছবি', 'ছবি সংগৃহীত', 'পুরোনো ছবি')}\s?$"
)
# Who typed the article, at its end: এমএ/আরএ.
_INITIALS: Final = re.compile(r"[a-z\u0980-\u09e5.]{1,8}(?:/[a-z\u0980-\u09e5.]{1,8}){1,3}")
_COMMENTS: Final = any_of(
    "মন্তব্য", "মন্তব্যসমূহ", "মন্তব্য করুন", "আপনার মন্তব্য", "আপনার মতামত", "আপনার মতামত লিখুন", "পাঠকের মন্তব্য", "comments",
    "comment", "leave a reply", "leave a comment",
)  # fmt: skip
_IMPRINT: Final = any_of(
    "সম্পাদক", "প্রকাশক", "ভারপ্রাপ্ত সম্পাদক", "প্রধান সম্পাদক", "সম্পাদক ও প্রকাশক", "প্রকাশক ও সম্পাদক", "ঠিকানা", "ফোন", "মোবাইল",
    "ই-মেইল", "ইমেইল", "যোগাযোগ", "কার্যালয়",
)  # fmt: skip
_RIGHTS: Final = any_of("©", "(c)", "কপিরাইট", "স্বত্ব", "সর্বস্বত্ব", "copyright", "all rights reserved").replace(
    "(c)", r"\(c\)"
)
_TAIL: Final = re.compile(rf"{_RIGHTS}|{_COMMENTS}\s?(?:\(\d+\)|:|$)|{_IMPRINT}\s?:")


def section_of(line: str) -> Section | None:
    """Which list of other headlines a line begins, if it begins one."""
    folded, offsets = fold_label(line[:_LABEL_CHARACTERS])
    for kind, pattern in _SECTIONS:
        if match := pattern.match(folded):
            return Section(kind, line[offsets[match.end()] :].strip(" :ঃ|»>-–—"))
    return None


def tags_of(line: str) -> tuple[str, ...] | None:
    """The tags on a line such as ট্যাগ: নদী, ফেরি; None for any other line."""
    if len(line) > 500:
        return None
    folded, offsets = fold_label(line)
    match = _TAGS.match(folded)
    if match is None:
        return None
    return tuple(
        tag for part in re.split(r"[,;|#/]+", line[offsets[match.end()] :]) if 0 < len(tag := clean(part)) <= 60
    )


def is_furniture(line: str) -> bool:
    """Buttons, counters, captions: lines that belong to the page and not to the article."""
    if len(line) > _FURNITURE_CHARACTERS:
        return False
    if views := page_views_in(line):
        line = line[: views.start] + line[views.end :]
    folded = fold_label(line).text.strip()
    return (
        not folded
        or _CAPTION.match(folded) is not None
        or any(pattern.fullmatch(folded) is not None for pattern in (_FURNITURE, _INITIALS))
    )


def is_tail(line: str) -> bool:
    """Comments, copyright, imprint: the article has ended."""
    return _TAIL.match(fold_label(line[:_LABEL_CHARACTERS]).text) is not None
