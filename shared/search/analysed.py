"""Articles that were analysed before their turn to be applied came."""

from typing import Final

from shared.events import Article
from shared.search.document import IndexDocument, build_document
from shared.search.taken_once import TakenOnce

# Some 30 kB each; more wait only when the index is slow, and are analysed again then.
_MOST_ARTICLES: Final = 1_000


class AnalysedArticles:
    """Documents until they are asked for once. Safe for threads.

    They are known by the article as an object, not by what it says: comparing articles costs more than it spares.
    """

    def __init__(self) -> None:
        # With the article itself, so that no other object gets its identity meanwhile.
        self._documents: TakenOnce[int, tuple[Article, IndexDocument]] = TakenOnce(_MOST_ARTICLES)

    def analyse(self, article: Article) -> None:
        self._documents.put(id(article), (article, build_document(article)))

    def take(self, article: Article) -> IndexDocument:
        """Analyses it now when nobody has."""
        analysed = self._documents.take(id(article))
        return build_document(article) if analysed is None else analysed[1]
