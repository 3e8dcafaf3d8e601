"""The interface's words for what the use cases name in English."""

from collections.abc import Mapping
from typing import Final

from services.api.use_cases.list_most_read import EmptyReason
from services.api.use_cases.search_articles import WITHOUT_VIEW_ORDER, WITHOUT_VIEWS
from shared.search.model import Facet, ReadAs, Sort
from shared.views.model import ListKind, Window

WINDOW_NAMES: Final[Mapping[Window, str]] = {
    Window.HOUR: "১ ঘণ্টা",
    Window.SIX_HOURS: "৬ ঘণ্টা",
    Window.DAY: "২৪ ঘণ্টা",
    Window.WEEK: "৭ দিন",
    Window.TODAY: "আজ",
}
KIND_NAMES: Final[Mapping[ListKind, str]] = {ListKind.TOP: "সর্বাধিক পঠিত", ListKind.RISING: "আলোচনায় উঠছে"}
SORT_NAMES: Final[Mapping[Sort, str]] = {
    Sort.RELEVANCE: "প্রাসঙ্গিকতা",
    Sort.NEWEST: "নতুন আগে",
    Sort.VIEWS: "বেশি পঠিত আগে",
}
FACET_NAMES: Final[Mapping[Facet, str]] = {Facet.CATEGORY: "বিভাগ", Facet.SOURCE: "সূত্র", Facet.DATE: "সময়"}
READ_AS_NOTES: Final[Mapping[ReadAs, str]] = {
    ReadAs.MOST_WORDS: "সব শব্দ একসঙ্গে কোনো খবরে নেই; বেশির ভাগ শব্দ মেলে, এমন খবর দেখানো হলো।",
    ReadAs.ANY_WORDS: "সব শব্দ একসঙ্গে কোনো খবরে নেই; যেকোনো শব্দ মেলে, এমন খবর দেখানো হলো।",
}
EMPTY_REASONS: Final[Mapping[str, str]] = {
    EmptyReason.NO_VIEWS: "এই সময়ে এখনো কোনো খবর পড়া হয়নি।",
    EmptyReason.NOT_SHOWN: "যেসব খবর পড়া হয়েছে, সেগুলো এখন আর প্রকাশিত নেই।",
    EmptyReason.NOTHING_RISES: "এই মুহূর্তে কোনো খবর হঠাৎ বেশি পড়া হচ্ছে না।",
    EmptyReason.NO_VIEWS_IN_CATEGORY: "এই সময়ে এ বিভাগের কোনো খবর পড়া হয়নি।",
    EmptyReason.UNKNOWN_CATEGORY: "এই নামে কোনো বিভাগ নেই।",
}
LIST_UNAVAILABLE: Final = "তালিকাটি এই মুহূর্তে পাওয়া যাচ্ছে না।"
NOTES: Final[Mapping[str, str]] = {
    WITHOUT_VIEWS: "পাঠকসংখ্যা এই মুহূর্তে জানা যাচ্ছে না; জনপ্রিয়তা ছাড়াই ফল সাজানো হলো।",
    WITHOUT_VIEW_ORDER: "পাঠকসংখ্যা এই মুহূর্তে জানা যাচ্ছে না; তাই পঠিত সংখ্যার ক্রমে সাজানো গেল না।",
}
