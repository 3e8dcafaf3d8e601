"""Moving to another index while readers and writers go on: for a new analyzer, mapping or number of shards, and back.

Every stored article is analysed anew into an index that nobody uses yet. What is written meanwhile goes into the
index in use, and is copied in further passes, each shorter than the one before. Writing is blocked for the last pass
only: the workers' journal keeps what comes then. One step moves the aliases, so readers see either index, whole.

A move that was broken off, by a kill at any point, is finished by the next one. The index that was left stays as it
was, blocked for writing, until it is returned to or pruned.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import structlog
from elasticsearch import Elasticsearch

from shared.search.document import build_document
from shared.search.elasticsearch.bulk import BulkItem, write_documents
from shared.search.elasticsearch.documents import article_of, article_source, tombstone_source
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of
from shared.search.elasticsearch.index_setup import IndexNames, create_index, ensure_index, form, put_template
from shared.search.elasticsearch.listing import lacking, list_documents
from shared.search.elasticsearch.query_dsl import LIVE
from shared.search.model import ApplyOutcome
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings

_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Articles done and articles in all, of the pass that is under way."""

_BATCH: Final = 200
# When a pass copied no more than this, the last one, during which nobody writes, takes a moment.
_FEW: Final = 500
_MOST_PASSES: Final = 5
# Of this many articles the texts are compared as well, before readers get them.
_SAMPLE: Final = 50


class RebuildError(Exception):
    """The new index is not what it should be, or there is none to return to; nothing has been switched."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index. `is_ours`: its documents have the form that this version of the program writes."""

    name: str
    articles: int
    is_in_use: bool
    is_building: bool
    is_ours: bool


class IndexMoves:
    """One move at a time, please: a second one would unblock writing under the first."""

    def __init__(self, client: Elasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._names = IndexNames(settings.index_prefix)

    def states(self) -> list[IndexState]:
        """Every index, oldest first."""
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
        """Analyse every stored article into a new index and use that; returns its name.

        Raises:
            RebuildError: the new index lacks something; the old one stays in use.
            IndexUnavailableError: run it again, it goes on where it was.
        """
        states = self.states()
        current = _in_use(states)
        if current is None:
            ensure_index(self._client, self._settings)
            return self._names.index(1)
        building = next((state for state in states if state.is_building), None)
        if building == current:
            # Broken off after the switch.
            self._finish(current.name)
            return current.name
        if building is not None and building.is_ours:
            target = building.name
        else:
            target = self._names.index(self._names.number_of(states[-1].name) + 1)
            with elasticsearch_failures():
                put_template(self._client, self._settings)
                create_index(self._client, target, {self._names.building: {}})
                if building is not None:
                    self._client.indices.delete_alias(index=building.name, name=self._names.building)
        self._move(current.name, target, progress)
        return target

    def roll_back(self, progress: Progress | None = None) -> str:
        """Return to the newest earlier index of our form, with all that was written since; returns its name.

        After a change of the analyzer it is the program of before that must roll back, as only that knows the form.
        """
        states = self.states()
        current = _in_use(states)
        if current is None:
            raise RebuildError("there is no index")
        earlier = [state.name for state in states[: states.index(current)] if state.is_ours]
        if not earlier:
            raise RebuildError(f"there is no earlier index with documents of the form {form()}")
        with elasticsearch_failures():
            self._client.indices.put_alias(index=earlier[-1], name=self._names.building)
        self._move(current.name, earlier[-1], progress)
        return earlier[-1]

    def prune(self, keep: int = 1) -> list[str]:
        """Delete what is neither in use nor being built, but for the newest `keep`; returns the names."""
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
            self._check(source, target)
            self._switch(source, target)
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
                raise RebuildError(f"{item.article_id} is refused by the new index: {done.reason}")

    def _read(self, index: str, article_ids: Sequence[str]) -> list[dict[str, Any]]:
        if not article_ids:
            return []
        with elasticsearch_failures():
            return list(json_of(self._client.mget(index=index, ids=list(article_ids)))["docs"])

    def _check(self, source: str, target: str) -> None:
        """Compare everything by version and links, and a sample by its texts."""
        with elasticsearch_failures():
            self._client.indices.refresh(index=target)
        listed = lacking(list_documents(self._client, source), list_documents(self._client, target))
        ids: list[str] = []
        for article_id, is_lacking in listed:
            if is_lacking:
                raise RebuildError(f"{target} lacks {article_id} as it is in {source}")
            ids.append(article_id)
        sample = ids[:: max(len(ids) // _SAMPLE, 1)]
        for one, other in zip(self._read(source, sample), self._read(target, sample), strict=True):
            if one["_source"].get("original") != other["_source"].get("original"):
                raise RebuildError(f"{one['_id']} has another text in {target} than in {source}")

    def _switch(self, source: str, target: str) -> None:
        names = self._names
        with elasticsearch_failures():
            self._client.indices.update_aliases(
                actions=[
                    {"remove": {"index": source, "aliases": [names.read, names.writers], "must_exist": False}},
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


def _in_use(states: Sequence[IndexState]) -> IndexState | None:
    return next((state for state in states if state.is_in_use), None)


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""
