"""Our own judged set: the sample articles and tests/relevance/judgments.jsonl."""

import json
from pathlib import Path
from typing import Any, Final

from bench.relevance.judged import PUBLISHED, Collection, JudgedSet, Question
from services.cli.demo.articles import read_sample_records
from shared.events import Article

_JUDGMENTS: Final = Path(__file__).resolve().parents[2] / "tests/relevance/judgments.jsonl"


def own_sets() -> list[JudgedSet]:
    """One set per kind of query, over all sample articles."""
    collection = Collection("own articles", tuple(map(_article, read_sample_records())))
    questions: dict[str, list[Question]] = {}
    for line in _JUDGMENTS.read_text(encoding="utf-8").splitlines():
        judged = json.loads(line)
        questions.setdefault(judged["kind"], []).append(Question(judged["query"], judged["relevant"]))
    return [
        JudgedSet(f"own-{kind}", f"own articles, {kind.replace('_', ' ')}", collection, tuple(found))
        for kind, found in questions.items()
    ]


def _article(record: dict[str, Any]) -> Article:
    return Article(
        id=record["slug"],
        version=1,
        title=record["title"],
        lead=record.get("lead"),
        body=record["body"],
        category=record["category"],
        sources=tuple(record["sources"]),
        published_at=PUBLISHED,
    )
