"""Documents analysed beforehand, to measure what a path costs without the analysis.

`python -m bench.prepared FILE` is a worker like `python -m services.indexer worker` that takes its documents from FILE.
"""

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import services.indexer.__main__ as indexer
from shared.events import Article
from shared.search.document import IndexDocument, build_document


class PreparedDocuments:
    """In place of `build_document`: looks up what was analysed; any other article is analysed now."""

    def __init__(self, documents: Iterable[IndexDocument]) -> None:
        self._documents = {document.article_id: document for document in documents}

    def __call__(self, article: Article) -> IndexDocument:
        return self._documents.get(article.id) or build_document(article)


@contextmanager
def without_analysis(documents: Callable[[Article], IndexDocument]) -> Iterator[None]:
    """The writers of this process take their documents from there."""
    with patch("shared.search.analysed.build_document", documents):
        yield


def write_documents_file(path: Path, documents: Iterable[IndexDocument]) -> None:
    path.write_bytes(pickle.dumps(list(documents)))


def main(file: str) -> int:
    with without_analysis(PreparedDocuments(pickle.loads(Path(file).read_bytes()))):
        return indexer.main(["worker"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
