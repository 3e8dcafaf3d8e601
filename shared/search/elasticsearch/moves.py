"""Moving to another index while readers and writers go on: for a new analyzer, mapping or number of shards, and back.

Every stored article is analysed anew into an index that nobody uses yet. What is written meanwhile goes into the
index in use, and is copied in further passes, each shorter than the one before. Writing is blocked for the last pass
only: the workers' journal keeps what comes then. One step moves the aliases, so readers see either index, whole.

A move that was broken off, by a kill at any point, is finished by the next one. The index that was left stays as it
was, blocked for writing, until it is returned to or pruned.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import structlog
from elasticsearch import Elasticsearch

from shared.search.document import build_document
from shared.search.elasticsearch.bulk import BulkItem, write_documents
from shared.search.elasticsearch.documents import article_of, article_source, tombstone_source
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of
from shared.search.elasticsearch.index_setup import IndexNames, create_index, form, make_first_index, put_template
from shared.search.elasticsearch.listing import lacking, list_documents
from shared.search.elasticsearch.query_dsl import LIVE
from shared.search.model import ApplyOutcome, IndexState
from shared.search.ports import IndexMoveError, IndexUnavailableError, Progress
from shared.settings import IndexSettings

_log = structlog.get_logger(__name__)

_BATCH: Final = 200
# When a pass copied no more than this, the last one, during which nobody writes, takes a moment.
_FEW: Final = 500
_MOST_PASSES: Final = 5
# Of this many articles the texts are compared as well, before readers get them.
_SAMPLE: Final = 50


class ElasticsearchIndexMoves:
    """An IndexMoves; see that one moves at a time: a second one would unblock writing under the first."""

    def __init__(self, client: Elasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._names = IndexNames(settings.index_prefix)

    def create(self) -> str:
        """Make the index, or give an index that lost its aliases to readers and writers again.

        The template is written each time, so the next index follows the settings of today.
        """
        states = self.states()
        with elasticsearch_failures():
            if not states:
                make_first_index(self._client, self._settings)
                return self._names.index(1)
            put_template(self._client, self._settings)
        current = self._in_use(states)
        if not current.is_ours:
            raise IndexMoveError(f"{current.name} has documents of another form: run `khobor index rebuild`")
        self._use(current.name)
        return current.name

    def states(self) -> list[IndexState]:
        with elasticsearch_failures():
            indices = json_of(self._client.indices.get(index=self._names.pattern, allow_no_indices=True))
            counts = {name: int(json_of(self._client.count(index=name, query=LIVE))["count"]) for name in indices}
        found = [
            IndexState(
                name=name,
                articles=counts[name],
                is_in_use=self._names.read in index["aliases"],
                is_building=self._names.building in index["aliases"],
                is_ours=index["mappings"].get("_meta", {}).get("form") == form(),
            )
            for name, index in indices.items()
        ]
        return sorted(found, key=lambda state: self._names.number_of(state.name))

    def rebuild(self, progress: Progress | None = None) -> str:
        states = self.states()
        if not states:
            return self.create()
        current = self._in_use(states)
        building = next((state for state in states if state.is_building), None)
        if building is not None and building.name == current.name:
            # Broken off after the switch.
            self._finish(current.name)
            return current.name
        if building is not None and building.is_ours:
            target = building.name
        else:
            target = self._names.index(self._names.number_of(states[-1].name) + 1)
            with elasticsearch_failures():
                if building is not None:
                    self._client.indices.delete(index=building.name)
                put_template(self._client, self._settings)
                create_index(self._client, self._settings, target, {self._names.building: {}})
        self._move(current.name, target, progress)
        return target

    def roll_back(self, progress: Progress | None = None) -> str:
        states = self.states()
        if not states:
            raise IndexMoveError("there is no index")
        current = self._in_use(states)
        before = (state for state in states if self._names.number_of(state.name) < self._names.number_of(current.name))
        earlier = [state.name for state in before if state.is_ours]
        if not earlier:
            raise IndexMoveError(f"there is no earlier index with documents of the form {form()}")
        with elasticsearch_failures():
            for state in states:
                # A rebuild that was broken off; the index in use may have the alias still.
                if state.is_building and not state.is_in_use and state.name != earlier[-1]:
                    self._client.indices.delete(index=state.name)
            self._client.indices.update_aliases(
                actions=[
                    {"remove": {"index": self._names.pattern, "alias": self._names.building, "must_exist": False}},
                    {"add": {"index": earlier[-1], "alias": self._names.building}},
                ]
            )
        self._move(current.name, earlier[-1], progress)
        return earlier[-1]

    def prune(self, keep: int = 1) -> list[str]:
        unused = [state.name for state in self.states() if not state.is_in_use and not state.is_building]
        pruned = unused[: max(len(unused) - keep, 0)]
        with elasticsearch_failures():
            for name in pruned:
                self._client.indices.delete(index=name)
        return pruned

    def _move(self, source: str, target: str, progress: Progress | None) -> None:
        report = progress or _silent
        self._unblock(target)
        for _ in range(_MOST_PASSES):
            if self._pass(source, target, report) <= _FEW:
                break
        with self._nobody_writing(source):
            self._pass(source, target, report)
            self._check(source, target, report)
            self._use(target)
        # Nobody can have written to the source since; should somebody have found a way, this brings it over.
        self._pass(source, target, report)
        self._finish(target)
        _log.info("index.switched", source=source, target=target)

    def _finish(self, target: str) -> None:
        with elasticsearch_failures():
            self._client.indices.delete_alias(index=target, name=self._names.building)

    def _pass(self, source: str, target: str, report: Progress) -> int:
        """Copy what the target lacks; returns how many documents that were."""
        with elasticsearch_failures():
            self._client.indices.refresh(index=[source, target])
            total = int(json_of(self._client.count(index=source))["count"])
        copied = done = 0
        compared = lacking(list_documents(self._client, source), list_documents(self._client, target))
        while batch := list(islice(compared, _BATCH)):
            missing = [article_id for article_id, is_lacking in batch if is_lacking]
            self._copy(source, missing)
            copied += len(missing)
            done += len(batch)
            report(done, max(total, done))
        return copied

    def _copy(self, source: str, article_ids: Sequence[str]) -> None:
        items = [_anew(document) for document in self._read(source, article_ids) if document["found"]]
        for item, done in zip(items, write_documents(self._client, self._names.building, items), strict=True):
            if done.outcome is ApplyOutcome.REJECTED:
                raise IndexMoveError(f"{item.article_id} is refused by the new index: {done.reason}")

    def _read(self, index: str, article_ids: Sequence[str]) -> list[dict[str, Any]]:
        if not article_ids:
            return []
        with elasticsearch_failures():
            return list(json_of(self._client.mget(index=index, ids=list(article_ids)))["docs"])

    def _check(self, source: str, target: str, report: Progress) -> None:
        """Compare everything by version and links, and a sample by its texts."""
        with elasticsearch_failures():
            self._client.indices.refresh(index=target)
        listed = lacking(list_documents(self._client, source), list_documents(self._client, target))
        ids: list[str] = []
        for article_id, is_lacking in listed:
            if is_lacking:
                raise IndexMoveError(f"{target} lacks {article_id} as it is in {source}")
            ids.append(article_id)
            report(len(ids), len(ids))
        sample = ids[:: max(len(ids) // _SAMPLE, 1)]
        for one, other in zip(self._read(source, sample), self._read(target, sample), strict=True):
            if one["_source"].get("original") != other["_source"].get("original"):
                raise IndexMoveError(f"{one['_id']} has another text in {target} than in {source}")

    def _in_use(self, states: Sequence[IndexState]) -> IndexState:
        """The index that readers use. When somebody removed the alias, the one that was left to be written to."""
        current = next((state for state in states if state.is_in_use), None)
        if current is not None:
            return current
        with elasticsearch_failures():
            flat = json_of(self._client.indices.get_settings(index=self._names.pattern, flat_settings=True))
            blocked = {name for name, index in flat.items() if index["settings"].get("index.blocks.write") == "true"}
            written = [state for state in states if not state.is_building and state.name not in blocked]
            if not written:
                raise IndexMoveError(f"no index has the alias {self._names.read}, and none is whole")
            self._client.indices.put_alias(index=written[-1].name, name=self._names.read)
        return replace(written[-1], is_in_use=True)

    def _use(self, target: str) -> None:
        """In one step: readers and writers go from wherever they are to this index."""
        names = self._names
        with elasticsearch_failures():
            self._client.indices.update_aliases(
                actions=[
                    {"remove": {"index": names.pattern, "aliases": [names.read, names.writers], "must_exist": False}},
                    {"add": {"index": target, "alias": names.read}},
                    {"add": {"index": target, "alias": names.write, "is_write_index": True}},
                ]
            )

    @contextmanager
    def _nobody_writing(self, index: str) -> Iterator[None]:
        """Blocked for good, unless something goes wrong. Elasticsearch waits for what is under way."""
        with elasticsearch_failures():
            self._client.indices.add_block(index=index, block="write")
        try:
            yield
        except BaseException:
            with suppress(IndexUnavailableError):
                self._unblock(index)
            raise

    def _unblock(self, index: str) -> None:
        with elasticsearch_failures():
            self._client.indices.put_settings(index=index, settings={"index.blocks.write": None})


def _anew(document: dict[str, Any]) -> BulkItem:
    """The stored article in the form of today; its copies are known already."""
    stored = document["_source"]
    if stored["retracted"]:
        return BulkItem(document["_id"], document["_version"], tombstone_source(document["_id"]))
    article = article_of(stored)
    source = article_source(build_document(article), article, stored["cluster"], stored["copies"])
    return BulkItem(article.id, document["_version"], source)


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""
