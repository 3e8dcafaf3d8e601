"""The readers' side of the article store: articles by key and by id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shared.events import Article
from shared.search.embedded.database import Database
from shared.search.embedded.json_lists import as_json
from shared.search.embedded.prepare import article_of
from shared.search.model import Lookup, LookupResult, StoredArticle

# Ids of hot articles are asked for with every search and never change their keys.
_MOST_KEYS: Final = 10_000


class ArticleStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys: dict[str, int] = {}

    def by_key(self, keys: Sequence[int]) -> dict[int, StoredArticle]:
        """The live articles among `keys`; one that was retracted since the words were indexed is left out."""
        with self._database.session() as session:
            rows = session.rows("hits_by_key", keys=as_json(keys))
        return {row["key"]: _stored(row) for row in rows}

    def get_many(self, article_ids: Sequence[str]) -> dict[str, LookupResult]:
        with self._database.session() as session:
            rows = session.rows("articles_by_id", article_ids=as_json(article_ids))
        known = {row["article_id"]: row for row in rows}
        return {article_id: _lookup(known.get(article_id)) for article_id in article_ids}

    def newest(self, limit: int) -> list[Article]:
        """The live articles that were changed last."""
        with self._database.session() as session:
            return [article_of(row) for row in session.rows("newest_articles", limit=limit)]

    def place_of(self, article_id: str) -> tuple[int, int | None] | None:
        """The key and the cluster of a live article."""
        with self._database.session() as session:
            row = session.row("place_of", article_id=article_id)
        return None if row is None else (row["key"], row["cluster"])

    def keys_of(self, article_ids: Iterable[str]) -> dict[str, int]:
        """The keys of the articles that were ever stored."""
        wanted = list(article_ids)
        missing = [article_id for article_id in wanted if article_id not in self._keys]
        if missing:
            with self._database.session() as session:
                found = {
                    row["article_id"]: row["key"] for row in session.rows("keys_by_id", article_ids=as_json(missing))
                }
            if len(self._keys) + len(found) > _MOST_KEYS:
                self._keys = {}
            self._keys = {**self._keys, **found}
        keys: Mapping[str, int] = self._keys
        return {article_id: keys[article_id] for article_id in wanted if article_id in keys}


def _stored(row: Any) -> StoredArticle:
    return StoredArticle(article_of(row), copies=max(row["copies"], 0))


def _lookup(row: Any) -> LookupResult:
    if row is None:
        return LookupResult(Lookup.UNKNOWN)
    if row["article"] is None:
        return LookupResult(Lookup.RETRACTED)
    return LookupResult(Lookup.FOUND, _stored(row))
