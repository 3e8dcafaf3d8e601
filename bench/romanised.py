"""`python -m bench.romanised`: how well and how fast words in Latin letters are read as words of an index.

    python -m bench.romanised [--data FOLDER] [--documents 20000] [--elasticsearch URL]

Reads `tests/relevance/romanised.tsv` with the vocabulary of a real index, of the embedded engine and, with a URL, of
Elasticsearch. Without the public data the index holds the sample articles, which lack most of the words.
"""

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from pydantic import AnyUrl
from rich.console import Console
from rich.table import Table

from bench.relevance.judged import PUBLISHED
from bench.relevance.own_set import own_sets
from bench.relevance.public_sets import PublicData
from shared.bengali.analyzer import analyze
from shared.events import Article
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.model import ArticleChange, SearchRequest
from shared.search.ports import ArticleReader, ArticleWriter
from shared.search.query_language import parse_query
from shared.search.vocabulary import LOOK_SECONDS
from shared.settings import IndexSettings

_ROOT: Final = Path(__file__).resolve().parents[1]
_LIST: Final = _ROOT / "tests/relevance/romanised.tsv"
_BATCH: Final = 500
_NOW: Final = PUBLISHED + timedelta(days=365)
_PASSES: Final = 3
# The name that is published while the clock runs; no word of any collection sounds like it.
_NEW_NAME: Final = ("kwizatrolf", "ক্বিজাত্রোল্ফ")
_LONGEST_WAIT: Final = 6 * LOOK_SECONDS


class Pair(NamedTuple):
    """What is typed, what is meant; `kind` is the name of its list."""

    kind: str
    latin: str
    bengali: str


class Opened(NamedTuple):
    """An engine with its documents in it."""

    name: str
    writer: ArticleWriter
    reader: ArticleReader


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    articles = list(islice(_articles(options.data), options.documents))
    pairs = read_pairs()
    console = Console(width=110)
    console.print(f"{len(articles):,} documents, {len(pairs)} queries in Latin letters")
    with embedded(articles) as engine:
        _report(console, engine, pairs)
    if options.elasticsearch:
        with elasticsearch(options.elasticsearch, articles) as engine:
            _report(console, engine, pairs)
    return 0


def read_pairs() -> list[Pair]:
    return [Pair(*line.split("\t")) for line in _LIST.read_text(encoding="utf-8").splitlines()]


def is_read_right(pair: Pair, readings: dict[str, tuple[str, ...]], most: int) -> bool:
    """Whether every word is read as what is meant, its `most` likeliest readings taken; forms of a word are one.

    What is searched are stems. Two words that were read as one count as that one.
    """
    return _matches(pair.latin.split(), [_stem(word) for word in pair.bengali.split()], readings, most)


def _matches(typed: list[str], meant: list[str], readings: dict[str, tuple[str, ...]], most: int) -> bool:
    if not typed or not meant:
        return not typed and not meant
    for taken in (2, 1):
        words = readings.get(" ".join(typed[:taken]), ()) if len(typed) >= taken else ()
        if words:
            found = meant[0] in [_stem(word) for word in words[:most]]
            return found and _matches(typed[taken:], meant[1:], readings, most)
    return False


def _stem(word: str) -> str:
    return "".join(analyze(word).stems)


def _report(console: Console, engine: Opened, pairs: Sequence[Pair]) -> None:
    learnt = _seconds_until_read(engine, "bangladesh")
    table = Table(title=f"{engine.name}: words known after {learnt:.1f} s", title_justify="left")
    for column in ("list", "queries", "read right", "among five", "search, ms: median", "99 %", "processor ms"):
        table.add_column(column, justify="left" if column == "list" else "right")
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        chosen = [pair for pair in pairs if pair.kind == kind]
        read = [(pair, _readings(engine, pair.latin)) for pair in chosen]
        times, processor = _milliseconds(engine, [pair.latin for pair in chosen])
        table.add_row(
            kind,
            str(len(chosen)),
            *(f"{statistics.mean(is_read_right(*each, most) for each in read):.1%}" for most in (1, 5)),
            f"{statistics.median(times):.1f}",
            f"{times[int(0.99 * len(times))]:.1f}",
            f"{processor:.1f}",
        )
    console.print(table)
    plain, processor = _milliseconds(engine, [pair.bengali for pair in pairs])
    median = statistics.median(plain)
    console.print(f"all of them in Bengali letters: median {median:.1f} ms, {processor:.1f} ms of this process")
    for kind in ("words", "survey", "phrases"):
        wrong = [
            pair for pair in pairs if pair.kind == kind and not is_read_right(pair, _readings(engine, pair.latin), 1)
        ]
        console.print(f"not read right, {kind}: {', '.join(pair.latin for pair in wrong)}")
    console.print(f"a new name can be typed in Latin letters {_freshness(engine):.1f} s after it can be searched")


def _freshness(engine: Opened) -> float:
    """Seconds from the moment an article can be found by its title until its romanised title finds it."""
    latin, name = _NEW_NAME
    _publish(engine.writer, [Article(id="new-name", version=1, title=name, body=name, published_at=_NOW)])
    return _seconds_until_read(engine, latin)


def _seconds_until_read(engine: Opened, latin: str) -> float:
    start = time.monotonic()
    while not _readings(engine, latin):
        if time.monotonic() - start > _LONGEST_WAIT:
            raise TimeoutError(f"{engine.name} does not read {latin}")
        time.sleep(0.05)
    return time.monotonic() - start


def _readings(engine: Opened, text: str) -> dict[str, tuple[str, ...]]:
    return dict(engine.reader.search(_request(text)).readings)


def _milliseconds(engine: Opened, texts: Sequence[str]) -> tuple[list[float], float]:
    """How long each search takes, sorted, and the mean processor time of this thread, which other load cannot blur."""
    times = []
    processor = time.thread_time()
    for request in map(_request, list(texts) * _PASSES):
        start = time.perf_counter()
        engine.reader.search(request)
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times), (time.thread_time() - processor) * 1000 / len(times)


def _request(text: str) -> SearchRequest:
    return SearchRequest(query=parse_query(text, now=_NOW), now=_NOW)


def _articles(folder: Path) -> Iterator[Article]:
    data = PublicData(folder)
    if not data.is_there:
        yield from own_sets()[0].collection.articles
        return
    collections = {judged.collection.name: judged.collection for judged in data.sets(("K3", "TyDi"))}
    yield from chain.from_iterable(collection.articles for collection in collections.values())


def _publish(writer: ArticleWriter, articles: Sequence[Article]) -> None:
    for start in range(0, len(articles), _BATCH):
        writer.apply([ArticleChange(each.id, each.version, each) for each in articles[start : start + _BATCH]])
    writer.make_searchable()


@contextmanager
def embedded(articles: Sequence[Article]) -> Iterator[Opened]:
    with tempfile.TemporaryDirectory(prefix="khobor-romanised-") as name:
        folder = Path(name)
        with closing(EmbeddedArticleWriter(folder)) as writer, closing(EmbeddedArticleReader(folder)) as reader:
            _publish(writer, articles)
            yield Opened("embedded", writer, reader)


@contextmanager
def elasticsearch(url: str, articles: Sequence[Article]) -> Iterator[Opened]:
    settings = IndexSettings(
        elasticsearch_url=AnyUrl(url),
        index_prefix=f"romanised-{uuid.uuid4().hex[:12]}",
        elasticsearch_timeout=timedelta(minutes=1),
    )
    client = open_client(settings)
    writer = ElasticsearchArticleWriter(client, settings)
    with closing(ElasticsearchArticleReader(client, settings)) as reader:
        try:
            _publish(writer, articles)
            yield Opened("Elasticsearch", writer, reader)
        finally:
            for index in client.indices.get(index=f"{settings.index_prefix}-*"):
                client.indices.delete(index=index)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.romanised", description=__doc__)
    parser.add_argument("--data", type=Path, default=_ROOT.parent / "shared/data", help="folder of the public data")
    parser.add_argument("--documents", type=int, default=20_000, help="how many documents to index")
    parser.add_argument("--elasticsearch", metavar="URL", help="measure that engine as well, on this server")
    return parser


if __name__ == "__main__":
    sys.exit(main())
