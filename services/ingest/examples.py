"""Examples for the OpenAPI document, in Bengali."""

from typing import Any, Final

ARTICLE_EXAMPLE: Final[dict[str, Any]] = {
    "version": 1,
    "title": "হাওরে আগাম বন্যার শঙ্কা, ধান কাটতে মাইকিং",
    "lead": "উজানের ঢলে সুনামগঞ্জের নদীগুলোর পানি বাড়ছে।",
    "body": "সুনামগঞ্জের হাওরে পাকা ধান দ্রুত কেটে ঘরে তোলার আহ্বান জানিয়েছে জেলা প্রশাসন।\n"
    "পানি উন্নয়ন বোর্ড বলছে, আগামী তিন দিন ভারী বৃষ্টি হতে পারে।",
    "url": "https://khobor.example/haor-bonna",
    "category": "জাতীয়",
    "byline": "ডেস্ক নিউজ",
    "sources": ["জেলা প্রশাসন"],
    "tags": ["হাওর", "বন্যা"],
    "published_at": "2026-04-18T09:30:00+06:00",
}

EVENT_EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": "khobor.article.published.v1",
    "source": "https://khobor.example/desk",
    "id": "desk-48213",
    "subject": "haor-bonna-2026",
    "time": "2026-04-18T09:31:00+06:00",
    "datacontenttype": "application/json",
    "data": {"id": "haor-bonna-2026", **ARTICLE_EXAMPLE},
}

RETRACTION_EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": "khobor.article.retracted.v1",
    "source": "https://khobor.example/desk",
    "id": "desk-48260",
    "subject": "haor-bonna-2026",
    "data": {"version": 2},
}

VIEWED_EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": "khobor.article.viewed.v1",
    "source": "https://khobor.example/app",
    "id": "app-7f3a90",
    "subject": "haor-bonna-2026",
    "time": "2026-04-18T10:02:11+06:00",
    "data": {"viewer": "পাঠক-৪২"},
}

VIEW_EXAMPLE: Final[dict[str, Any]] = {
    "article_id": "haor-bonna-2026",
    "event_id": "0f6d2c1e-6a0b-4a52-9a5e-3d6a4f1b7c20",
    "viewer": "পাঠক-৪২",
    "at": "2026-04-18T10:02:11+06:00",
}

STATUS_EXAMPLE: Final[dict[str, Any]] = {
    "article_id": "haor-bonna-2026",
    "state": "searchable",
    "version": 1,
    "reason": None,
    "trail": [
        {
            "stage": stage,
            "version": 1,
            "event_id": event_id,
            "at": at,
            "attempts": 1,
            "retracted": False,
            "reason": None,
            "priority": priority,
        }
        for stage, event_id, at, priority in (
            ("received", "desk-48213", "2026-04-18T03:31:00.120Z", "live"),
            ("applied", "desk-48213", "2026-04-18T03:31:00.310Z", "live"),
            ("searchable", "", "2026-04-18T03:31:00.420Z", None),
        )
    ],
}

PAGE_EXAMPLE: Final = """হাওরে আগাম বন্যার শঙ্কা, ধান কাটতে মাইকিং

ডেস্ক নিউজ
আপডেটঃ ১৮ এপ্রিল, ২০২৬ | ৯:৩০ 57 ভিউ
সুনামগঞ্জের হাওরে পাকা ধান দ্রুত কেটে ঘরে তোলার আহ্বান জানিয়েছে জেলা প্রশাসন। সূত্র: জেলা প্রশাসন
"""
