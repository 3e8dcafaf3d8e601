"""Examples for the OpenAPI document."""

from typing import Any, Final

_ID: Final = "dengue-dhaka-2026-11-23"
_TITLE: Final = "ঢাকায় ডেঙ্গুতে এক দিনে আরও সাত জনের মৃত্যু"

SEARCH: Final[dict[str, Any]] = {
    "query": {
        "text": "ঢাকায় ডেঙ্গু",
        "read_as": "all words",
        "did_you_mean": None,
        "notes": [],
        "readings": {},
    },
    "sort": "relevance",
    "total": {"value": 132, "relation": "eq"},
    "took_ms": 4.1,
    "engine": "elasticsearch",
    "results": [
        {
            "id": _ID,
            "title": _TITLE,
            "lead": "চলতি বছর ডেঙ্গুতে মৃত্যুর সংখ্যা বেড়ে দাঁড়াল তিন শ বারোতে।",
            "url": "https://news.example/jatiyo/dengue-dhaka",
            "category": "জাতীয়",
            "byline": "ডেস্ক নিউজ",
            "sources": ["বাসস"],
            "image": None,
            "published_at": "2026-11-23T08:30:00+06:00",
            "score": 7.31,
            "highlights": {
                "title": "<mark>ঢাকায়</mark> <mark>ডেঙ্গুতে</mark> এক দিনে আরও সাত জনের মৃত্যু",
                "body": ["<mark>ঢাকার</mark> হাসপাতালগুলোয় <mark>ডেঙ্গু</mark> রোগীর চাপ বাড়ছে।"],
            },
            "views": {"counted": 104, "raw": 130},
            "copies": 2,
            "explanation": None,
        }
    ],
    "facets": {
        "category": [{"value": "জাতীয়", "count": 80}],
        "source": None,
        "date": [{"from": "2026-11-01", "count": 12}],
    },
    "next": None,
}

SUGGEST: Final[dict[str, Any]] = {
    "q": "ডেঙ্",
    "suggestions": [{"text": _TITLE, "kind": "title", "article_id": _ID}],
}

ARTICLE: Final[dict[str, Any]] = {
    "id": _ID,
    "version": 1_795_400_000_000,
    "title": _TITLE,
    "lead": "চলতি বছর ডেঙ্গুতে মৃত্যুর সংখ্যা বেড়ে দাঁড়াল তিন শ বারোতে।",
    "body": "ঢাকার হাসপাতালগুলোয় ডেঙ্গু রোগীর চাপ বাড়ছে।\nস্বাস্থ্য অধিদপ্তর আজ সকালে এ তথ্য জানিয়েছে।",
    "url": "https://news.example/jatiyo/dengue-dhaka",
    "category": "জাতীয়",
    "byline": "ডেস্ক নিউজ",
    "sources": ["বাসস"],
    "tags": ["ডেঙ্গু"],
    "image": None,
    "published_at": "2026-11-23T08:30:00+06:00",
    "updated_at": None,
    "related": [],
    "views": {"counted": 104, "raw": 130, "baseline": None},
    "copies": 2,
}

MOST_READ: Final[dict[str, Any]] = {
    "window": "24h",
    "kind": "top",
    "category": None,
    "as_of": "2026-11-23T18:05:07+06:00",
    "stale": False,
    "counted_views": 48_210,
    "items": [
        {
            "rank": 1,
            "id": _ID,
            "title": _TITLE,
            "url": "https://news.example/jatiyo/dengue-dhaka",
            "category": "জাতীয়",
            "published_at": "2026-11-23T08:30:00+06:00",
            "age_hours": 9.6,
            "views": {"window": 912.4, "counted": 1_502, "raw": 1_710},
        }
    ],
    "reason": None,
}
