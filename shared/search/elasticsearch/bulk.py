"""Bulk requests: NDJSON bodies bounded by bytes and count, and what became of each document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from elasticsearch import ApiError, Elasticsearch

from shared.search.elasticsearch.failures import elasticsearch_failures, json_of, reason_of
from shared.search.model import ApplyOutcome
from shared.search.ports import IndexUnavailableError

# Large enough that a request's own cost (1 ms) disappears. Small, because a cold or crowded node indexes no more than
# some hundred kilobytes per second, and a batch that never ends in time would be tried again for ever.
MOST_DOCUMENTS: Final = 500
MOST_BYTES: Final = 2 * 1024 * 1024

# How long Elasticsearch waits for a shard that no node has; less than the client waits, so that it says what is wrong.
_WAIT_FOR_SHARD: Final = "2s"

_CONFLICT: Final = 409
_TOO_LARGE: Final = 413
_BAD_REQUEST: Final = 400
# Answered with 400 as well, yet not faults of the document: it is fine as soon as somebody repairs the index.
_FAULTS_OF_THE_INDEX: Final = frozenset({"strict_dynamic_mapping_exception", "index_closed_exception"})
_NO_WRITE_INDEX: Final = "no write index is defined for alias"


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One document; `version` as Elasticsearch counts, see `documents.external_version`."""

    article_id: str
    version: int
    source: bytes


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    outcome: ApplyOutcome
    reason: str | None = None


def write_documents(client: Elasticsearch, alias: str, items: Iterable[BulkItem]) -> list[ItemOutcome]:
    """Index each document unless the index holds a newer version; outcomes in the order of the items.

    Raises:
        IndexUnavailableError: some documents could not be written now. All others have been tried before that.
    """
    outcomes: list[ItemOutcome] = []
    faults: list[str] = []
    for chunk in _chunks(items):
        outcomes.extend(_write(client, alias, chunk, faults))
    if faults:
        raise IndexUnavailableError(f"{len(faults)} documents could not be written now; the first: {faults[0]}")
    return outcomes


def _chunks(items: Iterable[BulkItem]) -> Iterator[list[BulkItem]]:
    chunk: list[BulkItem] = []
    size = 0
    for item in items:
        if chunk and (len(chunk) == MOST_DOCUMENTS or size + len(item.source) > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += len(item.source)
    if chunk:
        yield chunk


def _write(client: Elasticsearch, alias: str, chunk: Sequence[BulkItem], faults: list[str]) -> list[ItemOutcome]:
    with elasticsearch_failures():
        try:
            response = client.bulk(
                operations=_operations(chunk),  # type: ignore[arg-type] # lines of JSON are taken as they are
                index=alias,
                # Without it a missing alias would become an index of that name with a guessed mapping.
                require_alias=True,
                timeout=_WAIT_FOR_SHARD,
                filter_path=["items.*.status", "items.*.error"],
            )
        except ApiError as error:
            if error.status_code != _TOO_LARGE:
                raise
            response = None
    if response is None:
        return _write_less(client, alias, chunk, faults)
    return [_outcome(result["index"], faults) for result in json_of(response)["items"]]


def _write_less(client: Elasticsearch, alias: str, chunk: Sequence[BulkItem], faults: list[str]) -> list[ItemOutcome]:
    """The server, or a proxy before it, takes smaller requests only."""
    if len(chunk) == 1:
        return [ItemOutcome(ApplyOutcome.REJECTED, f"{len(chunk[0].source)} bytes are more than Elasticsearch takes")]
    half = len(chunk) // 2
    return [*_write(client, alias, chunk[:half], faults), *_write(client, alias, chunk[half:], faults)]


def _operations(chunk: Sequence[BulkItem]) -> list[bytes]:
    lines: list[bytes] = []
    for item in chunk:
        action = {"_id": item.article_id, "version": item.version, "version_type": "external_gte"}
        lines += (orjson.dumps({"index": action}), item.source)
    return lines


def _outcome(result: dict[str, Any], faults: list[str]) -> ItemOutcome:
    status = int(result["status"])
    error = result.get("error", {})
    if not error:
        return ItemOutcome(ApplyOutcome.APPLIED)
    if status == _CONFLICT:
        return ItemOutcome(ApplyOutcome.STALE)
    reason = reason_of(error)
    if status in {_BAD_REQUEST, _TOO_LARGE} and not _is_fault_of_the_index(str(error.get("type")), reason):
        return ItemOutcome(ApplyOutcome.REJECTED, reason)
    faults.append(f"{status} {reason}")
    return ItemOutcome(ApplyOutcome.REJECTED)


def _is_fault_of_the_index(kind: str, reason: str) -> bool:
    return kind in _FAULTS_OF_THE_INDEX or reason.startswith(_NO_WRITE_INDEX)
