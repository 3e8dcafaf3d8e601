"""An article index in memory, for tests of what uses one: the same semantics, made simple rather than fast."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.events import Article
from shared.search.completing import completions_of, title_clauses
from shared.search.correcting import did_you_mean
from shared.search.cursor import decode_cursor, encode_cursor
from shared.search.document import build_document
from shared.search.duplicates import WINDOW, are_copies, oldest
from shared.search.memory_facets import counts_of, facets_of
from shared.search.memory_matching import Words, matches, matches_all, text_score
from shared.search.model import (
    ApplyOutcome,
    ApplyResult,
    ArticleChange,
    Completion,
    Hit,
    IndexStats,
    Lookup,
    LookupResult,
    SearchPage,
    SearchRequest,
    Sort,
    StoredArticle,
)
from shared.search.plan import IndexField, QueryPlan, plan_search, sort_of
from shared.search.ports import CursorError
from shared.search.ranking import final_score, popularity_boost, recency_boost, recency_of
from shared.search.relaxing import BEST, BestArticle, step_taken, takes_first_that_finds
from shared.search.versions import rank_of_change
from shared.search.vocabulary import IndexVocabulary, Readings


@dataclass(frozen=True)
class _Indexed:
    article: Article
    words: Words

    @property
    def published(self) -> int:
        return self.words.document.published


@dataclass(frozen=True)
class _Ranked:
    article_id: str
    score: float
    explanation: dict[str, float]


@dataclass(frozen=True)
class _Snapshot:
    plan: QueryPlan
    ranked: list[_Ranked]
    readings: Readings
    did_you_mean: str | None


@dataclass(frozen=True)
class _CountedWords:
    """A WordSource, asked by the thread that learns the words."""

    searchable: Mapping[str, _Indexed]

    def stamp(self) -> Hashable:
        return tuple((indexed.article.id, indexed.article.version) for indexed in list(self.searchable.values()))

    def words(self) -> Iterable[tuple[str, int]]:
        articles = list(self.searchable.values())
        return Counter(word for indexed in articles for word in set(indexed.words.document.surface.split())).items()

    def newest(self, limit: int) -> Iterable[Article]:
        return [indexed.article for indexed in list(self.searchable.values())[-limit:]]


class InMemoryArticleIndex:
    """Both an ArticleWriter and an ArticleReader. Not for use by several threads."""

    def __init__(self) -> None:
        self.newest: dict[str, ArticleChange] = {}
        self._waiting: dict[str, ArticleChange] = {}
        self._searchable: dict[str, _Indexed] = {}
        self._snapshots: list[_Snapshot] = []
        self._vocabulary = IndexVocabulary(_CountedWords(self._searchable))

    def analyse(self, changes: Sequence[ArticleChange]) -> None:
        """Nothing is spared by it here."""

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        outcomes = [ApplyOutcome.STALE] * len(changes)
        newest_first = sorted(range(len(changes)), key=lambda index: -rank_of_change(changes[index]))
        for index in newest_first:
            change = changes[index]
            known = self.newest.get(change.article_id)
            if known is None or rank_of_change(change) >= rank_of_change(known):
                self.newest[change.article_id] = self._waiting[change.article_id] = change
                outcomes[index] = ApplyOutcome.APPLIED
        return [
            ApplyResult(change.article_id, change.version, outcome)
            for change, outcome in zip(changes, outcomes, strict=True)
        ]

    def make_searchable(self) -> list[tuple[str, int]]:
        waiting, self._waiting = self._waiting, {}
        for change in waiting.values():
            if change.article is None:
                self._searchable.pop(change.article_id, None)
            else:
                words = Words(build_document(change.article))
                self._searchable[change.article_id] = _Indexed(change.article, words)
        return [(change.article_id, change.version) for change in waiting.values()]

    def search(self, request: SearchRequest) -> SearchPage:
        state, offset = (self._started(request), 0) if request.cursor is None else self._continued(request)
        plan, ranked = state.plan, state.ranked
        shown = ranked[offset : offset + request.limit]
        following = offset + len(shown)
        cursor = None
        if following < len(ranked):
            self._snapshots.append(state)
            cursor = encode_cursor(request, {"snapshot": len(self._snapshots) - 1, "offset": following})
        return SearchPage(
            hits=tuple(
                Hit(self._stored(hit.article_id), hit.score, hit.explanation if request.explain else None)
                for hit in shown
                if hit.article_id in self._searchable
            ),
            total=len(ranked),
            total_is_exact=True,
            read_as=plan.read_as,
            facets=facets_of(
                [self._searchable[article_id].words.document for article_id in self._matching(plan)], request.facets
            ),
            next_cursor=cursor,
            did_you_mean=state.did_you_mean if offset == 0 else None,
            readings=state.readings,
        )

    def suggest(self, text: str, limit: int) -> list[Completion]:
        clauses = title_clauses(text, self._vocabulary)
        newest = sorted(self._searchable.values(), key=lambda indexed: -indexed.published)
        found = (indexed.article for indexed in newest if matches_all(indexed.words, clauses))
        return completions_of(found, limit) if clauses else []

    def related(self, article_id: str, limit: int) -> list[Hit]:
        own = self._searchable.get(article_id)
        if own is None:
            return []
        words = set(own.words.document.stem.split())
        scores = {
            other: len(words & set(indexed.words.document.stem.split())) / len(words)
            for other, indexed in self._searchable.items()
            if other != article_id and self._cluster(other) != self._cluster(article_id)
        }
        best = sorted((other for other in scores if scores[other] > 0), key=lambda other: (-scores[other], other))
        return [Hit(self._stored(other), scores[other]) for other in best[:limit]]

    def get(self, article_id: str) -> LookupResult:
        change = self.newest.get(article_id)
        if change is None:
            return LookupResult(Lookup.UNKNOWN)
        if change.article is None:
            return LookupResult(Lookup.RETRACTED)
        return LookupResult(Lookup.FOUND, self._stored(article_id))

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        return {article_id: self.get(article_id) for article_id in article_ids}

    def stats(self) -> IndexStats:
        live = [change.article for change in self.newest.values() if change.article is not None]
        return IndexStats(
            engine="memory",
            articles=len(live),
            retracted=len(self.newest) - len(live),
            waiting=len(self._waiting),
            analyzer_version=ANALYZER_VERSION,
            categories=counts_of(label for article in live if (label := build_document(article).category)),
        )

    def ping(self) -> None:
        """There is nothing that could be away."""

    def count(self, plan: QueryPlan) -> int:
        return len(self._matching(plan))

    def articles_with(self, stems: Sequence[str]) -> dict[str, int]:
        counts = Counter(
            stem for indexed in self._searchable.values() for stem in indexed.words.counts[IndexField.STEM]
        )
        return {stem: counts[stem] for stem in stems}

    def _started(self, request: SearchRequest) -> _Snapshot:
        readings = self._vocabulary.readings(request.query)
        plans = plan_search(request, readings)
        counts = [self.count(plan) for plan in plans]
        if takes_first_that_finds(request):
            step = next((step for step, count in enumerate(counts) if count), len(plans) - 1)
        else:
            step = step_taken(counts[:-1], self._best(plans))
        correction = None if readings else did_you_mean(request, counts[0], self, self._vocabulary)
        return _Snapshot(plans[step], self._ranked(request, plans[step]), readings, correction)

    def _best(self, plans: Sequence[QueryPlan]) -> list[BestArticle]:
        """The first articles of the loosest step by their text alone."""
        words = [self._searchable[article_id].words for article_id in self._matching(plans[-1])]
        scored = sorted(((text_score(each, plans[-1]), each) for each in words), key=lambda pair: -pair[0])
        return [
            BestArticle(score, next(step for step, plan in enumerate(plans) if matches(each, plan)))
            for score, each in scored[:BEST]
        ]

    def _continued(self, request: SearchRequest) -> tuple[_Snapshot, int]:
        match decode_cursor(request, request.cursor or ""):
            case {"snapshot": int(number), "offset": int(offset)} if number < len(self._snapshots):
                return self._snapshots[number], offset
            case _:
                raise CursorError("this cursor has expired")

    def _matching(self, plan: QueryPlan) -> list[str]:
        return [article_id for article_id, indexed in self._searchable.items() if matches(indexed.words, plan)]

    def _ranked(self, request: SearchRequest, plan: QueryPlan) -> list[_Ranked]:
        recency, now = recency_of(request), int(request.now.timestamp())
        sort = sort_of(request)
        keyed: list[tuple[tuple[Any, ...], _Ranked]] = []
        for article_id in self._matching(plan):
            indexed = self._searchable[article_id]
            views = request.hottest.get(article_id, 0)
            text = text_score(indexed.words, plan)
            boosts = {
                "recency": recency_boost(recency, published=indexed.published, now=now),
                "popularity": popularity_boost(views),
            }
            score = final_score(text, **boosts) if sort is Sort.RELEVANCE else 0.0
            first = -views if sort is Sort.VIEWS else -score
            key = (first, -indexed.published, article_id)
            keyed.append((key, _Ranked(article_id, score, {"text": text, **boosts})))
        ranked = [hit for _, hit in sorted(keyed, key=lambda pair: pair[0])]
        if not request.collapse:
            return ranked
        best: dict[str, _Ranked] = {}
        for hit in ranked:
            best.setdefault(self._cluster(hit.article_id), hit)
        return list(best.values())

    def _copies(self, article_id: str) -> list[str]:
        own = self._searchable[article_id]
        signature = own.words.document.signature
        return [
            other
            for other, indexed in self._searchable.items()
            if other != article_id
            and signature
            and indexed.words.document.signature
            and abs(indexed.published - own.published) <= WINDOW.total_seconds()
            and are_copies(signature, indexed.words.document.signature)
        ]

    def _cluster(self, article_id: str) -> str:
        members = (article_id, *self._copies(article_id))
        return oldest((self._searchable[member].published, member) for member in members)[1]

    def _stored(self, article_id: str) -> StoredArticle:
        change = self.newest[article_id]
        assert change.article is not None
        if article_id not in self._searchable:
            return StoredArticle(change.article)
        cluster = self._cluster(article_id)
        return StoredArticle(change.article, sum(self._cluster(other) == cluster for other in self._searchable) - 1)
