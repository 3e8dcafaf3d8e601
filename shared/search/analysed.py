"""Articles that were analysed before their turn to be applied came."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from shared.events import Article
from shared.search.document import IndexDocument, build_document

# Some 30 kB each; more wait only when the index is slow, and are analysed again then.
_MOST_ARTICLES: Final = 1_000


class AnalysedArticles:
    """Documents until they are asked for once. Safe for threads.

    They are known by the article as an object, not by what it says: comparing articles costs more than it spares.
    """

    def __init__(self) -> None:
        # With the article itself, so that no other object gets its identity meanwhile.
        self._documents: OrderedDict[int, tuple[Article, IndexDocument]] = OrderedDict()
        self._lock = Lock()

    def analyse(self, article: Article) -> None:
        document = build_document(article)
        with self._lock:
            self._documents[id(article)] = (article, document)
            while len(self._documents) > _MOST_ARTICLES:
                self._documents.popitem(last=False)

    def take(self, article: Article) -> IndexDocument:
        """Analyses it now when nobody has."""
        with self._lock:
            analysed = self._documents.pop(id(article), None)
        return build_document(article) if analysed is None else analysed[1]
