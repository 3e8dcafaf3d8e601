"""`python -m bench.analysis`: how fast articles are analysed, beside the normalisers and stemmers of PyPI.

The alternatives are no dependencies of the project: those that are installed are measured, the others are named. To
measure them, install them into an environment that can import this project.

    python -m bench.analysis [--articles FILE.jsonl ...]

Each line of a file is a JSON object with `title` and `body`. Without files the sample articles are read, which are few:
the figure for a cold cache is then far from that of a day's news.
"""

import argparse
import contextlib
import importlib
import io
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from services.cli.demo.articles import read_sample_records
from shared.bengali.analyzer import analyze
from shared.bengali.normalize import normalize
from shared.bengali.stem import stem
from shared.bengali.tokenize import tokenize
from tests.support.bengali_cases import INFLECTED, OTHER_TEXT, OTHER_WORDS, SAME_TEXT

# What is counted as one article: the mean of Bengali news (3,522 articles of three papers).
ARTICLE_CHARACTERS: Final = 2_900
# Slow libraries are measured on the beginning of the text only, for some seconds.
_SECONDS: Final = 4.0
_PASSES: Final = 5


class Library(NamedTuple):
    """A library and how to get its function from text to text; `load` raises ImportError where it is absent."""

    name: str
    load: Callable[[], Callable[[str], Any]]


class Analysed(NamedTuple):
    """Processor seconds of one pass over all articles."""

    cold: float
    warm: float
    warm_with_tokens: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Speed of the Bengali analysis, beside the libraries of PyPI.")
    parser.add_argument("--articles", nargs="*", type=Path, default=[], help="JSONL files with title and body")
    texts = read_texts(parser.parse_args(arguments).articles)
    console = Console(width=100)
    characters = sum(map(len, texts))
    console.print(f"{len(texts)} articles, {characters / len(texts):,.0f} characters each on average")
    console.print(_analysis_table(measure_analysis(texts), characters))
    console.print(_comparison("Normalisers", "Mchar/s", NORMALISERS, texts, SAME_TEXT_PAIRS, OTHER_TEXT))
    words = [token.surface for text in texts for token in tokenize(text)]
    console.print(_comparison("Stemmers", "Mwords/s", STEMMERS, words, _canonical(INFLECTED), _canonical(OTHER_WORDS)))
    return 0


def read_texts(files: Iterable[Path]) -> list[str]:
    """Title and body of each article; of the sample articles when there are no files."""
    records = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [f"{record['title']}\n{record['body']}" for record in records or read_sample_records()]


def measure_analysis(texts: Sequence[str]) -> Analysed:
    """Stems, surfaces and 4-grams of every text, in a process that has analysed nothing yet, and then again."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh_process:
        return fresh_process.submit(_analyse_all, texts).result()


def _analyse_all(texts: Sequence[str]) -> Analysed:
    cold = _seconds(partial(_analyse, texts))
    warm = min(_seconds(partial(_analyse, texts)) for _ in range(_PASSES))
    with_tokens = min(_seconds(partial(_analyse, texts, tokens=True)) for _ in range(_PASSES))
    return Analysed(cold, warm, with_tokens)


def _analyse(texts: Sequence[str], *, tokens: bool = False) -> None:
    for text in texts:
        analyzed = analyze(text)
        _ = analyzed.stems, analyzed.surfaces, analyzed.grams
        if tokens:
            _ = analyzed.tokens


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _analysis_table(seconds: Analysed, characters: int) -> Table:
    table = Table(title="Analysis on one core", title_justify="left")
    for column in ("stems, surfaces, 4-grams", f"articles of {ARTICLE_CHARACTERS:,} characters/s", "Mchar/s"):
        table.add_column(column, justify="left" if column.startswith("stems") else "right")
    for name, spent in zip(
        ("first pass of a new process", "warm", "warm, with places of tokens"), seconds, strict=True
    ):
        table.add_row(name, f"{characters / spent / ARTICLE_CHARACTERS:,.0f}", f"{characters / spent / 1e6:.2f}")
    return table


def _comparison(
    title: str,
    unit: str,
    libraries: Sequence[Library],
    work: Sequence[str],
    same: Sequence[tuple[str, str]],
    other: Sequence[tuple[str, str]],
) -> Table:
    """The first library is ours: the others' speed is given as how many times as fast ours is."""
    table = Table(title=title, title_justify="left")
    for column in ("", "brought together", "kept apart", unit, "ours is faster by"):
        table.add_column(column, justify="left" if not column else "right")
    ours = 0.0
    for library in libraries:
        # One of the stemmers prints on every word.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                function = library.load()
            except ImportError:
                table.add_row(library.name, "not installed")
                continue
            except Exception as error:  # noqa: BLE001 - an alternative may fail in any way; that is a result
                table.add_row(library.name, f"fails: {type(error).__name__}")
                continue
            together = sum(_same(function, *pair) for pair in same)
            apart = sum(not _same(function, *pair) for pair in other)
            speed = _speed(function, work) / 1e6
        ours = ours or speed
        table.add_row(
            library.name,
            f"{together}/{len(same)}",
            f"{apart}/{len(other)}",
            f"{speed:.3f}",
            "" if speed == ours else f"× {ours / speed:,.1f}",
        )
    return table


def _same(function: Callable[[str], Any], one: str, other: str) -> bool:
    result = _answer(function, one)
    return result is not None and result == _answer(function, other)


def _answer(function: Callable[[str], Any], text: str) -> Any:
    try:
        return function(text)
    except Exception:  # noqa: BLE001 - some raise on ordinary words; that is no answer
        return None


def _speed(function: Callable[[str], Any], work: Sequence[str]) -> float:
    """Characters of text, or words where `work` is words, per processor second."""
    count = 0
    words = all(len(item.split()) == 1 for item in work[:10])
    start = time.process_time()
    for item in work:
        _answer(function, item)
        count += 1 if words else len(item)
        if time.process_time() - start > _SECONDS:
            break
    return count / (time.process_time() - start)


def _canonical(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(normalize(one), normalize(other)) for one, other in pairs]


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _word_by_word(function: Callable[[str], Any]) -> Callable[[str], str]:
    return lambda text: " ".join(str(function(word)) for word in text.split())


def _bnunicodenormalizer() -> Callable[[str], Any]:
    normalizer = _module("bnunicodenormalizer").Normalizer()
    return _word_by_word(lambda word: normalizer(word)["normalized"])


def _indic_nlp() -> Callable[[str], Any]:
    factory = _module("indicnlp.normalize.indic_normalize").IndicNormalizerFactory()
    return factory.get_normalizer("bn").normalize  # type: ignore[no-any-return]


def _bkit_normalizer() -> Callable[[str], Any]:
    return _module("bkit").transform.Normalizer(  # type: ignore[no-any-return]
        normalize_characters=True,
        normalize_zw_characters=True,
        normalize_halant=True,
        normalize_vowel_kar=True,
        normalize_punctuation_spaces=True,
    )


def _bangla_nlpkit() -> Callable[[str], Any]:
    return _module("bangla_nlpkit.normalizer").normalize  # type: ignore[no-any-return]


def _unicodedata(form: str) -> Callable[[str], Any]:
    return partial(_module("unicodedata").normalize, form)


def _bangla_stemmer() -> Callable[[str], Any]:
    return _module("bangla_stemmer.stemmer.stemmer").BanglaStemmer().stem  # type: ignore[no-any-return]


def _bn_stemmer() -> Callable[[str], Any]:
    return _module("stemmer").BanglaStemmer().stem  # type: ignore[no-any-return]


def _py_bangla_stemmer() -> Callable[[str], Any]:
    return _module("py_bangla_stemmer").BanglaStemmer().stem  # type: ignore[no-any-return]


def _bangla_text_toolkit() -> Callable[[str], Any]:
    return _module("bangla_text_toolkit.stemmer").BanglaStemmer().stem  # type: ignore[no-any-return]


def _bkit_stemmer() -> Callable[[str], Any]:
    return _module("bkit").stemmer.SimpleStemmer().word_stemmer  # type: ignore[no-any-return]


SAME_TEXT_PAIRS: Final = tuple((one, other) for _, one, other in SAME_TEXT)
NORMALISERS: Final = (
    Library("Khobor", lambda: normalize),
    Library("Python NFC", partial(_unicodedata, "NFC")),
    Library("Python NFKC", partial(_unicodedata, "NFKC")),
    Library("bnunicodenormalizer", _bnunicodenormalizer),
    Library("indic-nlp-library", _indic_nlp),
    Library("bkit", _bkit_normalizer),
    Library("bangla-nlpkit", _bangla_nlpkit),
)
STEMMERS: Final = (
    Library("Khobor", lambda: stem),
    Library("bangla-stemmer", _bangla_stemmer),
    Library("bn-stemmer", _bn_stemmer),
    Library("py-bangla-stemmer", _py_bangla_stemmer),
    Library("bangla-text-toolkit", _bangla_text_toolkit),
    Library("bkit", _bkit_stemmer),
)

if __name__ == "__main__":
    sys.exit(main())
