"""Verdicts as the table that is printed and written to docs/relevance.md."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.relevance.judging import Verdict
from bench.relevance.metrics import MEASURES, Difference, paired_difference
from shared.bengali.analyzer import ANALYZER_VERSION

_HEAD: Final = ("set", "documents", "queries", "system", *MEASURES, "Khobor is ahead by", "time", "index")

_PAGE: Final = """\
# Relevance

How well searches find what they should, measured on the product's own engines through the ports that the services
use, beside two baselines that are indexed in the same run: tantivy with its stock tokenizer, and BM25 over the terms of
Lucene's `bengali` analyzer (written again in Python; it gives the terms of Lucene 10.5.1 for 99.9 % of 587,000 words
of news). Analyzer version {version}. This page is written by

    python -m bench.relevance --write{options}

The command ends with an error when a figure of the product lies below its floor (`bench/relevance/floors.json`).

- **nDCG@10** rewards good articles near the top, **MRR@10** is one over the place of the first good one, **R@100** the
  share of the good ones among the first 100.
- **Khobor is ahead by** so much nDCG@10, with its 95 % interval (paired bootstrap, 2,000 resamples). Where it includes
  zero, the set cannot tell the two systems apart.
- **time** is the median for a first page of ten, **index** the size on disk, both relative to the stock tokenizer. The
  baselines give ids only; Khobor also reads the articles of the page from its store, and through HTTP from
  Elasticsearch.
- All documents are published at the same moment, so age never decides.

## Public sets

Made from public data, which lie outside the project (`--data`). Titles, or three of their words, have to find the one
article that they belong to: other papers' articles on the same event count as wrong, so 1.0 cannot be reached. News:
{documents}. *Dictionary form*: words are replaced by their lemmas from a list that is independent of the analyzer.
*Another keyboard*: য়, ড়, ঢ় and ো in the other encoding, digits in the other script.

{public}

## Our own articles

The sample articles of the demo and the queries of `tests/relevance/judgments.jsonl`, graded 1 to 3, by kind of query.
Few queries of each kind: these hold the product to what it can do, they do not compare systems.

{own}
"""
_NOT_THERE: Final = "The public data were not there in this run."


def table(results: Sequence[Sequence[Verdict]]) -> str:
    """A Markdown table. The first verdict on each set is compared with the others; the last but one costs 1."""
    rows = [_HEAD, tuple("---" for _ in _HEAD)]
    for verdicts in results:
        rows.extend((*_set(verdict, verdicts), *_figures(verdict, verdicts)) for verdict in verdicts)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_page(path: Path, results: Sequence[Sequence[Verdict]], options: str) -> None:
    """`options` are those that reproduce it, with a space before each."""
    own = [verdicts for verdicts in results if verdicts[0].judged.key.startswith("own")]
    public = [verdicts for verdicts in results if verdicts not in own]
    path.write_text(
        _PAGE.format(
            version=ANALYZER_VERSION,
            options=options,
            documents=", ".join(dict.fromkeys(_documents(verdicts[0]) for verdicts in public)),
            public=table(public) if public else _NOT_THERE,
            own=table(own),
        ),
        encoding="utf-8",
    )


def _documents(verdict: Verdict) -> str:
    collection = verdict.judged.collection
    return f"{len(collection.articles):,} {collection.name}"


def _set(verdict: Verdict, verdicts: Sequence[Verdict]) -> tuple[str, str, str]:
    if verdict is not verdicts[0]:
        return "", "", ""
    judged = verdict.judged
    return judged.title, f"{len(judged.collection.articles):,}", f"{len(judged.questions):,}"


def _figures(verdict: Verdict, verdicts: Sequence[Verdict]) -> list[str]:
    first, stock = verdicts[0], verdicts[-2]
    difference = "" if verdict is first else _signed(paired_difference(first.scores, verdict.scores))
    size = f"{verdict.index_bytes / stock.index_bytes:.1f}" if verdict.index_bytes and stock.index_bytes else ""
    return [
        verdict.ranker,
        *(f"{verdict.mean(index):.3f}" for index in range(len(MEASURES))),
        difference,
        f"{verdict.latency / stock.latency:.1f}",
        size,
    ]


def _signed(difference: Difference) -> str:
    return f"{difference.mean:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
