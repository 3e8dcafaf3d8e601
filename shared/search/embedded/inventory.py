"""What the article store holds, as operators compare and copy it. Its words do not matter here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from shared.search.embedded.database import FILE_NAME, Database
from shared.search.embedded.json_lists import as_json
from shared.search.embedded.prepare import article_of
from shared.search.model import ArticleChange, HeldArticle
from shared.search.versions import held_article

_PAGE: Final = 500


def has_store(folder: Path) -> bool:
    """Whether there is an embedded index, used or not."""
    return (folder / FILE_NAME).is_file()


class EmbeddedArticleInventory:
    """An ArticleInventory over one folder; changes nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder, read_only=True)

    def count(self) -> int:
        with self._database.session() as session:
            return int(session.value("held_count"))

    def pages(self) -> Iterator[list[HeldArticle]]:
        after = 0
        while True:
            with self._database.session() as session:
                rows = session.rows("held_after", key=after, limit=_PAGE)
            if not rows:
                return
            yield [held_article(row["article_id"], row["rank"], row["category"]) for row in rows]
            after = rows[-1]["key"]

    def held(self, article_ids: Sequence[str]) -> dict[str, HeldArticle]:
        with self._database.session() as session:
            rows = session.rows("held", article_ids=as_json(article_ids))
        return {row["article_id"]: held_article(row["article_id"], row["rank"], row["category"]) for row in rows}

    def changes(self, article_ids: Sequence[str]) -> list[ArticleChange]:
        with self._database.session() as session:
            rows = session.rows("articles_by_id", article_ids=as_json(article_ids))
        return [
            ArticleChange(row["article_id"], row["rank"] // 2, None if row["article"] is None else article_of(row))
            for row in rows
        ]
