"""The words by which the lines around a headline are known: who wrote it, how often it was read, its category."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from services.ingest.pages.clean_text import comparable, ends_sentence, letters_in
from shared.bengali.label_text import any_of, fold_label

_WORD_START: Final = r"(?<![a-z\u0980-\u09e5])"
_WORD_END: Final = r"(?![a-z\u0980-\u09e5])"
_PROFESSION: Final = any_of(
    "ডেস্ক", "প্রতিবেদক", "প্রতিনিধি", "সংবাদদাতা", "রিপোর্টার", "রিপোর্ট", "করেসপন্ডেন্ট", "করসপন্ডেন্ট", "নিজস্ব", "স্টাফ", "ব্যুরো",
    "নিউজরুম", "বার্তাকক্ষ", "অনলাইন", "desk", "reporter", "correspondent", "staff", "newsroom",
)  # fmt: skip
_BYLINE: Final = re.compile(rf"{_WORD_START}{_PROFESSION}{_WORD_END}")
_WRITTEN_BY: Final = any_of("লেখক", "প্রতিবেদক", "রিপোর্টার", "প্রতিবেদন", "লিখেছেন", "author", "written by", "by")
_BYLINE_LABEL: Final = re.compile(rf"{_WRITTEN_BY}(?:\s?[:|-]\s?|(?<=by)\s)")
# Digits may be grouped the European way or the Indian one.
_NUMBER: Final = r"(?<![\d.,])(?P<views>\d{1,3}(?:,\d{2,3}){1,5}|\d{1,15})(?![\d.,]?\d)"
_VIEWED: Final = any_of(
    "ভিউ", "ভিউস", "ভিউজ", "বার ভিউ", "বার পঠিত", "বার পড়া হয়েছে", "বার দেখা হয়েছে", "বার দেখা", "পঠিত", "পাঠক", "জন দেখেছেন",
    "জন পড়েছেন", "views", "view", "time view", "reads", "hits",
)  # fmt: skip
_VIEWED_LABEL: Final = any_of(
    "ভিউ", "পঠিত", "পড়া হয়েছে", "দেখা হয়েছে", "মোট পাঠক", "পাঠক সংখ্যা", "পাঠক", "views", "total views", "hits"
)
_VIEWS: Final = (
    re.compile(rf"{_NUMBER}\s{{0,3}}{_VIEWED}{_WORD_END}"),
    re.compile(rf"{_WORD_START}{_VIEWED_LABEL}\s?[:|-]\s{{0,3}}{_NUMBER}(?:\s{{0,3}}{any_of('বার')})?"),
)
_MAX_LINE: Final = 300
_CRUMB: Final = re.compile(r"\s*[/»>›→|]\s*")
_HOME: Final = frozenset(map(comparable, ("প্রচ্ছদ", "হোম", "মূলপাতা", "প্রথম পাতা", "home")))
_CATEGORY_NAMES: Final = (
    "জাতীয়", "বাংলাদেশ", "রাজনীতি", "আন্তর্জাতিক", "বিশ্ব", "খেলা", "খেলাধুলা", "বিনোদন", "অর্থনীতি", "বাণিজ্য", "অর্থ-বাণিজ্য",
    "সারাদেশ", "সারা দেশ", "দেশজুড়ে", "রাজধানী", "শিক্ষা", "শিক্ষাঙ্গন", "ক্যাম্পাস", "প্রযুক্তি", "তথ্যপ্রযুক্তি", "বিজ্ঞান",
    "বিজ্ঞান ও প্রযুক্তি", "স্বাস্থ্য", "ধর্ম", "ইসলাম", "মতামত", "লাইফস্টাইল", "জীবনযাপন", "অপরাধ", "আইন-আদালত",
    "আইন ও আদালত", "আদালত", "পরিবেশ", "আবহাওয়া", "চাকরি", "কৃষি", "সাহিত্য", "সংস্কৃতি", "প্রবাস", "গণমাধ্যম", "ভ্রমণ",
    "সম্পাদকীয়",
)  # fmt: skip
_CATEGORIES: Final = frozenset(map(comparable, _CATEGORY_NAMES))
_SITE_WORD: Final = re.compile(
    any_of(
        "নিউজ", "সংবাদ", "খবর", "টিভি", "ডটকম", "ডট কম", "আলো", "বার্তা", "পত্রিকা", "দৈনিক", "বাংলা", "টাইমস", "প্রতিদিন", "কণ্ঠ",
        "অনলাইন", "পোস্ট", "জার্নাল", "ট্রিবিউন", "মেইল", "সময়", "দর্পণ", "news", "tv", "24", "times", "daily", "online",
    )
    + r"|\.(?:com|net|org|bd|info|news|tv)"
)  # fmt: skip


class FoundViews(NamedTuple):
    """A page's own counter, at `start`..`end` of its line."""

    views: int
    start: int
    end: int


def page_views_in(line: str) -> FoundViews | None:
    """Reads 104 ভিউ, ভিউ: ১০৪, ১,২৩৪ বার পঠিত. A rounded count (1.2K views) is none."""
    if len(line) > _MAX_LINE:
        return None
    folded, offsets = fold_label(line)
    for pattern in _VIEWS:
        if match := pattern.search(folded):
            return FoundViews(int(match["views"].replace(",", "")), offsets[match.start()], offsets[match.end()])
    return None


def is_byline(line: str) -> bool:
    """Whether a short line names a desk or a profession: ডেস্ক নিউজ; নিজস্ব প্রতিবেদক, ঢাকা; লেখক: রফিকুল ইসলাম."""
    if len(line) > 80 or len(line.split()) > 7 or line.endswith(("।", "?", "!")):
        return False
    folded = fold_label(line).text
    return _BYLINE.search(folded) is not None or _BYLINE_LABEL.match(folded) is not None


def may_be_name(line: str) -> bool:
    """Whether a line can be a person's name: two words or a few more, no sentence."""
    return len(line) <= 60 and 2 <= len(line.split()) <= 6 and letters_in(line) >= 5 and not ends_sentence(line)


def without_byline_label(line: str) -> str:
    """লেখক: রফিকুল ইসলাম → রফিকুল ইসলাম."""
    if len(line) > _MAX_LINE:
        return line
    folded, offsets = fold_label(line)
    match = _BYLINE_LABEL.match(folded)
    return line[offsets[match.end()] :].strip() if match else line


def category_of(lines: Sequence[str], title: str | None) -> str | None:
    """The last crumb of a line such as প্রচ্ছদ / জাতীয়, or a line that is a category's name and no menu entry."""
    named = [line for line in lines if comparable(line) in _CATEGORIES]
    for line in lines:
        crumbs = _crumbs(line[:_MAX_LINE])
        if title is not None:
            crumbs = [crumb for crumb in crumbs if comparable(crumb) != comparable(title)]
        if crumbs:
            return crumbs[-1]
    return named[0] if len(named) == 1 else None


def is_home(crumb: str) -> bool:
    return comparable(crumb) in _HOME


def _crumbs(line: str) -> list[str]:
    first, *rest = (part.strip() for part in _CRUMB.split(line))
    return [crumb for crumb in rest if 0 < len(crumb) <= 40] if is_home(first) else []


def has_site_word(text: str) -> bool:
    """Whether a short text can be the name of a news site."""
    return len(text) <= 60 and _SITE_WORD.search(fold_label(text).text) is not None
