"""The embedded engine as workers see it."""

from collections.abc import Sequence
from pathlib import Path

from shared.search.analysed import AnalysedArticles
from shared.search.document import IndexDocument
from shared.search.embedded.database import Database
from shared.search.embedded.flush import Flusher
from shared.search.embedded.prepare import DocumentCache
from shared.search.embedded.store import put, ranks
from shared.search.model import ApplyOutcome, ApplyResult, ArticleChange
from shared.search.versions import rank_of_change


class EmbeddedArticleWriter:
    """An ArticleWriter over one folder; any number of them, in any number of processes, may share it.

    What `apply` has returned is on disk: it survives a crash of the process and of the machine. Nothing is ever
    rejected: whatever is a valid article can be stored, though of "words" longer than 128 letters none is found.
    """

    def __init__(self, folder: Path) -> None:
        """Raises IndexUnavailableError when the folder cannot be written."""
        self._database = Database(folder, read_only=False)
        self._database.prepare()
        self._analysed = AnalysedArticles()
        self._documents = DocumentCache()
        self._flusher = Flusher(folder, self._database, self._documents)
        self._flusher.prepare()

    def analyse(self, changes: Sequence[ArticleChange]) -> None:
        for index in self._fresh(changes):
            if (article := changes[index].article) is not None:
                self._analysed.analyse(article)

    def apply(self, changes: Sequence[ArticleChange]) -> list[ApplyResult]:
        outcomes = [ApplyOutcome.STALE] * len(changes)
        fresh = self._fresh(changes)
        documents = {index: self._document(changes[index]) for index in fresh}
        newest_first = sorted(fresh, key=lambda index: rank_of_change(changes[index]), reverse=True)
        put_changes: dict[int, int] = {}
        with self._database.session() as session, session.transaction():
            for index in newest_first:
                change = put(session, changes[index], documents[index])
                if change is not None:
                    put_changes[index] = change
        for index, change in put_changes.items():
            outcomes[index] = ApplyOutcome.APPLIED
            if (document := documents[index]) is not None:
                self._documents.put(change, document)
        return [
            ApplyResult(change.article_id, change.version, outcome)
            for change, outcome in zip(changes, outcomes, strict=True)
        ]

    def make_searchable(self) -> list[tuple[str, int]]:
        return self._flusher.flush()

    def close(self) -> None:
        self._flusher.close()
        self._database.close()

    def _fresh(self, changes: Sequence[ArticleChange]) -> list[int]:
        """Most repeats end here, before the costly analysis; the transaction looks again."""
        with self._database.session() as session:
            known = ranks(session, [change.article_id for change in changes])
        return [
            index for index, change in enumerate(changes) if rank_of_change(change) >= known.get(change.article_id, 0)
        ]

    def _document(self, change: ArticleChange) -> IndexDocument | None:
        return None if change.article is None else self._analysed.take(change.article)
