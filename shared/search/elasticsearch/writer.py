"""The workers' side of the search port on Elasticsearch."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from elasticsearch import Elasticsearch

from shared.search.analysed import AnalysedArticles
from shared.search.elasticsearch.bulk import MOST_DOCUMENTS, BulkItem, ItemOutcome, write_documents
from shared.search.elasticsearch.copies import CopyLinker, Member, Story, links_among
from shared.search.elasticsearch.documents import article_source, key_of, tombstone_source
from shared.search.elasticsearch.failures import ElasticsearchTooSlowError, elasticsearch_failures, json_of
from shared.search.elasticsearch.index_setup import IndexNames, ensure_index
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.ports import IndexUnavailableError
from shared.search.versions import rank_of_change
from shared.settings import IndexSettings

# An index may be exchanged for one that takes everything and can be searched for nothing; no error would tell.
_LOOK_AGAIN_SECONDS: Final = 5.0
# After a request that was not answered in time the next ones are so many times smaller, and twice as large again after
# each batch that went well. A node that needs six seconds for a batch would else be given the same batch for ever.
_CUT: Final = 4
_FEWEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A change and the document that it becomes; `member` is None for a retraction."""

    change: ArticleChange
    key: int
    item: BulkItem
    member: Member | None


class ElasticsearchArticleWriter:
    """Safe to share between threads, and any number of processes may write at once.

    The index is made when it is first needed, so a worker starts although Elasticsearch does not answer yet.
    """

    def __init__(self, client: Elasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._names = IndexNames(settings.index_prefix)
        self._analysed = AnalysedArticles()
        self._linker = CopyLinker(client, self._names)
        self._ensured_at: float | None = None
        self._most_documents = MOST_DOCUMENTS
        self._searchable: list[tuple[str, int]] = []
        self._lock = Lock()

    def analyse(self, changes: Sequence[ArticleChange]) -> None:
        for change in changes:
            if change.article is not None:
                self._analysed.analyse(change.article)

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        newest = _newest(changes)
        most = self._most_documents
        outcomes: dict[str, ItemOutcome] = {}
        try:
            self._ensure()
            for chunk in _chunks(newest.values(), most):
                outcomes |= self._write(chunk)
            if any(done.outcome is ApplyOutcome.REJECTED for done in outcomes.values()):
                # An index with another mapping refuses what is fine.
                ensure_index(self._client, self._settings)
        except IndexUnavailableError as error:
            # Perhaps the index is gone: look again, next time.
            self._ensured_at = None
            if isinstance(error, ElasticsearchTooSlowError):
                self._most_documents = max(min(most, len(newest)) // _CUT, _FEWEST)
            raise
        self._most_documents = min(most * 2, MOST_DOCUMENTS)
        return [_result(change, newest[change.article_id], outcomes) for change in changes]

    def make_searchable(self) -> list[tuple[str, int]]:
        self._ensure()
        with self._lock:
            searchable, self._searchable = self._searchable, []
        return searchable

    def close(self) -> None:
        self._client.close()

    def _ensure(self) -> None:
        if self._ensured_at is None or time.monotonic() - self._ensured_at > _LOOK_AGAIN_SECONDS:
            ensure_index(self._client, self._settings)
            self._ensured_at = time.monotonic()

    def _write(self, chunk: Sequence[ArticleChange]) -> dict[str, ItemOutcome]:
        prepared = self._prepare(chunk)
        outcomes = write_documents(self._client, self._names.write, (each.item for each in prepared))
        applied = [each for each, done in zip(prepared, outcomes, strict=True) if done.outcome is ApplyOutcome.APPLIED]
        if applied:
            self._show(applied)
        return {each.change.article_id: done for each, done in zip(prepared, outcomes, strict=True)}

    def _prepare(self, chunk: Sequence[ArticleChange]) -> list[_Prepared]:
        """Analyse the articles, and link those that are copies of each other."""
        articles = {key_of(change.article_id): change.article for change in chunk if change.article}
        documents = {key: self._analysed.take(article) for key, article in articles.items()}
        stories = {
            key: Story(document.article_id, document.published, document.signature)
            for key, document in documents.items()
        }
        links = links_among(stories)
        prepared: list[_Prepared] = []
        for change in chunk:
            key, rank = key_of(change.article_id), rank_of_change(change)
            if change.article is None:
                prepared.append(
                    _Prepared(change, key, BulkItem(change.article_id, rank, tombstone_source(change.article_id)), None)
                )
                continue
            source = article_source(documents[key], change.article, links[key].cluster, links[key].copies)
            member = Member(stories[key], rank, links[key])
            prepared.append(_Prepared(change, key, BulkItem(change.article_id, rank, source), member))
        return prepared

    def _show(self, applied: Sequence[_Prepared]) -> None:
        """Refresh, for copies are looked for among what can be searched.

        Part of applying, not of `make_searchable`: when a worker dies in between, the events are still in its
        journal and all of this is done again.
        """
        self._refresh()
        written = {each.key: each.member for each in applied if each.member is not None}
        if self._linker.link(written, [each.key for each in applied if each.member is None]):
            self._refresh()
        with self._lock:
            self._searchable += [(each.change.article_id, each.change.version) for each in applied]

    def _refresh(self) -> None:
        with elasticsearch_failures():
            answer = json_of(self._client.indices.refresh(index=self._names.write))
        if answer["_shards"]["failed"]:
            raise IndexUnavailableError(f"{answer['_shards']['failed']} shards could not be refreshed")


def _newest(changes: Sequence[ArticleChange]) -> dict[str, ArticleChange]:
    """Of each article, the change that wins; the last of equal ones."""
    newest: dict[str, ArticleChange] = {}
    for change in changes:
        known = newest.get(change.article_id)
        if known is None or rank_of_change(change) >= rank_of_change(known):
            newest[change.article_id] = change
    return newest


def _chunks(changes: Iterable[ArticleChange], most: int) -> Iterator[list[ArticleChange]]:
    """As many as go into one request, so that as many analysed articles are in memory at most."""
    chunk: list[ArticleChange] = []
    for change in changes:
        chunk.append(change)
        if len(chunk) == most:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _result(change: ArticleChange, newest: ArticleChange, outcomes: Mapping[str, ItemOutcome]) -> ApplyResult:
    if rank_of_change(change) < rank_of_change(newest):
        return ApplyResult(change.article_id, change.version, ApplyOutcome.STALE)
    done = outcomes[change.article_id]
    return ApplyResult(change.article_id, change.version, done.outcome, done.reason)
