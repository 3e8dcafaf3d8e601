"""Judged sets made from public data, which lie outside the project and are never copied into it.

Built as in the research that chose the query design, so that figures can be compared with it: news titles have to
find their bodies among news, and among blog posts as distractors; three rare words of a title, as written or in
dictionary form, have to find the article; questions have to find the paragraph that answers them.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Collection as Keys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final

import regex

from bench.relevance.judged import Collection, JudgedSet, Question, document
from bench.relevance.lucene_bengali import compose
from shared.events import Article

_SEED: Final = 1
# Longer or shorter "titles" are columns of a table and single words.
_TITLE_LENGTHS: Final = range(13, 200)
_KEYWORDS: Final = 3
_SHORTEST_KEYWORD: Final = 3
_PARAGRAPH_LENGTH: Final = 700
_DISTRACTORS: Final = 12_000
_SAME_BODY: Final = 150

_WORD: Final = regex.compile(r"[\u0980-\u09e3\u09f0\u09f1\u09fe\u200c\u200d]+|[^\W_]+")
_SENTENCE_END: Final = regex.compile(r"(?<=[।?!])\s+")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad"))
# What two keyboards type in different code points.
_TWO_WAYS: Final = {
    "\u09df": "\u09af\u09bc",
    "\u09dc": "\u09a1\u09bc",
    "\u09dd": "\u09a2\u09bc",
    "\u09cb": "\u09c7\u09be",
}
_OTHER_WAY: Final = {**_TWO_WAYS, **{two: one for one, two in _TWO_WAYS.items()}, "\u200c": "", "\u200d": ""}
_TYPED_TWO_WAYS: Final = regex.compile("|".join(sorted(_OTHER_WAY, key=len, reverse=True)))
_OTHER_DIGITS: Final = str.maketrans("০১২৩৪৫৬৭৮৯0123456789", "0123456789০১২৩৪৫৬৭৮৯")


class PublicData:
    """The folder of the data; each file is read when the first set needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_there(self) -> bool:
        return (self._folder / "news_bdnews_20251229.jsonl").exists()

    def sets(self, wanted: Keys[str] = (), *, sample: int | None = None) -> Iterator[JudgedSet]:
        """Every set, or the wanted ones by their keys; those over one collection in a row.

        Of more than `sample` questions a random sample is asked.
        """
        for found in self._all():
            if wanted and found.key not in wanted:
                continue
            if sample is not None and len(found.questions) > sample:
                yield replace(found, questions=tuple(Random(_SEED).sample(found.questions, sample)))
            else:
                yield found

    def blog_posts(self) -> list[tuple[str, str]]:
        """Title and body of each."""
        return [(row["title"], row["body"]) for row in self._blog]

    def _all(self) -> Iterator[JudgedSet]:
        alone = Collection("news bodies", self._bodies)
        yield JudgedSet("news", "news: title finds its body", alone, self._titles)
        yield from self._keyboards(alone)
        mixed = Collection("news and blog bodies", (*self._bodies, *self._blog_bodies))
        yield JudgedSet("news+blog", "news among blogs: title finds its body", mixed, self._titles)
        keywords = self._keywords
        yield JudgedSet("K3+blog", "news among blogs: 3 rarest title words find the body", mixed, keywords)
        whole = Collection("whole articles", (*self._whole(self._news), *self._whole(self._blog)))
        yield JudgedSet("K3", "whole articles: 3 rarest title words", whole, keywords)
        yield JudgedSet("L3", "whole articles: the same in dictionary form", whole, self._dictionary_forms(keywords))
        paragraphs = Collection("paragraphs", self._paragraphs)
        yield JudgedSet("TyDi", "paragraphs: questions of people who want to know", paragraphs, self._tydi_questions)
        yield JudgedSet("QA", "paragraphs: questions written from them", paragraphs, self._qa_questions)

    # --- news and blogs ---

    @cached_property
    def _news(self) -> list[dict[str, Any]]:
        rows = [*self._rows("news_bdnews_20251229.jsonl"), *self._rows("news_minhaj_framing.jsonl")]
        return list({_key(row["body"])[:_SAME_BODY]: row for row in reversed(rows)}.values())[::-1]

    @cached_property
    def _blog(self) -> list[dict[str, Any]]:
        return [row for row in self._rows("blog_istishon_5k.jsonl.gz") if row["body"].strip() and row["title"].strip()]

    @cached_property
    def _bodies(self) -> tuple[Article, ...]:
        return tuple(document(row["id"], body=_without_title(row)) for row in self._news)

    @cached_property
    def _blog_bodies(self) -> tuple[Article, ...]:
        return tuple(document(row["id"], body=row["body"]) for row in self._blog)

    @staticmethod
    def _whole(rows: Iterable[dict[str, Any]]) -> Iterator[Article]:
        return (document(row["id"], title=row["title"], body=_without_title(row)) for row in rows)

    @cached_property
    def _titles(self) -> tuple[Question, ...]:
        return tuple(
            Question(row["title"], {row["id"]: 1}) for row in self._news if len(row["title"]) in _TITLE_LENGTHS
        )

    @cached_property
    def _keywords(self) -> tuple[Question, ...]:
        """Of each title the three words that the fewest bodies have, two at least, rarest first."""
        bodies: Counter[str] = Counter()
        for article in (*self._bodies, *self._blog_bodies):
            bodies.update({_key(word) for word in _WORD.findall(article.body)})
        questions = []
        for title in self._titles:
            words = {key: word for word in _WORD.findall(title.text) if len(key := _key(word)) >= _SHORTEST_KEYWORD}
            known = sorted((key for key in words if bodies[key] > 1), key=lambda key: bodies[key])[:_KEYWORDS]
            if len(known) == _KEYWORDS:
                questions.append(Question(" ".join(words[key] for key in known), title.grades))
        return tuple(questions)

    def _dictionary_forms(self, keywords: Iterable[Question]) -> tuple[Question, ...]:
        """The questions that the lemma list changes, changed."""
        lemmas = self._lemmas()
        changed = []
        for question in keywords:
            words = [lemmas.get(_key(word), word) for word in question.text.split()]
            if words != question.text.split():
                changed.append(Question(" ".join(words), question.grades))
        return tuple(changed)

    def _lemmas(self) -> Mapping[str, str]:
        seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for part in ("train", "dev", "test"):
            text = (self._folder / f"lemma_bnlp/{part}.txt").read_text(encoding="utf-8")
            for line in text.splitlines():
                match line.strip().split("\t"):
                    case [word, lemma]:
                        seen[_key(word)][_key(lemma)] += 1
        return {word: lemmas.most_common(1)[0][0] for word, lemmas in seen.items()}

    def _keyboards(self, collection: Collection) -> Iterator[JudgedSet]:
        """One or two title words that keyboards encode differently, as written and as another one types them."""
        written, retyped = [], []
        for title in self._titles:
            words = [word for word in _WORD.findall(title.text) if _TYPED_TWO_WAYS.search(word)][:2]
            if words:
                text = " ".join(words)
                written.append(Question(text, title.grades))
                retyped.append(Question(_on_the_other_keyboard(text), title.grades))
        yield JudgedSet("keyboard-same", "news: 1-2 title words, as written", collection, tuple(written))
        yield JudgedSet("keyboard-other", "news: the same on another keyboard", collection, tuple(retyped))

    # --- paragraphs ---

    @cached_property
    def _tydi(self) -> list[tuple[str, str]]:
        """Pairs of context and question."""
        data = json.loads((self._folder / "tydiqa_bn_dev/bengali_tydiqa_dev.json").read_text(encoding="utf-8"))["data"]
        paragraphs = (paragraph for article in data for paragraph in article["paragraphs"])
        return [(paragraph["context"], asked["question"]) for paragraph in paragraphs for asked in paragraph["qas"]]

    @cached_property
    def _tydi_ids(self) -> dict[str, str]:
        return {context: f"tydi-{number}" for number, context in enumerate(dict.fromkeys(c for c, _ in self._tydi))}

    @cached_property
    def _tydi_questions(self) -> tuple[Question, ...]:
        return tuple(Question(compose(asked), {self._tydi_ids[context]: 1}) for context, asked in self._tydi)

    @cached_property
    def _qa_questions(self) -> tuple[Question, ...]:
        grades: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for line in (self._folder / "qa_scientist173/qrels.tsv").read_text(encoding="utf-8").splitlines():
            question, _, passage, _ = line.split("\t")
            grades[question][passage] = 1
        rows = self._rows("qa_scientist173/queries.jsonl")
        return tuple(Question(compose(row["text"]), grades[row["id"]]) for row in rows)

    @cached_property
    def _paragraphs(self) -> tuple[Article, ...]:
        """Everything in one encoding of য়, ড়, ঢ়: otherwise the encoding alone tells passages from distractors."""
        texts = {name: context for context, name in self._tydi_ids.items()}
        texts |= {row["id"]: row["text"] for row in self._rows("qa_scientist173/passages.jsonl")}
        news = [paragraph for row in self._news for paragraph in _paragraphs(row["body"])]
        blog = [paragraph for row in self._blog for paragraph in _paragraphs(row["body"])]
        Random(_SEED).shuffle(blog)
        distractors = (*news, *blog)[:_DISTRACTORS]
        texts |= {f"distractor-{number}": paragraph for number, paragraph in enumerate(distractors)}
        return tuple(document(name, body=compose(text)) for name, text in texts.items())

    def _rows(self, name: str) -> list[dict[str, Any]]:
        path = self._folder / name
        text = gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text(encoding="utf-8")
        # Not splitlines: texts hold other line separators.
        return [json.loads(line) for line in text.split("\n") if line]


def _key(text: str) -> str:
    """One spelling for what keyboards encode differently; not the product's, so that sets do not change with it."""
    return compose(text.translate(_INVISIBLE)).lower()


def _without_title(row: Mapping[str, Any]) -> str:
    body: str = row["body"]
    return body.removeprefix(row["title"]) or body


def _on_the_other_keyboard(text: str) -> str:
    return _TYPED_TWO_WAYS.sub(lambda match: _OTHER_WAY[match[0]], text).translate(_OTHER_DIGITS)


def _paragraphs(body: str) -> Iterator[str]:
    """Whole sentences, some 700 characters of them; a rest that is shorter is left out."""
    paragraph = ""
    for sentence in _SENTENCE_END.split(body):
        paragraph += sentence + " "
        if len(paragraph) > _PARAGRAPH_LENGTH:
            yield paragraph
            paragraph = ""
