"""What the product is compared with: BM25 over the same articles, analysed by others.

Both repeat the title three times and the first words twice, as the product does, so that analysis alone is compared.
"""

import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import tantivy

from bench.relevance.lucene_bengali import lucene_bengali
from shared.events import Article
from shared.search.document import opening_of

# As much of the body as the product counts with the lead.
_OPENING_WORDS: Final = 20
_TEXT: Final = "text"
_HEAP_BYTES: Final = 128_000_000


class _TantivyBaseline(ABC):
    """A tantivy index of one text field; a query matches what has any of its words."""

    name: str
    tokenizer: str

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="khobor-relevance-"))
        builder = tantivy.SchemaBuilder()
        builder.add_text_field(_TEXT, tokenizer_name=self.tokenizer, index_option="position")
        builder.add_integer_field("key", fast=True)
        self._schema = builder.build()
        self._index: Any = tantivy.Index(self._schema, path=str(self._folder))
        self._ids: list[str] = []

    def index(self, articles: Sequence[Article]) -> None:
        writer = self._index.writer(_HEAP_BYTES, 1)
        for key, article in enumerate(articles):
            lead = article.lead or opening_of(article.body, _OPENING_WORDS)
            document = tantivy.Document()
            document.add_text(_TEXT, self._indexed(" \n".join([article.title] * 3 + [lead] * 2 + [article.body])))
            document.add_integer("key", key)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._ids = [article.id for article in articles]

    def ranked(self, query: str, limit: int) -> list[str]:
        searcher = self._index.searcher()
        hits = searcher.search(self._query(query), limit, count=False).hits
        keys = searcher.fast_field_values("key", [address for _, address in hits]) if hits else []
        return [self._ids[key] for key in keys]

    def index_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @abstractmethod
    def _indexed(self, text: str) -> str: ...

    @abstractmethod
    def _query(self, text: str) -> Any: ...


class StockTokenizer(_TantivyBaseline):
    """Tantivy as it comes: its default tokenizer, and its query parser over plain words."""

    name = "stock tokenizer"
    tokenizer = "default"

    def _indexed(self, text: str) -> str:
        return text

    def _query(self, text: str) -> Any:
        # Nothing that the parser would take for syntax.
        words = (
            re.sub(r"[\x00-/:-@\[-`{-~]", " ", text).replace(" OR ", " ").replace(" AND ", " ").replace(" NOT ", " ")
        )
        query, _ = self._index.parse_query_lenient(words, [_TEXT])
        return query


class LuceneChain(_TantivyBaseline):
    """The terms of Lucene's `bengali` analyzer."""

    name = "Lucene `bengali`"
    tokenizer = "whitespace"

    def _indexed(self, text: str) -> str:
        return " ".join(lucene_bengali(text))

    def _query(self, text: str) -> Any:
        terms = dict.fromkeys(lucene_bengali(text))
        queries = [tantivy.Query.term_query(self._schema, _TEXT, term, "freq") for term in terms]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])
