"""Keep analysed articles between apply and flush, which mostly happen in one process, one after the other."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from shared.events import Article
from shared.search.document import IndexDocument, build_document

# Some 30 kB each; a batch has at most 500 articles.
_MOST_DOCUMENTS: Final = 1_000


class DocumentCache:
    """Documents by the number of the change that brought them. What is not here is analysed again."""

    def __init__(self) -> None:
        self._documents: OrderedDict[int, IndexDocument] = OrderedDict()
        self._lock = Lock()

    def put(self, change: int, document: IndexDocument) -> None:
        with self._lock:
            self._documents[change] = document
            while len(self._documents) > _MOST_DOCUMENTS:
                self._documents.popitem(last=False)

    def take(self, row: Any) -> IndexDocument:
        """The document of a row of the article store."""
        with self._lock:
            document = self._documents.pop(row["change"], None)
        return document or build_document(article_of(row))


def article_of(row: Any) -> Article:
    """The stored article; fields that a newer version may have written are ignored."""
    return Article.model_validate_json(row["article"], extra="ignore")
