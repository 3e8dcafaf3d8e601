"""A stand-in for Elasticsearch that workers talk to over HTTP: bulk writes with external versions, and nothing to find.

It is there to be broken on demand and to remember exactly what it took; the contract tests run on the real one.
"""

import threading
from typing import Any, Final

import orjson

from tests.support.http_fault_proxy import Answer, HttpFaultProxy, Request

# An article with this word in its title is refused, as one that does not fit the mapping.
REFUSED_WORD: Final = "মানচিত্রহীন"

_HEADERS: Final = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
_STALE: Final = {"type": "version_conflict_engine_exception", "reason": "there is a newer version"}
_MISSING: Final = {"type": "index_not_found_exception", "reason": "no such index"}
_NAME: Final = "the-only-one"
_REFUSED: Final = {"type": "document_parsing_exception", "reason": "it fits no field"}


class FakeElasticsearch(HttpFaultProxy):
    """Listens on a free port of loopback; `fault` stands in front of it, as of a real server."""

    def __init__(self) -> None:
        super().__init__("http://nowhere.invalid")
        self.stale = 0
        self._write_lock = threading.Lock()
        # The only index: its aliases and its mapping.
        self._index: dict[str, Any] | None = None
        self._documents: dict[str, tuple[int, dict[str, Any]]] = {}

    def pass_on(self, request: Request, headers: dict[str, str]) -> Answer:
        """Answer by itself."""
        with self._write_lock:
            status, body = self._answer(request.method, request.path.partition("?")[0], request.body)
        return Answer(status, orjson.dumps(body), _HEADERS)

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        match path.rpartition("/")[2]:
            case "_bulk":
                return 200, {"items": [{"index": item} for item in self._bulk(body.splitlines())]}
            case "_refresh":
                return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}
            case "_search":
                return 200, {"hits": {"hits": []}, "aggregations": {"clusters": {"buckets": []}}}
            case "_mget":
                return 200, {"docs": [self._document(article_id) for article_id in orjson.loads(body)["ids"]]}
            case "_mapping" if self._index is None or path.split("/")[1] not in self._index["aliases"]:
                return 404, {"error": _MISSING}
            case "_mapping":
                return 200, {_NAME: self._index}
        if path.startswith("/_index_template/"):
            # Asked for only where there is no index: then there has never been one.
            return (404 if method == "HEAD" else 200), {}
        if method == "PUT":
            self._index = orjson.loads(body)
            return 200, {"acknowledged": True}
        return 200, {} if self._index is None else {_NAME: self._index}

    def _bulk(self, lines: list[bytes]) -> list[dict[str, Any]]:
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [self._write(orjson.loads(action)["index"], orjson.loads(source)) for action, source in pairs]

    def _write(self, action: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        article_id, version = action["_id"], action["version"]
        if REFUSED_WORD in source.get("original", {}).get("title", ""):
            return {"status": 400, "error": _REFUSED}
        if article_id in self._documents and self._documents[article_id][0] > version:
            self.stale += 1
            return {"status": 409, "error": _STALE}
        self._documents[article_id] = (version, source)
        return {"status": 200}

    def _document(self, article_id: str) -> dict[str, Any]:
        if article_id not in self._documents:
            return {"_id": article_id, "found": False}
        version, source = self._documents[article_id]
        return {"_id": article_id, "found": True, "_version": version, "_source": source}
