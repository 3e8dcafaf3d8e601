"""Keep analysed articles between apply and flush, which mostly happen in one process, one after the other."""

from typing import Any, Final

from shared.events import Article
from shared.search.document import IndexDocument, build_document
from shared.search.taken_once import TakenOnce

# Some 30 kB each; a batch has at most 500 articles.
_MOST_DOCUMENTS: Final = 1_000


class DocumentCache:
    """Documents by the number of the change that brought them. What is not here is analysed again."""

    def __init__(self) -> None:
        self._documents: TakenOnce[int, IndexDocument] = TakenOnce(_MOST_DOCUMENTS)

    def put(self, change: int, document: IndexDocument) -> None:
        self._documents.put(change, document)

    def take(self, row: Any) -> IndexDocument:
        """The document of a row of the article store."""
        return self._documents.take(row["change"]) or build_document(article_of(row))


def article_of(row: Any) -> Article:
    """The stored article; fields that a newer version may have written are ignored."""
    return Article.model_validate_json(row["article"], extra="ignore")
