"""What can go wrong with a page, in the reader's words."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from shared.search.query_language import QuerySyntaxError

_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class PageProblem:
    status: HTTPStatus
    title: str
    detail: str


INDEX_GONE: Final = PageProblem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "এই মুহূর্তে খবর দেখানো যাচ্ছে না",
    "সেবাটি সাময়িকভাবে বন্ধ আছে। কিছুক্ষণ পর আবার চেষ্টা করুন।",
)
ARTICLE_UNKNOWN: Final = PageProblem(
    HTTPStatus.NOT_FOUND, "খবরটি পাওয়া যায়নি", "ঠিকানাটি ভুল হতে পারে, অথবা খবরটি এখনো এখানে আসেনি।"
)
ARTICLE_RETRACTED: Final = PageProblem(
    HTTPStatus.GONE, "খবরটি প্রত্যাহার করা হয়েছে", "প্রকাশক এই খবর সরিয়ে নিয়েছেন; তাই এটি আর দেখানো হয় না।"
)
PAGE_EXPIRED: Final = PageProblem(
    HTTPStatus.BAD_REQUEST, "এই পাতাটি আর পাওয়া যায় না", "তালিকাটি এর মধ্যে বদলে গেছে। প্রথম পাতা থেকে আবার দেখুন।"
)
DATES_WRONG: Final = PageProblem(
    HTTPStatus.BAD_REQUEST,
    "বাছাইয়ের শর্ত বোঝা গেল না",
    "তারিখ দুটি ঠিক আছে কি না, আর প্রথমটি আগের কি না দেখুন। যেমন: ২০২৬-১১-০১।",
)


def query_problem(query: str, error: QuerySyntaxError) -> PageProblem:
    """Shows the part of the query that could not be read."""
    wrong = query[error.position :][:_SHOWN_CHARACTERS] or query[-_SHOWN_CHARACTERS:]
    return PageProblem(
        HTTPStatus.BAD_REQUEST,
        "অনুসন্ধানটি বোঝা গেল না",
        f"‘{wrong}’ অংশটি ঠিক করুন। উদ্ধৃতি চিহ্ন জোড়ায় জোড়ায় দিন, OR-এর দুই পাশে শব্দ লিখুন।",
    )
