"""The workers' side of the search port on Elasticsearch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock

from elasticsearch import Elasticsearch

from shared.search.document import build_document
from shared.search.elasticsearch.bulk import BulkItem, ItemOutcome, write_documents
from shared.search.elasticsearch.copies import CopyLinker
from shared.search.elasticsearch.documents import article_source, key_of, tombstone_source
from shared.search.elasticsearch.failures import elasticsearch_failures
from shared.search.elasticsearch.index_setup import IndexNames, ensure_index
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.ports import IndexUnavailableError
from shared.search.versions import rank_of_change
from shared.settings import IndexSettings


class ElasticsearchArticleWriter:
    """Safe to share between threads, and any number of processes may write at once.

    The index is made when it is first needed, so a worker starts although Elasticsearch does not answer yet.
    """

    def __init__(self, client: Elasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._names = IndexNames(settings.index_prefix)
        self._linker = CopyLinker(client, self._names)
        self._is_ensured = False
        self._searchable: list[tuple[str, int]] = []
        self._lock = Lock()

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        if not changes:
            return []
        newest = _newest(changes)
        signatures: dict[str, bytes] = {}
        try:
            self._ensure()
            outcomes = dict(
                zip(
                    newest,
                    write_documents(self._client, self._names.write, _items(newest.values(), signatures)),
                    strict=True,
                )
            )
            applied = {
                article_id: change
                for article_id, change in newest.items()
                if outcomes[article_id].outcome is ApplyOutcome.APPLIED
            }
            if applied:
                self._show(applied, signatures)
        except IndexUnavailableError:
            # Perhaps the index is gone: look again, next time.
            self._is_ensured = False
            raise
        return [_result(change, newest[change.article_id], outcomes) for change in changes]

    def make_searchable(self) -> list[tuple[str, int]]:
        self._ensure()
        with self._lock:
            searchable, self._searchable = self._searchable, []
        return searchable

    def close(self) -> None:
        self._client.close()

    def _ensure(self) -> None:
        if not self._is_ensured:
            ensure_index(self._client, self._settings)
            self._is_ensured = True

    def _show(self, applied: Mapping[str, ArticleChange], signatures: Mapping[str, bytes]) -> None:
        """Refresh, for copies are looked for among what can be searched.

        Part of applying, not of `make_searchable`: when a worker dies in between, the events are still in its
        journal and all of this is done again.
        """
        self._refresh()
        if self._linker.link({article_id: signatures.get(article_id, b"") for article_id in applied}):
            self._refresh()
        with self._lock:
            self._searchable += [(change.article_id, change.version) for change in applied.values()]

    def _refresh(self) -> None:
        with elasticsearch_failures():
            answer = self._client.indices.refresh(index=self._names.write)
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


def _items(changes: Iterable[ArticleChange], signatures: dict[str, bytes]) -> Iterator[BulkItem]:
    """Analysed one by one while the requests are built, so that a chunk at a time is in memory."""
    for change in changes:
        if change.article is None:
            source = tombstone_source(change.article_id)
        else:
            document = build_document(change.article)
            signatures[change.article_id] = document.signature
            source = article_source(document, change.article, cluster=key_of(change.article_id), copies=())
        yield BulkItem(change.article_id, rank_of_change(change), source)


def _result(change: ArticleChange, newest: ArticleChange, outcomes: Mapping[str, ItemOutcome]) -> ApplyResult:
    if rank_of_change(change) < rank_of_change(newest):
        return ApplyResult(change.article_id, change.version, ApplyOutcome.STALE)
    done = outcomes[change.article_id]
    return ApplyResult(change.article_id, change.version, done.outcome, done.reason)
