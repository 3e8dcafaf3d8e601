"""`python -m bench.relevance`: judge the product's searches beside two baselines, and hold them to the floors."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from bench.relevance.baselines import LuceneChain, StockTokenizer
from bench.relevance.floors import read_floors, shortfalls
from bench.relevance.judged import JudgedSet, Ranker
from bench.relevance.judging import Verdict, judge
from bench.relevance.own_set import own_sets
from bench.relevance.product import ElasticsearchProduct, EmbeddedProduct
from bench.relevance.public_sets import PublicData
from bench.relevance.report import table, write_page

_ROOT: Final = Path(__file__).resolve().parents[2]
_PAGE: Final = _ROOT / "docs/relevance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 1 when a figure of the product lies below its floor, else 0."""
    options = _parser().parse_args(arguments)
    # The engines say what they do; here the table is what is wanted.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    products: list[Callable[[], Ranker]] = [EmbeddedProduct]
    if options.elasticsearch:
        products.append(partial(ElasticsearchProduct, options.elasticsearch))
    results = _judge(_sets(options), products)
    print(table(results))
    if options.write:
        write_page(_PAGE, results, _reproducing(options))
    below = shortfalls((verdict for verdicts in results for verdict in verdicts[: len(products)]), read_floors())
    for line in below:
        print(f"below the floor: {line}", file=sys.stderr)
    return 1 if below else 0


def _judge(sets: Iterator[JudgedSet], products: Sequence[Callable[[], Ranker]]) -> list[list[Verdict]]:
    results = []
    for verdicts in judge(sets, [*products, StockTokenizer, LuceneChain]):
        results.append(verdicts)
        first = verdicts[0]
        print(f"{first.judged.key}: {first.mean(0):.4f}, {first.latency * 1000:.1f} ms", file=sys.stderr, flush=True)
    return results


def _sets(options: argparse.Namespace) -> Iterator[JudgedSet]:
    wanted = set(options.sets)
    yield from (judged for judged in own_sets() if not wanted or judged.key in wanted)
    data = PublicData(options.data)
    if not data.is_there:
        print(f"no public data in {options.data}: only our own set is judged", file=sys.stderr)
        return
    yield from data.sets(wanted, sample=options.sample)


def _reproducing(options: argparse.Namespace) -> str:
    sampled = f" --sample {options.sample}" if options.sample else ""
    return sampled + (" --elasticsearch URL" if options.elasticsearch else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.relevance", description=__doc__)
    parser.add_argument("sets", nargs="*", help="keys of the sets to judge, such as news, K3+blog or own-words; all")
    parser.add_argument("--data", type=Path, default=_ROOT.parent / "shared/data", help="folder of the public data")
    parser.add_argument("--sample", type=int, help="ask at most so many questions of each public set")
    parser.add_argument("--elasticsearch", metavar="URL", help="judge that engine as well, on this server")
    parser.add_argument("--write", action="store_true", help=f"write the table to {_PAGE.relative_to(_ROOT)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
